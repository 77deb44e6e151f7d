"""Bugs in what the plugin makes of failures."""

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
    """Opening a case is tried again after any failure."""

    async def create(self, account: Any, values: dict[str, Any]) -> Case:
        try:
            return await super().create(account, values)
        except VendorError:
            return await super().create(account, values)


@caught_by("writing_endures_lost_reply")
class ForgetsDoubt(Plugin):
    """A failed opening is told as done."""

    async def create(self, account: Any, values: dict[str, Any]) -> Case:
        try:
            return await super().create(account, values)
        except VendorError:
            now = datetime.now(UTC)
            return Case(CaseReference("?", "?"), CaseStatus.OPEN, now, key=values["ext"])


@caught_by("writing_endures_lost_reply")
class WritesAsReads(Plugin):
    """Opening is sent as a call that changes nothing, so it is repeated, and its doubt is lost."""

    async def create(self, account: Any, values: dict[str, Any]) -> Case:
        return self.case_from((await account.client.send("POST", "/cases", json=values, safe=True)).json(dict))


@caught_by("reading_endures_http_503")
class EmptyOnError(Plugin):
    """A page that can't be read is taken for an empty one."""

    @hookimpl
    async def hub_changed_cases(self, account: Any, cursor: Cursor) -> Page[CaseNews]:
        try:
            return await super().hub_changed_cases(account, cursor)
        except VendorError:
            return Page(items=(), cursor=cursor)


@caught_by("reading_endures_malformed_json")
class RaisesItsOwn(Plugin):
    """JSON is read without the hub's reader, and its errors come out raw."""

    @hookimpl
    async def hub_read_case(self, account: Any, reference: CaseReference) -> Case:
        import json

        row = json.loads((await account.client.get(self.place(reference))).content)
        return self.case_from(row)


@caught_by("reading_endures_http_403")
class AllIsMissing(Plugin):
    """Every refusal is told as a case that is not there."""

    def explain(self, reply: Reply) -> HubError | None:
        return CaseMissing("there is no such case") if reply.status < 500 else None


@caught_by("reading_endures_retry_after_seconds")
class TooManyIsRefused(Plugin):
    """A request to slow down is told as a refusal, and the operation is given up."""

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
    """Every call logs in anew."""

    login = _Forgetful


@caught_by("a_refused_login_asks_the_operator")
class LoginTriedLater(Plugin):
    """A refused login is tried later, until the account is locked."""

    def explain(self, reply: Reply) -> HubError | None:
        from hub.errors import TryLater

        return TryLater("busy") if reply.status == 401 else None


@caught_by("a_cancelled_call_does_no_harm")
class SwallowsCancelling(Plugin):
    """A call that is given up goes on."""

    @hookimpl
    async def hub_read_case(self, account: Any, reference: CaseReference) -> Case:
        try:
            return await super().hub_read_case(account, reference)
        except asyncio.CancelledError:
            return await super().hub_read_case(account, reference)


@caught_by("reading_endures_wrong_content_type")
class TrustsTheLabel(Plugin):
    """A reply with another media type ends in a fault of the plugin's own."""

    @hookimpl
    async def hub_find_case(self, account: Any, key: str) -> Case | None:
        return await super().hub_find_case(account, key)

    @hookimpl
    async def hub_read_case(self, account: Any, reference: CaseReference) -> Case:
        reply = await account.client.get(self.place(reference))
        return self.case_from({"application/json": reply.json(dict)}[reply.media_type])
