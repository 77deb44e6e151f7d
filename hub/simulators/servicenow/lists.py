"""Lists: query, order, limit, then removal of rows that the user may not read."""

from __future__ import annotations

from collections.abc import Iterable

from hub.simulators.kit import Call, Reply
from hub.simulators.servicenow.query import Row, ordered, parse
from hub.simulators.servicenow.replies import Refused, result
from hub.simulators.servicenow.state import State


def page(state: State, call: Call, rows: Iterable[Row], readable: Iterable[str]) -> Reply:
    """One page of a table, with the total and links; hidden rows are counted, but not shown."""
    fields = tuple(readable)
    text = call.query.get("sysparm_query", "")
    if "broken_filter" in call.faults:
        text = "^".join(part for part in text.split("^") if part.startswith("ORDERBY"))
    query = parse(text, fields)
    matches = [] if query.broken and state.options.invalid_query_returns_no_rows else ordered(query, rows)
    limit, offset = _number(call, "sysparm_limit", 10_000), _number(call, "sysparm_offset", 0)
    asked = call.query.get("sysparm_fields", "")
    names = [name for name in asked.split(",") if name in fields] if asked else list(fields)
    shown = [row for row in matches[offset : offset + limit] if row.get("sys_id") not in state.hidden]
    if "short_page" in call.faults:
        shown = []
    reply = result([{name: row.get(name, "") for name in names} for row in shown])
    reply.headers["X-Total-Count"] = str(len(matches))
    if offset + limit < len(matches):
        inner = f"https://inner.service-now.example{call.path}?sysparm_offset={offset + limit}"
        reply.headers["Link"] = f'<{inner}>;rel="next"'
    return reply


def _number(call: Call, name: str, default: int) -> int:
    given = call.query.get(name, str(default))
    if not given.isdigit():
        raise Refused(400, f"Invalid {name}")
    return int(given)
