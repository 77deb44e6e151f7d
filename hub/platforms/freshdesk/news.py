"""The stream of changed tickets, ordered by their time of change, the only filter that the list has.

Each request asks for the first page of what changed since the newest time so far, so that no offset can shift. Further
pages are read only if more than a page changed in one second. Then the page before is read again, as a ticket that
leaves that second moves all later ones up by one place.

Source: airbytehq/airbyte issue 6133: a list ends at page 300, and must be restarted from the newest time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from hub.errors import HubError, VendorMisbehaved
from hub.http import Reply
from hub.model import AnyAccount, CaseNews, Cursor, Page, Quarantined
from hub.platforms import texts
from hub.platforms.changes import PlacedRecord, new_records, place
from hub.platforms.freshdesk import api, cases, comments
from hub.platforms.freshdesk.settings import Settings
from hub.platforms.freshdesk.words import StatusNames, status_names
from hub.platforms.items import is_of_the_account, read_each, reference
from hub.platforms.stream import Position, SeenRow, advance, seen_row, stream, unsettled
from hub.platforms.texts import moment
from hub.platforms.words import VendorWords

_START = Position(-1)
_TIME = "%Y-%m-%dT%H:%M:%SZ"


class TicketPage(NamedTuple):
    """One page: new records, records without a valid position, and the cursor."""

    records: tuple[api.Record, ...]
    bad: tuple[Quarantined, ...]
    cursor: Cursor
    over: bool


async def changed_cases(account: AnyAccount, cursor: Cursor, words: VendorWords) -> Page[CaseNews]:
    """One page of changed tickets with their comments and files."""
    page = await read_page(account, cursor)
    names = await _names(account, words, page.records)

    async def read_one(record: api.Record) -> CaseNews:
        case = cases.case_from(record, names or await status_names(account, words, record.get("status")))
        if account.settings.comments_of == "keyed" and not case.key:
            return CaseNews(reference=case.reference, case=case)
        found, files = await comments.read(account, case.reference.number, case.key)
        return CaseNews(reference=case.reference, case=case, comments=found, attachments=files)

    news = await read_each(page.records, read_one, lambda record: reference(record, "id"))
    return Page(items=news.items, cursor=page.cursor, more=not page.over, quarantined=page.bad + news.bad)


async def _names(account: AnyAccount, words: VendorWords, records: Sequence[api.Record]) -> StatusNames | None:
    """The meaning of the page's statuses; None if the labels can't be read: only some tickets need them."""
    try:
        return await status_names(account, words, *(record.get("status") for record in records))
    except HubError as error:
        if is_of_the_account(error):
            raise
        return None


async def read_page(account: AnyAccount, cursor: Cursor) -> TicketPage:
    """The next page after the cursor."""
    settings: Settings = account.settings
    state = stream(cursor, settings.history_start)
    page, before = int(cursor.get("page", 1)), set(cursor.get("before", ()))
    # a position with an id was stored after its second was over: no more tickets of that second can follow
    since = state.at.at if state.at else state.floor.at + bool(state.floor.id)
    reply = await _fetch(account, since, page)
    listed = reply.json(list)
    found, bad = place(listed, "id", _position)
    placed: Sequence[PlacedRecord] = found
    marks = [mark for _, mark in placed]
    if [mark.at for mark in marks] != sorted(mark.at for mark in marks):
        raise VendorMisbehaved("the tickets of a page are not in order of time", next_step="report this to the vendor")
    if page > 1:
        placed = (*placed, *await _shifted(account, since, page - 1, before | {mark.id for mark in marks}))
    new = new_records(state, placed)
    state = unsettled(state, marks, reply.date)
    if placed:
        in_order = sorted((mark for _, mark in placed), key=lambda mark: mark.at)
        state, _ = advance(state._replace(at=_START), in_order, date=None, overlap=0)
    if not api.has_next_page(reply, len(listed), settings.page_size):
        state, _ = advance(state._replace(at=None), (), date=reply.date, overlap=settings.overlap_seconds)
        return TicketPage(new, bad, state.plain(), over=True)
    if before and before >= {mark.id for mark in marks}:
        raise VendorMisbehaved("the vendor returned a page of tickets twice", next_step="report this to the vendor")
    newest = marks[-1].at if marks else since
    if newest > since:
        return TicketPage(new, bad, state._replace(at=Position(newest)).plain(), over=False)
    if page < api.MAX_PAGES:
        more = {"page": page + 1, "before": [mark.id for mark in marks]}
        return TicketPage(new, bad, state._replace(at=Position(since)).plain() | more, over=False)
    reason = f"more than {page} pages of tickets changed in one second; the others can't be listed"
    bad += (Quarantined(reference=str(since), reason=reason),)
    return TicketPage(new, bad, state._replace(at=Position(since + 1)).plain(), over=False)


async def _shifted(account: AnyAccount, since: int, page: int, seen: set[str]) -> list[PlacedRecord]:
    """Tickets that have moved to a page since it was read."""
    placed, _ = place((await _fetch(account, since, page)).json(list), "id", _position)
    return [(record, mark) for record, mark in placed if mark.id not in seen]


async def _fetch(account: AnyAccount, since: int, page: int) -> Reply:
    params = {
        "updated_since": datetime.fromtimestamp(since, UTC).strftime(_TIME),
        "order_by": "updated_at",
        "order_type": "asc",
        "per_page": account.settings.page_size,
        "page": page,
    }
    return await account.client.get("/tickets", params=params)


def _position(record: api.Record) -> SeenRow:
    at, ident = moment(record, "updated_at"), texts.number(record, "id")
    if at is None:
        raise VendorMisbehaved("a ticket has no time of change")
    return seen_row(int(at.timestamp()), f"{ident:020}", record)
