"""What has changed: the list is compared with what was seen, which the cursor remembers.

It remembers some forty bytes for each article and language, so that only changed bodies are fetched, and what is gone
is told as withdrawn.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from hub.errors import VendorMisbehaved
from hub.model import AnyAccount, Article, Cursor, Page, Quarantined
from hub.platforms.document360.articles import listed, read
from hub.platforms.stream import part


async def changed(account: AnyAccount, cursor: Cursor, picked: re.Pattern[str] | None) -> Page[Article]:
    """One page: the list is taken once a run, and its changes are fetched some at a time."""
    seen: dict[str, int] = dict(part(cursor, "seen", dict))
    todo: list[list[Any]] = list(part(cursor, "todo", list))
    items: list[Article] = []
    bad: list[Quarantined] = []
    if not todo:
        rows, bad, now = await listed(account)
        if picked is not None:
            rows = {place: row for place, row in rows.items() if picked.search(f"{row.title} {row.slug}")}
        items = [_gone(place, now) for place in seen if place not in rows]
        seen = {place: version for place, version in seen.items() if place in rows}
        todo = [[row.id, row.language, row.version] for place, row in rows.items() if seen.get(place) != row.version]
    size = account.settings.page_size
    for ident, language, version in todo[:size]:
        place = f"{ident}:{language}"
        try:
            found = await read(account, ident, language)
        except VendorMisbehaved as error:
            bad.append(Quarantined(reference=place, reason=error.message))
            continue
        if found is not None:
            items.append(found[0])
        # a newer version than was listed is not told again
        seen[place] = max(version, found[1]) if found is not None else version
    kept: Cursor = {"seen": seen, "todo": todo[size:]}
    return Page(items=tuple(items), cursor=kept, more=len(todo) > size, quarantined=tuple(bad))


def _gone(place: str, now: datetime) -> Article:
    language = place.partition(":")[2]
    return Article(reference=place, title="", body="", changed_at=now, language=language, withdrawn=True)
