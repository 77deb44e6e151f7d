"""Changed tickets by the incremental export, for administrators.

A run starts at a time a little before the stored position, as the vendor refuses a time within the last minute, and
continues by cursor. The export is ordered by `generated_timestamp`; a change by the system moves it, but not
`updated_at`.

Source: "Incremental Exports" of the API's manual, and zenpy's recordings.
"""

from __future__ import annotations

from typing import NamedTuple

from hub.model import AnyAccount, Cursor, Quarantined
from hub.platforms import texts
from hub.platforms.changes import new_records, place
from hub.platforms.stream import Position, SeenRow, advance, seen_row, stream, unsettled
from hub.platforms.zendesk import api
from hub.platforms.zendesk.settings import Settings

START = Position(-1)
START_DELAY = 61
"""Seconds that a start time must be before the vendor's clock."""


class ExportPage(NamedTuple):
    """One page: new records, records without a valid position, the cursor, and when the run began."""

    records: tuple[api.Record, ...]
    bad: tuple[Quarantined, ...]
    cursor: Cursor
    over: bool
    since: int


async def read_page(account: AnyAccount, cursor: Cursor) -> ExportPage:
    """The next page after the cursor."""
    settings: Settings = account.settings
    state = stream(cursor, settings.history_start)
    before = str(cursor.get("after", ""))
    start = {"cursor": before} if before else {"start_time": max(0, state.floor.at - START_DELAY)}
    reply = await account.client.get("/incremental/tickets/cursor", params=start | {"per_page": settings.page_size})
    page = reply.json(dict)
    found, bad = place(api.rows(reply, page, "tickets"), "id", _position)
    placed = [(record, mark) for record, mark in found if mark.place > state.floor]
    marks = [mark for _, mark in placed]
    new = new_records(state, placed)
    since = state.floor.at
    state = unsettled(state, marks, reply.date)
    state, _ = advance(state._replace(at=START), marks, date=None, overlap=0) if marks else (state, True)
    state = state._replace(at=None)
    after = page.get("after_cursor")
    over = page.get("end_of_stream") is True or not isinstance(after, str) or after in {"", before}
    if not over:
        return ExportPage(new, bad, state.plain() | {"after": after}, over=False, since=since)
    state, _ = advance(state, (), date=reply.date, overlap=settings.overlap_seconds)
    return ExportPage(new, bad, state.plain(), over=True, since=since)


def _position(record: api.Record) -> SeenRow:
    at = texts.from_epoch(texts.number(record, "generated_timestamp"), "generated_timestamp")
    return seen_row(int(at.timestamp()), f"{texts.number(record, 'id'):020}", record)
