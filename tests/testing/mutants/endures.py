"""Bugs in the plugin's handling of failures."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from hub import hookimpl
from hub.errors import CaseMissing, CaseRefused, HubError, VendorError
from hub.http import Reply
from hub.model import Case, CaseNews, CaseReference, CaseStatus, Cursor, Page
from tests.testing.mutants.known import caught_by
from tests.testing.quirk import Login, Plugin


@caught_by("writing_endures_http_503")
class RetriesCreate(Plugin):
    """Opening a case is retried after any failure."""

    async def create(self, account: Any, values: dict[str, Any]) -> Case:
        try:
            return await super().create(account, values)
        except VendorError:
            return await super().create(account, values)


@caught_by("writing_endures_lost_reply")
class ForgetsDoubt(Plugin):
    """A failure to open a case is reported as success."""

    async def create(self, account: Any, values: dict[str, Any]) -> Case:
        try:
            return await super().create(account, values)
        except VendorError:
            now = datetime.now(UTC)
            return Case(CaseReference("?", "?"), CaseStatus.OPEN, now, key=values["ext"])


@caught_by("writing_endures_lost_reply")
class WritesAsReads(Plugin):
    """Opening a case is sent as a read, so that it is retried and never in doubt."""

    async def create(self, account: Any, values: dict[str, Any]) -> Case:
        return self.case_from((await account.client.send("POST", "/cases", json=values, safe=True)).json(dict))


@caught_by("reading_endures_http_503")
class EmptyOnError(Plugin):
    """A page that can't be read is treated as empty."""

    @hookimpl
    async def hub_changed_cases(self, account: Any, cursor: Cursor) -> Page[CaseNews]:
        try:
            return await super().hub_changed_cases(account, cursor)
        except VendorError:
            return Page(items=(), cursor=cursor)


@caught_by("reading_endures_malformed_json")
class RaisesItsOwn(Plugin):
    """JSON is parsed without the hub's reader, so its errors are not translated."""

    @hookimpl
    async def hub_read_case(self, account: Any, reference: CaseReference) -> Case:
        import json

        row = json.loads((await account.client.get(self.place(reference))).content)
        return self.case_from(row)


@caught_by("reading_endures_http_403")
class AllIsMissing(Plugin):
    """Every refusal is reported as a missing case."""

    def explain(self, reply: Reply) -> HubError | None:
        return CaseMissing("there is no such case") if reply.status < 500 else None


@caught_by("reading_endures_retry_after_seconds")
class TooManyIsRefused(Plugin):
    """A rate limit is reported as a refusal, so the operation is given up."""

    def explain(self, reply: Reply) -> HubError | None:
        return CaseRefused("too many requests") if reply.status == 429 else None


class _Impatient(Login):
    def is_refused(self, reply: Reply) -> bool:
        return False


@caught_by("an_expired_login_is_renewed")
class NeverLogsInAgain(Plugin):
    """An expired login is not renewed."""

    login = _Impatient


class _Forgetful(Login):
    def read_token(self, reply: Reply) -> tuple[str, float | None]:
        return super().read_token(reply)[0], 0.0


@caught_by("concurrent_calls_share_a_login")
class LogsInEachTime(Plugin):
    """Every call logs in again."""

    login = _Forgetful


@caught_by("a_refused_login_asks_the_operator")
class LoginTriedLater(Plugin):
    """A refused login is retried later, until the account is locked."""

    def explain(self, reply: Reply) -> HubError | None:
        from hub.errors import TryLater

        return TryLater("busy") if reply.status == 401 else None


@caught_by("a_cancelled_call_does_no_harm")
class SwallowsCancelling(Plugin):
    """A cancelled call continues."""

    @hookimpl
    async def hub_read_case(self, account: Any, reference: CaseReference) -> Case:
        try:
            return await super().hub_read_case(account, reference)
        except asyncio.CancelledError:
            return await super().hub_read_case(account, reference)


@caught_by("reading_endures_wrong_content_type")
class TrustsTheLabel(Plugin):
    """A reply with another media type causes an internal error in the plugin."""

    @hookimpl
    async def hub_find_case(self, account: Any, key: str) -> Case | None:
        return await super().hub_find_case(account, key)

    @hookimpl
    async def hub_read_case(self, account: Any, reference: CaseReference) -> Case:
        reply = await account.client.get(self.place(reference))
        return self.case_from({"application/json": reply.json(dict)}[reply.media_type])
