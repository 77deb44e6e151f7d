"""Articles that a listing no longer shows: each is looked up, as it may only have moved to another page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from hub.model import Article
from hub.platforms.items import ItemResults, printable, read_each
from hub.platforms.releases import gone, last_change
from hub.platforms.texts import text

Record = dict[str, Any]


async def look_up_missing(
    missing: Iterable[str],
    seen: dict[str, str],
    *,
    find: Callable[[str], Awaitable[Record | None]],
    parse: Callable[[Record], Article],
    language: str,
) -> ItemResults[Article]:
    """The missing articles that are withdrawn, and those that have changed; `seen` is updated.

    `find` returns a published article's record or None; `seen` has the time of the last change by reference. An article
    that can't be looked up is quarantined, and not withdrawn.
    """

    async def read_one(reference: str) -> Article | None:
        record = await find(reference)
        if record is None:
            withdrawn = gone(reference, last_change(seen[reference]), language)
            del seen[reference]
            return withdrawn
        if seen[reference] == text(record, "updated_at"):
            return None
        article = parse(record)
        seen[reference] = text(record, "updated_at")
        return article

    return await read_each(missing, read_one, printable, together=False)
