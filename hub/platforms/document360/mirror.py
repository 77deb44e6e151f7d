"""Changed articles: the complete list is compared with the versions in the cursor.

The cursor has about forty bytes for each article and language. So only changed texts are fetched, and articles that are
gone are reported as withdrawn.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from hub.model import AnyAccount, Article, Cursor, Page, Quarantined
from hub.platforms.document360.articles import fetch_all, read
from hub.platforms.items import printable, read_each
from hub.platforms.stream import part


async def changed_articles(account: AnyAccount, cursor: Cursor, pattern: re.Pattern[str] | None) -> Page[Article]:
    """One page; the list is read once for each run, then the changed articles page by page."""
    seen: dict[str, int] = dict(part(cursor, "seen", dict))
    todo: list[list[Any]] = list(part(cursor, "todo", list))
    gone, bad = list[Article](), tuple[Quarantined, ...]()
    if not todo:
        found = await fetch_all(account)
        rows, bad = found.rows, found.bad
        if pattern is not None:
            rows = {place: row for place, row in rows.items() if pattern.search(f"{row.title} {row.slug}")}
        lost = [place for place in seen if place not in rows and not _is_unread(place, found.unread)]
        gone = [_gone(place, found.now) for place in lost]
        seen = {place: version for place, version in seen.items() if place not in lost}
        todo = [[row.id, row.language, row.version] for place, row in rows.items() if seen.get(place) != row.version]
    size = account.settings.page_size

    async def read_one(entry: list[Any]) -> Article | None:
        ident, language, version = entry
        article = await read(account, ident, language)
        # a newer version than listed is not reported again
        seen[f"{ident}:{language}"] = max(version, article[1]) if article is not None else version
        return article[0] if article is not None else None

    read_now = await read_each(todo[:size], read_one, lambda entry: printable(f"{entry[0]}:{entry[1]}"), together=False)
    after: Cursor = {"seen": seen, "todo": todo[size:]}
    items = (*gone, *read_now.items)
    return Page(items=items, cursor=after, more=len(todo) > size, quarantined=bad + read_now.bad)


def _is_unread(place: str, unread: frozenset[str]) -> bool:
    """Whether an article may be in a row or list that can't be read."""
    return place in unread or f":{place.partition(':')[2]}" in unread


def _gone(place: str, now: datetime) -> Article:
    language = place.partition(":")[2]
    return Article(reference=place, title="", body="", changed_at=now, language=language, withdrawn=True)
