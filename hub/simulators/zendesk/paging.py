"""Pages of lists: by number, up to 10,000 rows, or by a cursor after the last row."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec

from hub.simulators.kit import Call, Reply
from hub.simulators.zendesk.replies import Refused, document

MOST = 100
_DEEPEST = 100  # pages by number
Show = Callable[[Any], dict[str, Any]]


def number(call: Call, name: str, default: int) -> int:
    """A positive integer from the query; Refused for other values."""
    given = call.query.get(name, "")
    if not given:
        return default
    if not given.isdigit() or not int(given):
        raise Refused(400, "InvalidValue", f"{name} must be a positive integer")
    return int(given)


def paged(
    call: Call, name: str, rows: Sequence[Any], show: Show, mark: Callable[[Any], list[Any]], **more: Any
) -> Reply:
    """A page of rows, which are in the requested order; `mark` identifies a row."""
    if any(key.startswith("page[") for key in call.query):
        return _behind(call, name, rows, show, mark, more)
    size, page = min(MOST, number(call, "per_page", MOST)), number(call, "page", 1)
    if page > _DEEPEST:
        raise Refused(400, "InvalidPaginationDepth", "Number of pages must not exceed 100; use cursor pagination")
    if "page_ignored" in call.faults:
        page = 1
    start = (page - 1) * size
    envelope = {
        name: [show(row) for row in rows[start : start + size]],
        "count": len(rows),
        "next_page": address(call, page=page + 1) if start + size < len(rows) else None,
        "previous_page": address(call, page=page - 1) if page > 1 else None,
    }
    return document(envelope | more)


def _behind(
    call: Call, name: str, rows: Sequence[Any], show: Show, mark: Callable[[Any], list[Any]], more: dict[str, Any]
) -> Reply:
    size = min(MOST, number(call, "page[size]", MOST))
    after, start = call.query.get("page[after]", ""), 0
    if after and "page_ignored" not in call.faults:
        place, last_mark = unpack(after)
        marks = [mark(row) for row in rows]
        # If the row has moved since, the page continues from its old position.
        start = marks.index(last_mark) + 1 if last_mark in marks else min(place, len(rows))
    chosen = rows[start : start + size]
    further = start + size < len(rows)
    end = pack([start + len(chosen), mark(chosen[-1])]) if chosen else None
    links = {"prev": None, "next": address(call, **{"page[after]": end}) if further else None}
    meta = {"has_more": further, "after_cursor": end, "before_cursor": None}
    return document({name: [show(row) for row in chosen], "meta": meta, "links": links} | more)


def pack(position: Any) -> str:
    """An opaque cursor."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).decode()


def unpack(cursor: str) -> Any:
    """The content of a cursor; Refused for an invalid cursor."""
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(cursor))
    except (binascii.Error, ValueError):
        raise Refused(400, "InvalidPaginationParameter", "Cursor is not valid") from None


def root(call: Call) -> str:
    """The address by which the caller reached the account."""
    return f"http://{call.headers.get('Host', '')}"


def address(call: Call, **changes: Any) -> str:
    """The address of this call with other parameters."""
    return f"{root(call)}{call.path}?{urlencode(call.query | {key: str(value) for key, value in changes.items()})}"
