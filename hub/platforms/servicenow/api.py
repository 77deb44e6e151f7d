"""Records over REST: results, safe queries, and lists whose pages may be short.

Source: "Table API" and "Case API" of ServiceNow's documentation. Row-level access is applied after the limit, so a page
may be short or empty although more records follow. An invalid part of a query is ignored.
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
from hub.platforms.texts import utc

Record = dict[str, Any]
MAX_PAGES = 500
CASE = "/api/sn_customerservice/case"
CASE_TABLE = "sn_customerservice_case"
_SYS_ID = re.compile(r"[0-9a-f]{32}")
_TIME = "%Y-%m-%d %H:%M:%S"


class Rows(NamedTuple):
    """Rows of any form, and the vendor's time in epoch seconds (None if the answer has none)."""

    rows: list[Any]
    date: int | None = None


def query_value(text: str) -> str:
    """A text as a value in a query; raises FieldRefused for a text that would break out of it."""
    if "^" in text or "\0" in text or "\n" in text or text.startswith("javascript:"):
        raise FieldRefused("a search text contains query syntax", next_step="remove the special characters")
    return text


def sys_id(text: str) -> str:
    """A record's id; raises CaseMissing for an invalid id."""
    if not _SYS_ID.fullmatch(text):
        raise CaseMissing("the reference is not a sys_id", next_step="use an id that the vendor returned")
    return text


def result(reply: Reply) -> Any:
    """The result in an answer; raises VendorUnavailable for an error inside a successful answer."""
    answer = reply.json(dict)
    if "error" in answer:
        raise VendorUnavailable(
            "the instance stopped in the middle of its answer",
            next_step="use smaller pages (page_size)",
            vendor=reply.vendor,
            account=reply.account,
            request_id=reply.request_id,
        )
    if "result" not in answer:
        raise reply.misbehaved("the answer has no result")
    return answer["result"]


def record(reply: Reply) -> Record:
    """The single record of an answer; raises VendorMisbehaved."""
    found = result(reply)
    if not isinstance(found, dict):
        raise reply.misbehaved("the answer has no record")
    return found


async def fetch_visible(account: AnyAccount, path: str, params: Mapping[str, Any]) -> Rows:
    """The first page with visible records; pages without any are skipped."""
    size, offset = int(params["sysparm_limit"]), 0
    date = None
    for _ in range(MAX_PAGES):
        reply = await account.client.get(path, params={**params, "sysparm_offset": offset})
        found = result(reply)
        if not isinstance(found, list):
            raise reply.misbehaved("the answer has no list of records")
        date = reply.date if date is None else date
        offset += size
        if found or not has_next_page(reply, offset, len(found), size):
            return Rows(found, date)
    raise VendorMisbehaved(f"a list does not end after {MAX_PAGES} pages", account=account.name)


def has_next_page(reply: Reply, offset: int, count: int, size: int) -> bool:
    """Whether records follow at this offset: from the total, the link to the next page, or a full page."""
    total = str(reply.headers.get("x-total-count", ""))
    if total.isascii() and total.isdigit():
        return offset < int(total)
    link = str(reply.headers.get("link", ""))
    return 'rel="next"' in link if link else count == size


def after(place: Position, field: str = "sys_updated_on") -> str:
    """The part of a query for records after a position in the order of (time, sys_id).

    (time >= t) AND (time > t OR sys_id > id): an OR joins only its neighbours, so no other part has to be repeated.
    """
    at = datetime.fromtimestamp(place.at, UTC).strftime(_TIME)
    begin = f"{field}>={at}"
    return f"{begin}^{field}>{at}^ORsys_id>{sys_id(place.id)}" if place.id else begin


def moment(values: Mapping[str, Any], name: str) -> datetime | None:
    """A time such as 2026-02-03 11:40:02, which is UTC; None if unset. Raises VendorMisbehaved."""
    value = values.get(name)
    if value is None or value == "":
        return None
    try:
        at = datetime.strptime(value, _TIME).replace(tzinfo=UTC)
    except (TypeError, ValueError):
        raise VendorMisbehaved(f"field {name!r} is not a time") from None
    return utc(at, name)


def reference(values: Mapping[str, Any], name: str) -> str:
    """The sys_id in a reference field, which may be a bare id, a link, or a whole record."""
    value = values.get(name)
    if isinstance(value, dict):
        value = value.get("value") or value.get("sys_id")
    return value if isinstance(value, str) else ""
