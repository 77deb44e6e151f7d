"""Searches: words, phrases and conditions on fields, over an index that lags."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from hub.simulators.kit import Call, Reply, Row
from hub.simulators.zendesk import shapes
from hub.simulators.zendesk.paging import number, pack, paged, unpack
from hub.simulators.zendesk.replies import Refused, document
from hub.simulators.zendesk.state import State

_TERM = re.compile(r'(\w+)(:|>=|<=|>|<)("[^"]*"|\S+)|"([^"]*)"|(\S+)')
_MOST, _PAGE, _LIFE = 1000, 100, 3600
_TIMES = {"updated": "updated_at", "created": "created_at"}


def requests(state: State, call: Call, rows: Iterable[Row]) -> Reply:
    """The caller's own requests that match the query."""
    wanted = [status for status in call.query.get("status", "").split(",") if status]
    matches = [row for row in _matching(state, call, rows) if not wanted or row.values["status"] in wanted]
    _bound(call)
    return paged(call, "requests", matches, lambda row: shapes.request(call, row), lambda row: [row.number])


def tickets(state: State, call: Call) -> Reply:
    """All matching tickets, a thousand at most."""
    matches = _matching(state, call, _live(state))
    by = "_updated" if call.query.get("sort_by") == "updated_at" else "_created"
    matches.sort(key=lambda row: (row.values[by], row.number), reverse=call.query.get("sort_order") != "asc")
    _bound(call)
    return paged(call, "results", matches, lambda row: _result(call, row), lambda row: [row.number])


def export(state: State, call: Call) -> Reply:
    """All matching tickets, oldest first, with a cursor that is valid for an hour."""
    if call.query.get("filter[type]") != "ticket":
        raise Refused(422, "InvalidFilter", "filter[type] has to be ticket here")
    size, after = number(call, "page[size]", _PAGE), call.query.get("page[after]", "")
    made, low = unpack(after) if after else (state.clock.now(), 0)
    if state.clock.now() > made + _LIFE:
        raise Refused(400, "InvalidPaginationParameter", "Cursor has expired")
    rest = [row for row in _matching(state, call, _live(state)) if row.number > low]
    page, further = rest[:size], len(rest) > size
    end = pack([state.clock.now(), page[-1].number]) if page else None
    meta = {"has_more": further, "after_cursor": end, "before_cursor": None}
    return document({"results": [_result(call, row) for row in page], "meta": meta, "links": {"next": None}})


def _live(state: State) -> list[Row]:
    return [row for row in state.tickets if row.values["status"] != "deleted"]


def _result(call: Call, row: Row) -> dict[str, Any]:
    return shapes.ticket(call, row) | {"result_type": "ticket"}


def _bound(call: Call) -> None:
    if number(call, "page", 1) * min(_PAGE, number(call, "per_page", _PAGE)) > _MOST:
        raise Refused(422, "InsufficientResource", "You have requested results beyond the first 1000")


def _matching(state: State, call: Call, rows: Iterable[Row]) -> list[Row]:
    if "search_empty" in call.faults:
        return []
    terms, now = _TERM.findall(call.query.get("query", "")), state.clock.now()
    return [row for row in rows if row.hidden_until <= now and all(_fits(state, row, term) for term in terms)]


def _fits(state: State, row: Row, term: tuple[str, str, str, str, str]) -> bool:
    field, sign, value, phrase, word = term
    values = row.values
    if not field:
        said = " ".join(comment["body"] for comment in state.comments.get(row.key, []))
        return (phrase or word).lower() in f"{values['subject']} {said}".lower()
    value = value.strip('"')
    if field == "type":
        return value == "ticket" or values["type"] == value
    stored = str(values.get(_TIMES.get(field, field)) or "")
    match sign:
        case ":" if field == "tags":
            return value in values["tags"]
        case ":":
            return stored.startswith(value) if field in _TIMES else stored.lower() == value.lower()
        case ">":
            return stored > value
        case "<":
            return stored < value
        case ">=":
            return stored >= value
    return stored <= value
