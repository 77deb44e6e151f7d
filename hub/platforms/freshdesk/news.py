"""The stream of changed tickets, ordered by their time of change, which is all that the list can be asked by.

Each page is the first of all that changed since the last one's newest time, so that no offset can slip. Only where more
than a page changed in one second are further pages asked for; then the page before is read again, as a ticket that
leaves that second moves all behind it one place up.

Source: airbytehq/airbyte issue 6133: a list ends at page 300, and is to be begun again from the newest time.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import NamedTuple

from hub.errors import CaseMissing, VendorMisbehaved
from hub.http import Reply
from hub.model import AnyAccount, CaseNews, Cursor, Page, Quarantined
from hub.platforms import texts
from hub.platforms.freshdesk import cases, talk, wire
from hub.platforms.freshdesk.settings import Settings
from hub.platforms.freshdesk.words import StatusNames, names
from hub.platforms.stream import Position, SeenRow, advance, fresh, seen_row, stream, unsettled
from hub.platforms.texts import moment
from hub.platforms.words import VendorWords

_START = Position(-1)
_TIME = "%Y-%m-%dT%H:%M:%SZ"


class ChangedPage(NamedTuple):
    """One page: the records that have news, those without a usable place, and the cursor."""

    records: tuple[wire.Record, ...]
    bad: tuple[Quarantined, ...]
    cursor: Cursor
    over: bool


async def changed_cases(account: AnyAccount, cursor: Cursor, words: VendorWords) -> Page[CaseNews]:
    """One page of changed tickets with their comments and files."""
    read = await read_page(account, cursor)
    told_words = await names(account, words, *(row.get("status") for row in read.records))
    told_of = await asyncio.gather(*(_news(account, row, told_words) for row in read.records))
    items = tuple(one for one in told_of if isinstance(one, CaseNews))
    bad = read.bad + tuple(one for one in told_of if isinstance(one, Quarantined))
    return Page(items=items, cursor=read.cursor, more=not read.over, quarantined=bad)


async def read_page(account: AnyAccount, cursor: Cursor) -> ChangedPage:
    """The next page behind what was saved."""
    settings: Settings = account.settings
    state = stream(cursor, int(settings.history_from.timestamp()) if settings.history_from else 0)
    page, before = int(cursor.get("page", 1)), set(cursor.get("before", ()))
    # a place that has an id was passed when its second was over: nothing of that second is to come
    since = state.at.at if state.at else state.floor.at + bool(state.floor.id)
    reply = await _listed(account, since, page)
    told_rows = wire.rows(reply)
    rows, bad = _placed(told_rows)
    marks = [mark for _, mark in rows]
    if [mark.at for mark in marks] != sorted(mark.at for mark in marks):
        raise VendorMisbehaved("the tickets of a page are not in order of time", next_step="tell the vendor")
    if page > 1:
        rows += await _slipped(account, since, page - 1, before | {mark.id for mark in marks})
    new = tuple(row for (row, _), one in zip(rows, fresh(state, [m for _, m in rows]), strict=True) if one)
    state = unsettled(state, marks, reply.date)
    if rows:
        every = sorted((mark for _, mark in rows), key=lambda mark: mark.at)
        state, _ = advance(state._replace(at=_START), every, date=None, overlap=0)
    if not wire.goes_on(reply, len(told_rows), settings.page_size):
        rest = state._replace(at=None)
        state, _ = advance(rest, (), date=reply.date, overlap=settings.overlap_seconds)
        return ChangedPage(new, bad, state.plain(), over=True)
    if before and before >= {mark.id for mark in marks}:
        raise VendorMisbehaved("a page of tickets is told twice", next_step="tell the vendor")
    newest = marks[-1].at if marks else since
    if newest > since:
        return ChangedPage(new, bad, state._replace(at=Position(newest)).plain(), over=False)
    if page < wire.MOST_PAGES:
        more = {"page": page + 1, "before": [mark.id for mark in marks]}
        return ChangedPage(new, bad, state._replace(at=Position(since)).plain() | more, over=False)
    reason = f"more than {page} pages of tickets changed in one second; the rest of them can't be listed"
    bad += (Quarantined(reference=str(since), reason=reason),)
    return ChangedPage(new, bad, state._replace(at=Position(since + 1)).plain(), over=False)


async def _slipped(account: AnyAccount, since: int, page: int, known: set[str]) -> list[tuple[wire.Record, SeenRow]]:
    """What stands on a page that was read before, and was not there then."""
    rows, _ = _placed(wire.rows(await _listed(account, since, page)))
    return [(row, mark) for row, mark in rows if mark.id not in known]


async def _listed(account: AnyAccount, since: int, page: int) -> Reply:
    asked = {
        "updated_since": datetime.fromtimestamp(since, UTC).strftime(_TIME),
        "order_by": "updated_at",
        "order_type": "asc",
        "per_page": account.settings.page_size,
        "page": page,
    }
    return await account.client.get("/tickets", params=asked)


def _placed(rows: list[wire.Record]) -> tuple[list[tuple[wire.Record, SeenRow]], tuple[Quarantined, ...]]:
    placed: list[tuple[wire.Record, SeenRow]] = []
    bad: list[Quarantined] = []
    for row in rows:
        try:
            at, ident = moment(row, "updated_at"), texts.number(row, "id")
            if at is None:
                raise VendorMisbehaved("a ticket lacks its time of change")
            placed.append((row, seen_row(int(at.timestamp()), f"{ident:020}", row)))
        except VendorMisbehaved as error:
            bad.append(Quarantined(reference=str(row.get("id"))[:40], reason=error.message))
    return placed, tuple(bad)


async def _news(account: AnyAccount, row: wire.Record, words: StatusNames) -> CaseNews | Quarantined | None:
    try:
        case = cases.case_from(row, words)
        if account.settings.comments_of == "keyed" and not case.key:
            return CaseNews(reference=case.reference, case=case)
        said, files = await talk.read(account, case.reference.number)
    except CaseMissing:
        return None  # deleted since the page was read
    except VendorMisbehaved as error:
        return Quarantined(reference=str(row.get("id"))[:40], reason=error.message)
    return CaseNews(reference=case.reference, case=case, comments=said, attachments=files)
