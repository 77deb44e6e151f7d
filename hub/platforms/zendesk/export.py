"""Changed tickets by the incremental export, for administrators.

A run begins by time, a little before the place that is known, as the vendor takes no time of the last minute, and goes
on by cursors. The export is ordered by `generated_timestamp`, which a change by the system moves, but not `updated_at`.

Source: "Incremental Exports" of the API's manual, and zenpy's recordings.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from hub.errors import VendorMisbehaved
from hub.model import AnyAccount, Cursor, Quarantined
from hub.platforms import texts
from hub.platforms.stream import Position, SeenRow, advance, fresh, seen_row, stream, unsettled
from hub.platforms.zendesk import wire
from hub.platforms.zendesk.settings import Settings

START = Position(-1)
LEAST = 61
"""Seconds by which a start has to lie behind the vendor's clock."""


class ExportPage(NamedTuple):
    """One page: the records that have news, those without a usable place, the cursor, and where the run began."""

    rows: tuple[wire.Record, ...]
    bad: tuple[Quarantined, ...]
    cursor: Cursor
    over: bool
    since: int


async def read_page(account: AnyAccount, cursor: Cursor) -> ExportPage:
    """The next page behind what was saved."""
    settings: Settings = account.settings
    state = stream(cursor, int(settings.history_from.timestamp()) if settings.history_from else 0)
    before = str(cursor.get("after", ""))
    asked = {"cursor": before} if before else {"start_time": max(0, state.floor.at - LEAST)}
    reply = await account.client.get("/incremental/tickets/cursor", params=asked | {"per_page": settings.page_size})
    page = reply.json(dict)
    rows, bad = placed(wire.rows(reply, page, "tickets"), lambda row: texts.number(row, "generated_timestamp"))
    rows = [(row, mark) for row, mark in rows if mark.place > state.floor]
    marks = [mark for _, mark in rows]
    new = tuple(row for (row, _), one in zip(rows, fresh(state, marks), strict=True) if one)
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


def placed(
    rows: list[wire.Record], time: Callable[[wire.Record], int]
) -> tuple[list[tuple[wire.Record, SeenRow]], tuple[Quarantined, ...]]:
    """The records with their places, and those that have none; `time` tells a record's, in epoch seconds."""
    good: list[tuple[wire.Record, SeenRow]] = []
    bad: list[Quarantined] = []
    for row in rows:
        try:
            good.append((row, seen_row(time(row), f"{texts.number(row, 'id'):020}", row)))
        except VendorMisbehaved as error:
            bad.append(Quarantined(reference=str(row.get("id"))[:40], reason=error.message))
    return good, tuple(bad)
