"""Changed requests, for end users: their list has no filter by time, so it is walked down from the newest.

What changes on the way moves to the top, where the walk does not come again: a walk of several pages that told
something is followed by another one, until one finds nothing new. A row that slips to the next page is not told again,
and what an earlier walk told stays known to the end of this one, however much is new above it.

Source: api-evangelist/zendesk, requests: `sort_by=updated_at`, `sort_order`, and paging by cursor.
"""

from __future__ import annotations

from hub.errors import VendorMisbehaved
from hub.model import AnyAccount, Cursor
from hub.platforms.stream import SeenRow, advance, fresh, stream, unsettled
from hub.platforms.texts import moment
from hub.platforms.zendesk import wire
from hub.platforms.zendesk.export import START, ExportPage, placed
from hub.platforms.zendesk.settings import Settings


async def read_page(account: AnyAccount, cursor: Cursor) -> ExportPage:
    """The next page of the walk."""
    settings: Settings = account.settings
    start = int(settings.history_from.timestamp()) if settings.history_from else 0
    begun, state = stream(cursor, start), stream(cursor.get("walked", cursor), start)
    size = min(settings.page_size, wire.SIZE)
    asked, on_the_way = dict(cursor.get("next", {"page[size]": size})), "next" in cursor
    order = {"sort_by": "updated_at", "sort_order": "desc"}
    reply = await account.client.get("/requests", params=order | asked)
    page = reply.json(dict)
    rows, bad = placed(wire.rows(reply, page, "requests"), _changed)
    times = [mark.at for _, mark in rows]
    if times != sorted(times, reverse=True):
        raise VendorMisbehaved("the requests of a page are not in order of time", next_step="tell the vendor")
    ahead = [(row, mark) for row, mark in rows if mark.place > begun.floor]
    marks = [mark for _, mark in ahead]
    known = begun._replace(seen=(*begun.seen, *(SeenRow(*one) for one in cursor.get("before", ()))))
    new = tuple(row for (row, _), one in zip(ahead, fresh(known, marks), strict=True) if one)
    since = begun.floor.at
    state = unsettled(state, marks, reply.date)
    if ahead:
        state, _ = advance(state._replace(at=START), sorted(marks), date=None, overlap=0)
    state = state._replace(at=None)
    following = wire.following(page, asked, size)
    if following == asked:
        raise VendorMisbehaved("a page of requests is told twice", next_step="tell the vendor")
    told_any = bool(new) or cursor.get("fresh") is True
    if following is not None and len(ahead) == len(rows):
        kept = {"walked": state.plain(), "before": [list(one) for one in marks]}
        return ExportPage(
            new, bad, begun.plain() | kept | {"next": following, "fresh": told_any}, over=False, since=since
        )
    again = on_the_way and told_any
    held = state.unsettled if again else None  # until the last walk, nothing is told anew
    state = state._replace(unsettled=None) if again else state
    state, _ = advance(state, (), date=reply.date, overlap=settings.overlap_seconds)
    return ExportPage(new, bad, state._replace(unsettled=held).plain(), over=not again, since=since)


def _changed(row: wire.Record) -> int:
    at = moment(row, "updated_at")
    if at is None:
        raise VendorMisbehaved("a request lacks its time of change")
    return int(at.timestamp())
