"""Lists of tickets, requests and comments: paged by cursor or by number; and the incremental exports."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from itertools import islice
from typing import Any

from hub.simulators.kit import Call, Row
from hub.simulators.zendesk import requests
from hub.simulators.zendesk.files import located
from hub.simulators.zendesk.replies import Refused
from hub.simulators.zendesk.state import State, User

MOST, EXPORTED = 100, 1000
_LAST = 100  # page by number
_SORTS = {"updated_at": "_updated", "created_at": "_created"}


def sliced(call: Call, name: str, every: list[dict[str, Any]]) -> dict[str, Any]:
    """One page of what is at hand: by cursor when `page[size]` is given, else by number."""
    if "page[size]" in call.query:
        size, place = _size(call, "page[size]"), _place(call.query.get("page[after]", ""))
        at = place[0] if place else 0
        more = len(every) > at + size
        return {name: every[at : at + size]} | _meta(call, more, [at + size] if more else [])
    size, page = _size(call, "per_page"), _number(call.query.get("page", "1"))
    if page > _LAST:
        raise Refused(
            400, "InvalidPaginationDepth", "Number of pages exceeds the limit; use cursor pagination"
        )
    rows = every[(page - 1) * size : page * size]
    further = (
        f"http://{call.headers.get('Host', '')}{call.path}?page={page + 1}"
        if len(every) > page * size
        else None
    )
    return {name: rows, "next_page": further, "previous_page": None, "count": len(every)}


def mine(state: State, call: Call, by: User) -> dict[str, Any]:
    """The user's requests in the order asked for."""
    field = _SORTS.get(call.query.get("sort_by", "created_at"))
    if field is None:
        raise Refused(400, "InvalidValue", "sort_by is not valid")
    host, falling = call.headers.get("Host", ""), call.query.get("sort_order", "asc") == "desc"
    if "page[size]" not in call.query:
        start, stop = state.tickets.bounds(field)
        rows = [
            row
            for row in state.tickets.between(field, start, stop, descending=falling)
            if requests.is_mine(row, by)
        ]
        return sliced(call, "requests", [requests.shown(state, row, host) for row in rows])
    size, after = _size(call, "page[size]"), _place(call.query.get("page[after]", ""))
    found = list(islice(_behind(state, field, after, by, falling=falling), size + 1))
    page, more = found[:size], len(found) > size
    last = [page[-1].values[field], page[-1].number] if page else []
    return {"requests": [requests.shown(state, row, host) for row in page]} | _meta(call, more, last)


def _behind(state: State, field: str, after: list[int], by: User, *, falling: bool) -> Iterator[Row]:
    bounds = {} if not after else {"high": after[0]} if falling else {"low": after[0]}
    start, stop = state.tickets.bounds(field, **bounds)
    for row in state.tickets.between(field, start, stop, descending=falling):
        place = [row.values[field], row.number]
        if (not after or (place < after if falling else place > after)) and requests.is_mine(row, by):
            yield row


def search(state: State, call: Call, by: User) -> dict[str, Any]:
    """The user's requests that hold the words; the index lags, and a thousand is the most."""
    size, page = _size(call, "per_page"), _number(call.query.get("page", "1"))
    if page * size > EXPORTED:
        raise Refused(422, "InsufficientResource", "The search returns at most 1000 results")
    words = call.query.get("query", "").strip('"').lower()
    statuses = [one for one in call.query.get("status", "").split(",") if one]
    host, now = call.headers.get("Host", ""), state.clock.now()
    found = [
        requests.shown(state, row, host)
        for row in state.tickets
        if requests.is_mine(row, by) and row.hidden_until <= now and "search_empty" not in call.faults
        and words in f"{row.values['subject']}\n{row.values['description']}".lower()
        and (not statuses or row.values["status"] in statuses)
    ]  # fmt: skip
    return sliced(call, "requests", found)


def comments(state: State, call: Call, row: Row, *, public_only: bool) -> dict[str, Any]:
    """The comments of a ticket, oldest first unless asked otherwise, with their authors."""
    held = state.comments.get(row.key, [])
    if public_only:
        since = call.query.get("since", "")
        held = [one for one in held if one["public"] and one["created_at"] >= since]
    if call.query.get("sort") == "-created_at" or call.query.get("sort_order") == "desc":
        held = held[::-1]
    host = call.headers.get("Host", "")
    told = sliced(call, "comments", [_comment(state, one, row, host, plain=public_only) for one in held])
    if public_only or "users" in call.query.get("include", "").split(","):
        known = {one["author_id"] for one in told["comments"]}
        told["users"] = [_user(one) for one in state.users if one.id in known]
    return told


