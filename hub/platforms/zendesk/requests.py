"""Changed requests, for end users: the list has no filter by time, so it is read down from the newest change.

A request that changes meanwhile moves to the top, which this pass does not read again. So a pass of several pages that
found something is followed by another pass, until one finds nothing new. A request that moves to the next page is not
reported again, and what an earlier pass reported is remembered to the end of this one.

Source: api-evangelist/zendesk, requests: `sort_by=updated_at`, `sort_order`, and paging by cursor.
"""

from __future__ import annotations

from hub.errors import VendorMisbehaved
from hub.model import AnyAccount, Cursor
from hub.platforms import texts
from hub.platforms.changes import new_records, place
from hub.platforms.stream import SeenRow, advance, seen_row, stream, unsettled
from hub.platforms.texts import moment
from hub.platforms.zendesk import api
from hub.platforms.zendesk.export import START, ExportPage
from hub.platforms.zendesk.settings import Settings


async def read_page(account: AnyAccount, cursor: Cursor) -> ExportPage:
    """The next page of the list."""
    settings: Settings = account.settings
    begun = stream(cursor, settings.history_start)
    state = stream(cursor.get("walked", cursor), settings.history_start)
    size = min(settings.page_size, api.SIZE)
    params, is_first_page = dict(cursor.get("next", {"page[size]": size})), "next" not in cursor
    order = {"sort_by": "updated_at", "sort_order": "desc"}
    reply = await account.client.get("/requests", params=order | params)
    page = reply.json(dict)
    placed, bad = place(api.rows(reply, page, "requests"), "id", _position)
    times = [mark.at for _, mark in placed]
    if times != sorted(times, reverse=True):
        raise VendorMisbehaved("the requests of a page are not in order of time", next_step="report this to the vendor")
    changed = [(record, mark) for record, mark in placed if mark.place > begun.floor]
    marks = [mark for _, mark in changed]
    seen = (*begun.seen, *(SeenRow(*row) for row in cursor.get("before", ())))
    new = new_records(begun._replace(seen=seen), changed)
    since = begun.floor.at
    state = unsettled(state, marks, reply.date)
    if changed:
        state, _ = advance(state._replace(at=START), sorted(marks), date=None, overlap=0)
    state = state._replace(at=None)
    following = api.next_page(page, params, size)
    if following == params:
        raise VendorMisbehaved("the vendor returned a page of requests twice", next_step="report this to the vendor")
    any_new = bool(new) or cursor.get("fresh") is True
    if following is not None and len(changed) == len(placed):
        kept = {"walked": state.plain(), "before": [list(mark) for mark in marks]}
        after = begun.plain() | kept | {"next": following, "fresh": any_new}
        return ExportPage(new, bad, after, over=False, since=since)
    again = any_new and not is_first_page
    held = state.unsettled if again else None  # nothing is reported again before the last pass
    state = state._replace(unsettled=None) if again else state
    state, _ = advance(state, (), date=reply.date, overlap=settings.overlap_seconds)
    return ExportPage(new, bad, state._replace(unsettled=held).plain(), over=not again, since=since)


def _position(record: api.Record) -> SeenRow:
    at = moment(record, "updated_at")
    if at is None:
        raise VendorMisbehaved("a request has no time of change")
    return seen_row(int(at.timestamp()), f"{texts.number(record, 'id'):020}", record)
