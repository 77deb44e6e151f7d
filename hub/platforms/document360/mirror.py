"""Changed articles: the complete list is compared with the versions in the cursor.

The cursor has about forty bytes for each article and language. So only changed texts are fetched, and articles that are
gone are reported as withdrawn.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from hub.errors import VendorMisbehaved
from hub.model import AnyAccount, Article, Cursor, Page, Quarantined
from hub.platforms.document360.articles import fetch_all, read
from hub.platforms.stream import part


async def changed_articles(account: AnyAccount, cursor: Cursor, pattern: re.Pattern[str] | None) -> Page[Article]:
    """One page; the list is read once for each run, then the changed articles page by page."""
    seen: dict[str, int] = dict(part(cursor, "seen", dict))
    todo: list[list[Any]] = list(part(cursor, "todo", list))
    items: list[Article] = []
    bad: list[Quarantined] = []
    if not todo:
        rows, bad, now = await fetch_all(account)
        if pattern is not None:
            rows = {place: row for place, row in rows.items() if pattern.search(f"{row.title} {row.slug}")}
        items = [_gone(place, now) for place in seen if place not in rows]
        seen = {place: version for place, version in seen.items() if place in rows}
        todo = [[row.id, row.language, row.version] for place, row in rows.items() if seen.get(place) != row.version]
    size = account.settings.page_size
    for ident, language, version in todo[:size]:
        place = f"{ident}:{language}"
        try:
            article = await read(account, ident, language)
        except VendorMisbehaved as error:
            bad.append(Quarantined(reference=place, reason=error.message))
            continue
        if article is not None:
            items.append(article[0])
        # a newer version than listed is not reported again
        seen[place] = max(version, article[1]) if article is not None else version
    after: Cursor = {"seen": seen, "todo": todo[size:]}
    return Page(items=tuple(items), cursor=after, more=len(todo) > size, quarantined=tuple(bad))


def _gone(place: str, now: datetime) -> Article:
    language = place.partition(":")[2]
    return Article(reference=place, title="", body="", changed_at=now, language=language, withdrawn=True)