def _comment(state: State, one: dict[str, Any], row: Row, host: str, *, plain: bool) -> dict[str, Any]:
    told = one | {"attachments": [located(about, host) for about in one["attachments"]]}
    if not state.options.comment_metadata:
        told["metadata"] = {"system": {}}
    if plain:
        told = {name: told[name] for name in told if name not in {"audit_id", "via", "metadata"}}
        told["request_id"] = row.values["id"]
    return told


def _user(one: User) -> dict[str, Any]:
    return {"id": one.id, "name": one.name, "agent": one.role != "end-user"}


def export(state: State, call: Call) -> dict[str, Any]:
    """Tickets by the time at which their row was made, from a time or behind a cursor; deleted ones too."""
    query, now = call.query, state.clock.now()
    if ("cursor" in query) == ("start_time" in query):
        raise Refused(400, "InvalidValue", "Give either start_time or cursor")
    size = min(_number(query.get("per_page", str(EXPORTED))), EXPORTED)
    if "cursor" in query:
        at, ident = _cursor(query["cursor"])
    else:
        at, ident = _number(query["start_time"], least=0), -1
        if at > now - 60:
            raise Refused(422, "StartTimeTooRecent", "Use a start_time older than 60 seconds")
    start, stop = state.tickets.bounds("_generated", at)
    ahead = (
        row
        for row in state.tickets.between("_generated", start, stop)
        if (row.values["_generated"], row.values["id"]) > (at, ident)
    )
    found = list(islice(ahead, size + 1))
    page = found[:size]
    last = (page[-1].values["_generated"], page[-1].values["id"]) if page else (at, ident)
    cursor = query.get("cursor", "") if "cursor_stuck" in call.faults else encode(*last)
    root = f"http://{call.headers.get('Host', '')}/api/v2/incremental/tickets/cursor.json?cursor="
    return {
        "tickets": [shown(row) | {"generated_timestamp": row.values["_generated"]} for row in page],
        "after_url": root + cursor, "before_url": None, "after_cursor": cursor, "before_cursor": None,
        "end_of_stream": len(found) <= size and "cursor_stuck" not in call.faults,
    }  # fmt: skip


def timed(state: State, call: Call) -> dict[str, Any]:
    """The same by time alone; what has one time stays on one page."""
    at, size = (
        _number(call.query.get("start_time", ""), least=0),
        min(_number(call.query.get("per_page", "1000")), EXPORTED),
    )
    start, stop = state.tickets.bounds("_generated", at)
    rows = list(state.tickets.between("_generated", start, stop))
    page = rows[:size]
    page += [row for row in rows[size:] if page and row.values["_generated"] == page[-1].values["_generated"]]
    end = page[-1].values["_generated"] if page else at
    return {
        "tickets": [shown(row) | {"generated_timestamp": row.values["_generated"]} for row in page], "count": len(page),
        "end_time": end, "end_of_stream": len(page) == len(rows), "next_page": None,
    }  # fmt: skip


def shown(row: Row) -> dict[str, Any]:
    """A ticket as it is told to agents."""
    told = {name: value for name, value in row.values.items() if not name.startswith("_")}
    return told | {"raw_subject": told["subject"], "fields": told["custom_fields"]}


def encode(at: int, ident: int) -> str:
    """A place in an export as its cursor writes it."""
    return base64.b64encode(f"{at}.0||{ident}|".encode()).decode()


def _cursor(given: str) -> tuple[int, int]:
    try:
        at, _, ident = base64.b64decode(given, validate=True).decode().removesuffix("|").partition("||")
        return int(float(at)), int(ident)
    except (binascii.Error, ValueError):
        raise Refused(400, "InvalidValue", "cursor is not valid") from None


def _meta(call: Call, more: bool, place: list[int]) -> dict[str, Any]:
    after = base64.b64encode(",".join(map(str, place)).encode()).decode() if place else None
    further = f"http://{call.headers.get('Host', '')}{call.path}?page[after]={after}" if more else None
    return {
        "meta": {"has_more": more, "after_cursor": after, "before_cursor": None},
        "links": {"prev": None, "next": further},
    }


def _place(cursor: str) -> list[int]:
    try:
        return (
            [int(one) for one in base64.b64decode(cursor, validate=True).decode().split(",")]
            if cursor
            else []
        )
    except (binascii.Error, ValueError):
        raise Refused(400, "InvalidValue", "page[after] is not valid") from None


def _size(call: Call, name: str) -> int:
    size = _number(call.query.get(name, str(MOST)))
    return min(size, MOST)


def _number(value: str, least: int = 1) -> int:
    if not (value.isascii() and value.isdigit()) or int(value) < least:
        raise Refused(400, "InvalidValue", "a parameter is no number")
    return int(value)
