"""Lists of API v2: records, and whether there is a next page.

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
MAX_PAGES = 300


def records(reply: Reply) -> list[Record]:
    """The records of a list, without rows of another form."""
    return [row for row in reply.json(list) if isinstance(row, dict)]


def has_next_page(reply: Reply, count: int, size: int) -> bool:
    """Whether there may be a next page: the answer links to it, or this page is full."""
    return 'rel="next"' in str(reply.headers.get("link", "")) or count >= size


async def fetch_all(account: AnyAccount, path: str, params: Mapping[str, Any] | None = None) -> AsyncIterator[Record]:
    """All records of a list, each once; raises VendorMisbehaved for a row of another form, and an endless list."""
    seen: set[int] = set()
    for page in range(1, MAX_PAGES + 1):
        reply = await account.client.get(path, params={**(params or {}), "per_page": SIZE, "page": page})
        listed = [texts.record(row) for row in reply.json(list)]
        new = [record for record in listed if texts.number(record, "id") not in seen]
        seen |= {texts.number(record, "id") for record in new}
        for record in new:
            yield record
        if not new or not has_next_page(reply, len(listed), SIZE):
            return
    raise VendorMisbehaved(f"a list does not end after {MAX_PAGES} pages", account=account.name)
