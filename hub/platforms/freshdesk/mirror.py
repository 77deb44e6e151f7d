"""What has changed among articles: nothing tells it, so the folders are walked and compared with what was seen.

The cursor remembers when each article was changed. One page of one folder is read at a time. What was not met on the
way may have slipped from page to page, so it is asked for by itself before it is told as withdrawn.
"""

from __future__ import annotations

from datetime import UTC, datetime

from hub.errors import VendorMisbehaved
from hub.model import AnyAccount, Article, Cursor, Page, Quarantined
from hub.platforms.freshdesk import articles, wire
from hub.platforms.freshdesk.settings import Settings
from hub.platforms.releases import gone
from hub.platforms.stream import part
from hub.platforms.texts import text


async def changed(account: AnyAccount, cursor: Cursor, *, patches: bool) -> Page[Article]:
    """One page: of the walk, or of what was not met on it."""
    settings: Settings = account.settings
    seen: dict[str, str] = dict(part(cursor, "seen", dict))
    if "lost" in cursor:
        return await _lost(account, seen, cursor, patches=patches)
    walk: list[list[int]] = [list(one) for one in part(cursor, "walk", list)]
    met: list[str] = list(part(cursor, "met", list))
    if not walk:
        walk = [[*one, 1] for one in await articles.folders(account, patches=patches)]
    items: list[Article] = []
    bad: list[Quarantined] = []
    if walk:
        folder, visible, page = walk.pop(0)
        asked = {"per_page": settings.page_size, "page": page}
        reply = await account.client.get(f"/solutions/folders/{folder}/articles", params=asked)
        rows = wire.rows(reply)
        for row in rows:
            if row.get("status") != articles.PUBLISHED:
                continue
            try:
                one = articles.article(row, settings, visible)
            except VendorMisbehaved as error:
                bad.append(Quarantined(reference=str(row.get("id"))[:40], reason=error.message))
                met.append(str(row.get("id")))
                continue
            if one.reference not in met:
                met.append(one.reference)
                items += [one] if seen.get(one.reference) != text(row, "updated_at") else []
                seen[one.reference] = text(row, "updated_at")
        if wire.goes_on(reply, len(rows), settings.page_size) and page < wire.MOST_PAGES and rows:
            walk.insert(0, [folder, visible, page + 1])
    kept: Cursor = {"seen": seen, "walk": walk, "met": met}
    lost = [] if walk else sorted(set(seen) - set(met))
    if not walk:
        kept = {"seen": seen, "lost": lost} if lost else {"seen": seen}
    return Page(items=tuple(items), cursor=kept, more=bool(walk or lost), quarantined=tuple(bad))


async def _lost(account: AnyAccount, seen: dict[str, str], cursor: Cursor, *, patches: bool) -> Page[Article]:
    """Articles that the walk did not meet, some at a time: those that are gone, and those that are there after all."""
    lost: list[str] = list(part(cursor, "lost", list))
    size = account.settings.page_size
    where = dict(await articles.folders(account, patches=patches))
    items: list[Article] = []
    for ident in lost[:size]:
        row = await articles.read(account, ident)
        folder = row.get("folder_id") if row is not None else None
        if row is not None and folder in where:
            if seen[ident] != text(row, "updated_at"):
                items.append(articles.article(row, account.settings, where[folder]))
                seen[ident] = text(row, "updated_at")
            continue
        items.append(gone(ident, _since(seen.pop(ident)), account.settings.kb_language))
    left = lost[size:]
    kept: Cursor = {"seen": seen, "lost": left} if left else {"seen": seen}
    return Page(items=tuple(items), cursor=kept, more=bool(left))


def _since(changed: str) -> datetime:
    """When a lost article was changed last, as far as is known: the vendor does not tell when it took it back."""
    return datetime.fromisoformat(changed).astimezone(UTC)
