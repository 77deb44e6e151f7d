"""Lists of tickets, and what is common to all lists: pages, links and their limits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from hub.simulators.freshdesk.replies import Invalid, document, outside, unexpected
from hub.simulators.freshdesk.state import State
from hub.simulators.kit import Call, Reply, Row

_PARAMS = frozenset(
    {
        "filter",
        "updated_since",
        "order_by",
        "order_type",
        "page",
        "per_page",
        "include",
        "requester_id",
        "email",
        "company_id",
        "unique_external_id",
    }
)
_ORDERS = {"created_at": "_created", "due_by": "_due", "updated_at": "_updated", "status": "status"}
_INCLUDES = ("requester", "stats", "description", "company")
MOST_PAGES = 300
_MONTH = 30 * 86_400


def bounds(call: Call, most: int = 100) -> tuple[int, int]:
    """The requested page and its size; Invalid for wrong values."""
    page, size = call.query.get("page", "1"), call.query.get("per_page", "30")
    if "page_ignored" in call.faults:
        page = "1"
    errors = []
    if not page.isdigit() or int(page) < 1:
        errors.append(("page", "invalid_value", "It should be a Positive Integer"))
    if not size.isdigit() or not 1 <= int(size) <= most:
        errors.append(("per_page", "invalid_value", f"It should be a Positive Integer less than or equal to {most}"))
    if errors:
        raise Invalid(*errors)
    return int(page), int(size)


def linked(call: Call, rows: list[Any], page: int, *, more: bool) -> Reply:
    """A page of a list, with the address of the next."""
    reply = document(rows)
    if more and "no_link" not in call.faults:
        asked = "&".join(f"{name}={value}" for name, value in call.query.items() if name != "page")
        address = f"http://{call.headers.get('Host', '')}{call.path}?{asked}&page={page + 1}"
        reply.headers["Link"] = f'<{address}>; rel="next"'
    return reply


def sliced(call: Call, rows: Sequence[Any]) -> Reply:
    """A page of these rows."""
    page, size = bounds(call)
    start = (page - 1) * size
    return linked(call, list(rows[start : start + size]), page, more=start + size < len(rows))


def includes(call: Call, allowed: tuple[str, ...] = _INCLUDES) -> list[str]:
    """The parts that `include` requests; Invalid for unknown names."""
    asked = [part for part in call.query.get("include", "").split(",") if part]
    if any(part not in allowed for part in asked):
        raise Invalid(outside("include", ",".join(allowed)))
    return asked


def tickets(state: State, call: Call) -> Reply:
    """A page of tickets: without updated_since only those created within 30 days; never deleted ones or spam."""
    query = call.query
    if unknown := [name for name in query if name not in _PARAMS]:
        raise Invalid(*map(unexpected, unknown))
    order, way = query.get("order_by", "created_at"), query.get("order_type", "desc")
    if order not in _ORDERS or way not in {"asc", "desc"}:
        raise Invalid(outside("order_by", ",".join(_ORDERS)))
    page, size = bounds(call)
    if page > MOST_PAGES:
        raise Invalid(("page", "invalid_value", f"You cannot access tickets beyond the {MOST_PAGES}th page"))
    shown = includes(call)
    rows, more = _chosen(state, query, _ORDERS[order], way, (page - 1) * size, size)
    return linked(call, [list_row(state, row, shown) for row in rows], page, more=more and page < MOST_PAGES)


def list_row(state: State, row: Row, shown: Iterable[str]) -> dict[str, Any]:
    """A ticket as it appears in lists."""
    hidden = {"description", "description_text", "attachments"} - (
        {"description", "description_text"} if "description" in shown else set()
    )
    values = {name: value for name, value in row.values.items() if name not in hidden and not name.startswith("_")}
    return values | besides(state, row, shown)


def besides(state: State, row: Row, shown: Iterable[str]) -> dict[str, Any]:
    """What `include` adds to a ticket."""
    more: dict[str, Any] = {}
    if "requester" in shown:
        ident, email = row.values["requester_id"], state.seeds.requester
        more["requester"] = {"id": ident, "name": "RjR L1", "email": email, "mobile": None, "phone": None}
    if "stats" in shown:
        more["stats"] = {"resolved_at": None, "closed_at": None, "first_responded_at": None}
    if "company" in shown:
        more["company"] = {}
    return more


def _chosen(state: State, query: dict[str, str], order: str, way: str, start: int, size: int) -> tuple[list[Row], bool]:
    table, which = state.tickets, query.get("filter", "")
    since = _moment(query["updated_since"]) if "updated_since" in query else None
    floor = {"_updated": since, "_created": None if since is not None else state.clock.now() - _MONTH}.get(order)
    if floor is not None and not which and not _picks(query) and not state.options.newest_first:
        low, high = table.bounds(order, floor)
        if way == "asc":
            end = low + start + size
            return list(table.between(order, low + start, min(end, high))), end < high
        end = high - start
        return list(table.between(order, max(low, end - size), max(low, end), descending=True)), end - size > low
    if floor is not None and not which:
        rows = [row for row in table if row.values[order] >= floor and _fits(row, which, query)]
    else:
        every = list(table) if which in {"", "new_and_my_open", "watching"} else list(state.aside.values())
        rows = [row for row in every if _fits(row, which, query)]
        if since is not None:
            rows = [row for row in rows if row.values["_updated"] >= since]
        elif not which:
            rows = [row for row in rows if row.values["_created"] >= state.clock.now() - _MONTH]
    sign = -1 if state.options.newest_first else 1
    rows.sort(key=lambda row: sign * row.number)
    rows.sort(key=lambda row: row.values[order], reverse=way == "desc")
    return rows[start : start + size], start + size < len(rows)


def _picks(query: dict[str, str]) -> bool:
    return bool({"requester_id", "email", "company_id", "unique_external_id"} & set(query))


def _fits(row: Row, which: str, query: dict[str, str]) -> bool:
    if which == "new_and_my_open" and row.values["status"] != 2:
        return False
    if which in {"deleted", "spam"} and not row.values.get(which):
        return False
    return "requester_id" not in query or str(row.values["requester_id"]) == query["requester_id"]


def _moment(text: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        says = "It should be in the 'combined date and time ISO8601' format"
        raise Invalid(("updated_since", "invalid_date", says)) from None
