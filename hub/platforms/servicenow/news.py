"""The stream of case news, read by (sys_updated_on, sys_id), with the timeline of each changed case."""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple

from hub.errors import CaseMissing, VendorMisbehaved
from hub.model import AnyAccount, CaseNews, Cursor, Page, Quarantined
from hub.platforms.servicenow import activities, cases, wire
from hub.platforms.stream import StreamState, advance, fresh, seen_row, stream
from hub.platforms.texts import text
from hub.platforms.words import VendorWords


class ChangedPage(NamedTuple):
    """One page: the records that have news, those without a usable place, and the stream."""

    records: tuple[wire.Record, ...]
    bad: tuple[Quarantined, ...]
    state: StreamState
    over: bool


async def read_page(account: AnyAccount, path: str, params: dict[str, Any], where: str, saved: Cursor) -> ChangedPage:
    """The next page of a list behind what was saved; `where` narrows it."""
    settings = account.settings
    state = stream(saved, int(settings.history_from.timestamp()) if settings.history_from else 0)
    parts = (where, wire.behind(state.begin), "ORDERBYsys_updated_on", "ORDERBYsys_id")
    page = await wire.listed(account, path, {**params, "sysparm_query": "^".join(filter(None, parts))})
    placed, bad = [], []
    for row in page.records:
        try:
            at, ident = wire.moment(row, "sys_updated_on"), text(row, "sys_id")
            if at is None or not ident:
                raise VendorMisbehaved("a record lacks its id or its time of change")
            placed.append((row, seen_row(int(at.timestamp()), ident, row)))
        except VendorMisbehaved as error:
            bad.append(Quarantined(reference=str(row.get("number"))[:40], reason=error.message))
    marks = [mark for _, mark in placed]
    new = tuple(row for (row, _), is_new in zip(placed, fresh(state, marks), strict=True) if is_new)
    state, over = advance(state, marks, date=page.date, overlap=settings.overlap_seconds)
    return ChangedPage(new, tuple(bad), state, over)


async def changed_cases(account: AnyAccount, cursor: Cursor, words: VendorWords) -> Page[CaseNews]:
    """One page of changed cases."""
    settings = account.settings
    where = f"account={settings.account_sys_id}" if settings.account_sys_id else ""
    read = await read_page(account, wire.CASE, cases.params(settings, ""), where, cursor)
    # a filter that the instance can't use is ignored, so that rows of others may be shown
    ours = [
        row
        for row in read.records
        if not settings.account_sys_id or wire.reference(row, "account") in {"", settings.account_sys_id}
    ]
    told_of = await asyncio.gather(*(_news(account, row, words) for row in ours))
    items = tuple(one for one in told_of if isinstance(one, CaseNews))
    bad = read.bad + tuple(one for one in told_of if isinstance(one, Quarantined))
    return Page(items=items, cursor=read.state.plain(), more=not read.over, quarantined=bad)


async def _news(account: AnyAccount, row: wire.Record, words: VendorWords) -> CaseNews | Quarantined | None:
    try:
        case = cases.case_from(row, account.settings, words)
        if account.settings.comments_of == "keyed" and not case.key:
            return CaseNews(reference=case.reference, case=case)
        said, files = await activities.read(account, case.reference.id)
    except CaseMissing:
        return None  # hidden or deleted since the page was read
    except VendorMisbehaved as error:
        return Quarantined(reference=str(row.get("number"))[:40], reason=error.message)
    return CaseNews(reference=case.reference, case=case, comments=said, attachments=files)
