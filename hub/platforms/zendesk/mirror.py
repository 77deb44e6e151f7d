"""Changed articles: the list, newest change first, is read until a page shows nothing new.

The cursor stores the time of each article's last change. Withdrawn articles just disappear. So the list is read to its
end from time to time, and articles that it did not show are looked up before they are reported as withdrawn. Pages are
read by cursor: by number, the vendor refuses pages beyond 10,000 records.
"""

from __future__ import annotations

from typing import Any

from hub.errors import VendorMisbehaved
from hub.model import AnyAccount, Article, Cursor, Page
from hub.platforms import texts
from hub.platforms.items import parse_each, reference
from hub.platforms.mirror import look_up_missing
from hub.platforms.releases import gone, last_change
from hub.platforms.stream import part
from hub.platforms.zendesk import api, articles
from hub.platforms.zendesk.settings import Settings

DAY = 86_400
FIRST = {"page[size]": api.SIZE}


async def changed_articles(account: AnyAccount, cursor: Cursor, *, patches: bool) -> Page[Article]:
    """One page: of the list, or of articles that the list did not show."""
    settings: Settings = account.settings
    seen: dict[str, str] = dict(part(cursor, "seen", dict))
    if "lost" in cursor:
        return await _missing(account, seen, cursor, patches=patches)
    met = dict.fromkeys(part(cursor, "met", list))
    order, params = {"sort_by": "updated_at", "sort_order": "desc"}, part(cursor, "next", dict) or FIRST
    reply = await account.client.get(articles.path(settings), params=order | params)
    answer, now = reply.json(dict), reply.date or 0
    swept = int(cursor.get("swept", now))
    whole = cursor.get("whole", "swept" not in cursor or now - swept >= settings.sweep_days * DAY) is True
    rows, changes = api.rows(reply, answer, "articles"), set[str]()

    def parse(row: Any) -> Article | None:
        ident, at = str(texts.number(texts.record(row), "id")), str(row.get("updated_at"))[:40]
        if not articles.is_published(row, settings, patches=patches):
            return withdraw(ident, at) if ident in seen else None
        is_first, before = ident not in met, seen.get(ident)
        met[ident], seen[ident] = None, at
        if before == at:
            return None
        changes.add(ident)
        return articles.article_from(row, settings) if is_first else None

    def withdraw(ident: str, at: str) -> Article:
        del seen[ident]
        changes.add(ident)
        return gone(ident, last_change(at), settings.kb_locale)

    items, bad = parse_each(rows, parse, lambda row: reference(row, "id"))
    following = api.next_page(answer, params)
    if following == params:
        raise VendorMisbehaved("the vendor returned a page of articles twice", next_step="report this to the vendor")
    if following is not None and rows and (whole or changes):
        after: Cursor = {"seen": seen, "met": list(met), "next": following, "whole": whole, "swept": swept}
        return Page(items=items, cursor=after, more=True, quarantined=bad)
    missing = sorted(set(seen) - set(met)) if whole else []
    after = {"seen": seen, "swept": now if whole else swept} | ({"lost": missing} if missing else {})
    return Page(items=items, cursor=after, more=bool(missing), quarantined=bad)


async def _missing(account: AnyAccount, seen: dict[str, str], cursor: Cursor, *, patches: bool) -> Page[Article]:
    """One page of articles that the list did not show: withdrawn ones, and changed ones that exist after all."""
    settings: Settings = account.settings
    missing: list[str] = list(part(cursor, "lost", list))

    async def find(reference: str) -> api.Record | None:
        record = await articles.find(account, reference)
        is_published = record is not None and articles.is_published(record, settings, patches=patches)
        return record if is_published else None

    items, bad = await look_up_missing(
        missing[: api.SIZE],
        seen,
        find=find,
        parse=lambda record: articles.article_from(record, settings),
        language=settings.kb_locale,
    )
    left = missing[api.SIZE :]
    after: Cursor = {"seen": seen, "swept": cursor["swept"]} | ({"lost": left} if left else {})
    return Page(items=items, cursor=after, more=bool(left), quarantined=bad)
