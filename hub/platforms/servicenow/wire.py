"""Rows over REST: results without hidden errors, queries that can't be broken out of, pages that may be short.

Source: "Table API" and "Case API" of ServiceNow's documentation. Row-level access is applied after the limit, so
that a page may be short, or empty, while more rows are to come; and a part of a query that is not valid is ignored.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from hub.errors import CaseMissing, FieldRefused, VendorMisbehaved, VendorUnavailable
from hub.http import Reply
from hub.model import AnyAccount
from hub.platforms.stream import Position

Record = dict[str, Any]
MOST_PAGES = 500
CASE = "/api/sn_customerservice/case"
CASE_TABLE = "sn_customerservice_case"
_SYS_ID = re.compile(r"[0-9a-f]{32}")
_TIME = "%Y-%m-%d %H:%M:%S"


class Rows(NamedTuple):
    """Records, and the vendor's time in epoch seconds (None when the reply told none)."""

    records: list[Record]
    date: int | None = None


def value(text: str) -> str:
    """A text as a query's value; raises FieldRefused for one that would end it."""
    if "^" in text or "\0" in text or "\n" in text or text.startswith("javascript:"):
        raise FieldRefused("a search text holds a mark of the query's grammar", next_step="take it out")
    return text


def sys_id(text: str) -> str:
    """A record's id; raises CaseMissing for what can't be one."""
    if not _SYS_ID.fullmatch(text):
        raise CaseMissing("the reference is no sys_id", next_step="take it from what the vendor told")
    return text


def result(reply: Reply) -> Any:
    """What an answer holds; an error inside of a success is told as one."""
    told = reply.json(dict)
    if "error" in told:
        raise VendorUnavailable(
            "the instance broke off within its answer",
            next_step="ask for smaller pages (page_size)",
            vendor=reply.vendor,
            account=reply.account,
            request_id=reply.request_id,
        )
    if "result" not in told:
        raise reply.misbehaved("an answer has no result")
    return told["result"]


def one(reply: Reply) -> Record:
    """The one record of an answer."""
    told = result(reply)
    if not isinstance(told, dict):
        raise reply.misbehaved("an answer holds no record")
    return told


async def listed(account: AnyAccount, path: str, params: Mapping[str, Any], *, every: bool = False) -> Rows:
    """The first page that shows rows, or all rows; pages with no visible row are passed over."""
    size, offset, found = int(params["sysparm_limit"]), 0, list[Record]()
    date = None
    for _ in range(MOST_PAGES):
        reply = await account.client.get(path, params={**params, "sysparm_offset": offset})
        told = result(reply)
        if not isinstance(told, list) or not all(isinstance(row, dict) for row in told):
            raise reply.misbehaved("a list holds no records")
        date = reply.date if date is None else date
        found += told
        offset += size
        if (found and not every) or not goes_on(reply, offset, len(told), size):
            return Rows(found, date)
    raise VendorMisbehaved(f"a list does not end after {MOST_PAGES} pages", account=account.name)


def goes_on(reply: Reply, offset: int, got: int, size: int) -> bool:
    """Whether rows are to come at this offset: by the total, by the link to the next page, or by a full page."""
    total = str(reply.headers.get("x-total-count", ""))
    if total.isascii() and total.isdigit():
        return offset < int(total)
    link = str(reply.headers.get("link", ""))
    return 'rel="next"' in link if link else got == size


def behind(place: Position, field: str = "sys_updated_on") -> str:
    """The part of a query for rows behind a place in the order of (time, sys_id).

    (time >= t) AND (time > t OR sys_id > id): an OR joins only its neighbour, so that no other part is repeated.
    """
    at = datetime.fromtimestamp(place.at, UTC).strftime(_TIME)
    begin = f"{field}>={at}"
    return f"{begin}^{field}>{at}^ORsys_id>{sys_id(place.id)}" if place.id else begin


def moment(row: Mapping[str, Any], name: str) -> datetime | None:
    """A time, such as 2026-02-03 11:40:02, which is UTC; None when unset. Raises VendorMisbehaved."""
    told = row.get(name)
    if told is None or told == "":
        return None
    try:
        return datetime.strptime(told, _TIME).replace(tzinfo=UTC)
    except (TypeError, ValueError):
        raise VendorMisbehaved(f"field {name!r} holds no time") from None


def reference(row: Mapping[str, Any], name: str) -> str:
    """The sys_id in a reference field, however the instance writes it: bare, a link, or a whole record."""
    told = row.get(name)
    if isinstance(told, dict):
        told = told.get("value") or told.get("sys_id")
    return told if isinstance(told, str) else ""
