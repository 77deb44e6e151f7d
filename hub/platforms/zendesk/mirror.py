"""What has changed among articles: their list, newest change first, is walked until a page tells nothing new.

The cursor remembers when each article was changed. What is withdrawn vanishes without a word, so from time to time the
list is walked to its end, and what was not met is asked for by itself before it is told as withdrawn. Pages go on by
cursor: by number, the vendor refuses them beyond 10,000 rows.
"""

from __future__ import annotations

from datetime import UTC, datetime

from hub.errors import VendorMisbehaved
from hub.model import AnyAccount, Article, Cursor, Page, Quarantined
from hub.platforms.releases import gone
from hub.platforms.stream import part
from hub.platforms.texts import text
from hub.platforms.zendesk import articles, wire
from hub.platforms.zendesk.settings import Settings

DAY = 86_400
FIRST = {"page[size]": wire.SIZE}


async def changed(account: AnyAccount, cursor: Cursor, *, patches: bool) -> Page[Article]:
    """One page: of the walk, or of what was not met on it."""
    settings: Settings = account.settings
    seen: dict[str, str] = dict(part(cursor, "seen", dict))
    if "lost" in cursor:
        return await _lost(account, seen, cursor, patches=patches)
    met = dict.fromkeys(part(cursor, "met", list))
    order, asked = {"sort_by": "updated_at", "sort_order": "desc"}, part(cursor, "next", dict) or FIRST
    reply = await account.client.get(articles.path(settings), params=order | asked)
    page, now = reply.json(dict), reply.date or 0
    swept = int(cursor.get("swept", now))
    whole = cursor.get("whole", "swept" not in cursor or now - swept >= settings.sweep_days * DAY) is True
    items: list[Article] = []
    bad: list[Quarantined] = []
    rows, known = wire.rows(reply, page, "articles"), 0
    for row in rows:
        ident, at = str(row.get("id")), str(row.get("updated_at"))
        is_told = articles.is_told(row, settings, patches=patches)
        known += seen.get(ident) == at if is_told else ident not in seen
        try:
            if is_told and ident not in met and seen.get(ident) != at:
                items.append(articles.article(row, settings))
            elif not is_told and ident in seen:
                items.append(gone(ident, _since(at), settings.kb_locale))
        except VendorMisbehaved as error:
            bad.append(Quarantined(reference=ident[:40], reason=error.message))
        if is_told:
            met[ident] = None
            seen[ident] = at
        else:
            seen.pop(ident, None)
    following = wire.following(page, asked)
    if following == asked:
        raise VendorMisbehaved("a page of articles is told twice", next_step="tell the vendor")
    if following is not None and rows and (whole or known < len(rows)):
        kept: Cursor = {"seen": seen, "met": list(met), "next": following, "whole": whole, "swept": swept}
        return Page(items=tuple(items), cursor=kept, more=True, quarantined=tuple(bad))
    lost = sorted(set(seen) - set(met)) if whole else []
    kept = {"seen": seen, "swept": now if whole else swept} | ({"lost": lost} if lost else {})
    return Page(items=tuple(items), cursor=kept, more=bool(lost), quarantined=tuple(bad))


async def _lost(account: AnyAccount, seen: dict[str, str], cursor: Cursor, *, patches: bool) -> Page[Article]:
    """Articles that the walk did not meet, some at a time: those that are gone, and those that are there after all."""
    lost: list[str] = list(part(cursor, "lost", list))
    settings: Settings = account.settings
    items: list[Article] = []
    for ident in lost[: wire.SIZE]:
        row = await articles.read(account, ident)
        if row is None or not articles.is_told(row, settings, patches=patches):
            items.append(gone(ident, _since(seen.pop(ident)), settings.kb_locale))
        elif seen[ident] != text(row, "updated_at"):
            items.append(articles.article(row, settings))
            seen[ident] = text(row, "updated_at")
    left = lost[wire.SIZE :]
    kept: Cursor = {"seen": seen, "swept": cursor["swept"]} | ({"lost": left} if left else {})
    return Page(items=tuple(items), cursor=kept, more=bool(left))


def _since(changed: str) -> datetime:
    """When a lost article was changed last, as far as is known: the vendor does not tell when it took it back."""
    try:
        return datetime.fromisoformat(changed).astimezone(UTC)
    except ValueError:
        raise VendorMisbehaved("an article lacks its time of change") from None
