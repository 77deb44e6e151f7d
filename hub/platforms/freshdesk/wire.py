"""Lists over API v2: rows, whether a next page is to come, and the vendor's own time.

Source: "Pagination" of the API's manual: page and per_page (at most 100), and a Link header with rel="next".
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from hub.errors import VendorMisbehaved
from hub.http import Reply
from hub.model import AnyAccount
from hub.platforms import texts

Record = dict[str, Any]
SIZE = 100
MOST_PAGES = 300


def rows(reply: Reply) -> list[Record]:
    """The records of a list."""
    told = reply.json(list)
    if not all(isinstance(row, dict) for row in told):
        raise reply.misbehaved("a list holds something else than records")
    return told


def goes_on(reply: Reply, got: int, size: int) -> bool:
    """Whether a page may follow: by its link, or because this one is full."""
    return 'rel="next"' in str(reply.headers.get("link", "")) or got >= size


async def every(account: AnyAccount, path: str, params: Mapping[str, Any] | None = None) -> AsyncIterator[Record]:
    """All records of a list, once each; raises VendorMisbehaved for one without an end."""
    seen: set[int] = set()
    for page in range(1, MOST_PAGES + 1):
        reply = await account.client.get(path, params={**(params or {}), "per_page": SIZE, "page": page})
        told = rows(reply)
        new = [row for row in told if texts.number(row, "id") not in seen]
        seen |= {texts.number(row, "id") for row in new}
        for row in new:
            yield row
        if not new or not goes_on(reply, len(told), SIZE):
            return
    raise VendorMisbehaved(f"a list does not end after {MOST_PAGES} pages", account=account.name)
