"""Incremental exports: all changed tickets, deleted ones included, in order of the account's own time."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from math import inf

from hub.simulators.kit import Call, Reply, Row
from hub.simulators.zendesk import shapes
from hub.simulators.zendesk.paging import address, number
from hub.simulators.zendesk.replies import Refused, document
from hub.simulators.zendesk.state import State

_YOUNGEST = 60  # seconds


def by_cursor(state: State, call: Call) -> Reply:
    """A page after a cursor, which marks the end of the page before it."""
    given = call.query.get("cursor", "")
    if given and "start_time" in call.query:
        raise Refused(400, "InvalidArgument", "start_time and cursor cannot be combined")
    after = _unpack(given) if given and "cursor_lost" not in call.faults else None
    if given and after is None:
        raise Refused(400, "InvalidCursor", "Cursor is not valid")
    low, behind = after or (float(_start(state, call)), 0)
    size = min(state.options.export_page, number(call, "per_page", state.options.export_page))
    rows: list[Row] = []
    for row in _since(state, low):
        if (row.values["_generated"], row.values["id"]) > (low, behind):
            rows.append(row)
        if len(rows) > size:
            break
    page, ended = rows[:size], len(rows) <= size
    last = (page[-1].values["_generated"], page[-1].values["id"]) if page else (low, behind)
    cursor = base64.b64encode(f"{last[0]!r}||{last[1]}|".encode()).decode()
    query = {name: value for name, value in call.query.items() if name != "start_time"}
    bare = Call(call.method, call.path, call.parts, query, call.headers)
    return document(
        {
            "tickets": [shapes.exported(call, row) for row in page],
            "after_url": address(bare, cursor=cursor),
            "before_url": None,
            "after_cursor": cursor,
            "before_cursor": None,
            "end_of_stream": ended,
        }
    )


def by_time(state: State, call: Call) -> Reply:
    """A page from a time on; tickets of the same second stay together, however many there are."""
    start = _start(state, call)
    size = min(state.options.export_page, number(call, "per_page", state.options.export_page))
    rows: list[Row] = []
    more = False
    for row in _since(state, start):
        if len(rows) >= size and int(row.values["_generated"]) != int(rows[-1].values["_generated"]):
            more = True
            break
        rows.append(row)
    # The first second of a page is also part of the page before it, unless there would be no progress.
    end = int(rows[-1].values["_generated"]) + (1 if more else 0) if rows else start
    return document(
        {
            "tickets": [shapes.exported(call, row) for row in rows],
            "count": len(rows),
            "end_of_stream": not more,
            "end_time": end,
            "next_page": address(call, start_time=end),
        }
    )


def sample(state: State, call: Call) -> Reply:
    """The first fifty rows from a time on."""
    rows = [row for row, _ in zip(_since(state, _start(state, call)), range(50), strict=False)]
    return document({"tickets": [shapes.exported(call, row) for row in rows], "count": len(rows)})


def _since(state: State, low: float) -> Iterator[Row]:
    high = state.clock.now() - state.options.export_seconds if state.options.export_seconds else inf
    return state.tickets.between("_generated", *state.tickets.bounds("_generated", low, high))


def _start(state: State, call: Call) -> int:
    given = call.query.get("start_time", "")
    if not given.isdigit():
        raise Refused(400, "InvalidArgument", "start_time is required and must be a number of seconds")
    if int(given) > state.clock.now() - _YOUNGEST:
        raise Refused(422, "InvalidValue", "Too recent start_time. Use a start_time older than 1 minute")
    return int(given)


def _unpack(cursor: str) -> tuple[float, int] | None:
    try:
        at, _, rest = base64.b64decode(cursor, validate=True).decode().partition("||")
        return float(at), int(rest.removesuffix("|"))
    except (binascii.Error, ValueError):
        return None
