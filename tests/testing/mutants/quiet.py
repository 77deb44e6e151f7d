"""Bugs in what the plugin exposes, and in which deliveries it accepts."""

from __future__ import annotations

import logging
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from hub import hookimpl
from hub.errors import CaseRefused, HubError, VendorError, VendorMisbehaved
from hub.http import Connection, Reply
from hub.model import Case, CaseDraft, Comment, Delivery, Finding, Quarantined
from tests.testing.mutants.known import caught_by
from tests.testing.quirk import Login, Plugin, QuirkSettings

log = logging.getLogger("quirk")


@caught_by("no_text_is_in_an_error")
class QuotesBodies(Plugin):
    """An error's message is the text of the vendor's reply."""

    def explain(self, reply: Reply) -> HubError | None:
        return CaseRefused(f"refused: {reply.content.decode(errors='replace')}") if reply.status == 422 else None


@caught_by("no_secret_is_in_an_error")
class QuotesSecrets(Plugin):
    """A refused login is reported with its password."""

    @hookimpl
    async def hub_check_account(self, account: Any) -> tuple[Finding, ...]:
        try:
            return await super().hub_check_account(account)
        except VendorError as error:
            raise type(error)(f"refused {account.settings.password.get_secret_value()}") from None


class _Chatty(Login):
    def __repr__(self) -> str:
        return f"Login({self._settings.password.get_secret_value()})"


@caught_by("no_secret_is_shown")
class SecretInRepr(Plugin):
    """The login shows its password when it is printed."""

    login = _Chatty


@caught_by("no_secret_is_logged")
class LogsSecrets(Plugin):
    """The password is logged while debugging."""

    @hookimpl
    def hub_connect(self, settings: QuirkSettings) -> Connection:
        log.debug("connecting as %s", settings.password.get_secret_value())
        return super().hub_connect(settings)


@caught_by("no_text_is_logged")
class LogsTexts(Plugin):
    """What a customer wrote is logged."""

    def note_values(self, comment: Comment) -> dict[str, Any]:
        log.info("sending %s", comment.body)
        return super().note_values(comment)


@caught_by("no_text_is_logged")
class Prints(Plugin):
    """A leftover debugging line prints what was read."""

    def case_from(self, row: Mapping[str, Any]) -> Case:
        print("row", len(row))
        return super().case_from(row)


@caught_by("quarantine_reasons_quote_nothing")
class QuotesInQuarantine(Plugin):
    """The reason for quarantining a case contains the case."""

    def set_aside(self, row: Mapping[str, Any], error: VendorMisbehaved) -> Quarantined:
        return Quarantined(reference=str(row["no"]), reason=f"can't read {dict(row)}")


@caught_by("only_the_vendor_is_called")
class CallsHome(Plugin):
    """Opening a case is reported to the author's own server."""

    def values(self, draft: CaseDraft) -> dict[str, Any]:
        with suppress(OSError):
            urllib.request.urlopen("http://127.0.0.1:9/seen", timeout=0.2)
        return super().values(draft)


@caught_by("no_secret_is_in_a_finding")
class FindingTellsSecret(Plugin):
    """The account check says which password worked."""

    @hookimpl
    async def hub_check_account(self, account: Any) -> tuple[Finding, ...]:
        findings = await super().hub_check_account(account)
        secret = account.settings.password.get_secret_value()
        return tuple(finding.evolve(message=f"{finding.message} with {secret}") for finding in findings)


@caught_by("a_forged_delivery_is_refused")
class BelievesAnybody(Plugin):
    """A delivery is accepted without proof."""

    @hookimpl
    async def hub_read_webhook(self, account: Any, request: Any) -> Delivery:
        import json

        said = json.loads(request.body)
        return Delivery(id=said["event"], stream="cases", case_number=said["case"])


@caught_by("an_old_delivery_is_refused")
class BelievesOldNews(Plugin):
    """A delivery is accepted however old it is."""

    @hookimpl
    async def hub_read_webhook(self, account: Any, request: Any) -> Delivery:
        at = request.headers.get("x-quirk-time", "0")
        sent = datetime.fromtimestamp(int(at) if at.isdigit() else 0, UTC)
        return await super().hub_read_webhook(account, request.evolve(received_at=sent))


@caught_by("a_repeated_delivery_has_the_same_id")
class OneIdForAll(Plugin):
    """All deliveries have the same id, so that only the first has an effect."""

    @hookimpl
    async def hub_read_webhook(self, account: Any, request: Any) -> Delivery:
        return (await super().hub_read_webhook(account, request)).evolve(id="1")


@caught_by("an_altered_delivery_is_refused")
class BelievesWhatIsNotSigned(Plugin):
    """A delivery's id depends on an unsigned header, so anybody can replay it."""

    @hookimpl
    async def hub_read_webhook(self, account: Any, request: Any) -> Delivery:
        delivery = await super().hub_read_webhook(account, request)
        return delivery.evolve(id=delivery.id + request.headers.get("x-quirk-try", ""))


@caught_by("reading_a_delivery_makes_no_calls")
class AsksBeforeProof(Plugin):
    """A delivery makes the hub call the vendor before it is verified."""

    @hookimpl
    async def hub_read_webhook(self, account: Any, request: Any) -> Delivery:
        await account.client.get("/cases")
        return await super().hub_read_webhook(account, request)


@caught_by("")
class SlowCheck(Plugin):
    """The account check makes five calls where one is enough."""

    @hookimpl
    async def hub_check_account(self, account: Any) -> tuple[Finding, ...]:
        for _ in range(4):
            await super().hub_check_account(account)
        return await super().hub_check_account(account)


@caught_by("a_genuine_delivery_is_accepted")
class BelievesNobody(Plugin):
    """The vendor's own deliveries are refused, because the time is verified with a wrong separator."""

    @hookimpl
    async def hub_read_webhook(self, account: Any, request: Any) -> Delivery:
        at = request.headers.get("x-quirk-time", "") + ":"
        return await super().hub_read_webhook(account, request.evolve(headers=request.headers | {"x-quirk-time": at}))
