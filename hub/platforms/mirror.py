"""Articles that a listing no longer shows: each is looked up, as it may only have moved to another page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from hub.model import Article
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
) -> list[Article]:
    """The missing articles that are withdrawn, and those that have changed; `seen` is updated.

    `find` returns a published article's record or None; `seen` has the time of the last change by reference.
    """
    articles: list[Article] = []
    for reference in missing:
        record = await find(reference)
        if record is None:
            articles.append(gone(reference, last_change(seen.pop(reference)), language))
        elif seen[reference] != text(record, "updated_at"):
            articles.append(parse(record))
            seen[reference] = text(record, "updated_at")
    return articles
