"""Changed articles: the API can't list changes, so all folders are read and compared with what was seen before.

The cursor stores the time of each article's last change. Each call reads one page of one folder. An article that no
page showed may have moved to another page, so it is looked up before it is reported as withdrawn.
"""

from __future__ import annotations

from hub.errors import VendorMisbehaved
from hub.model import AnyAccount, Article, Cursor, Page, Quarantined
from hub.platforms.changes import quarantine
from hub.platforms.freshdesk import api, articles
from hub.platforms.freshdesk.settings import Settings
from hub.platforms.mirror import look_up_missing
from hub.platforms.stream import part
from hub.platforms.texts import text


async def changed_articles(account: AnyAccount, cursor: Cursor, *, patches: bool) -> Page[Article]:
    """One page: of a folder, or of articles that no folder showed."""
    settings: Settings = account.settings
    seen: dict[str, str] = dict(part(cursor, "seen", dict))
    if "lost" in cursor:
        return await _missing(account, seen, cursor, patches=patches)
    walk: list[list[int]] = [list(folder) for folder in part(cursor, "walk", list)]
    met: list[str] = list(part(cursor, "met", list))
    if not walk:
        walk = [[*folder, 1] for folder in await articles.folders(account, patches=patches)]
    items: list[Article] = []
    bad: list[Quarantined] = []
    if walk:
        folder, visibility, page = walk.pop(0)
        params = {"per_page": settings.page_size, "page": page}
        reply = await account.client.get(f"/solutions/folders/{folder}/articles", params=params)
        records = api.records(reply)
        for record in records:
            if record.get("status") != articles.PUBLISHED:
                continue
            try:
                article = articles.article_from(record, settings, visibility)
            except VendorMisbehaved as error:
                bad.append(quarantine(record, "id", error))
                met.append(str(record.get("id")))
                continue
            if article.reference not in met:
                met.append(article.reference)
                items += [article] if seen.get(article.reference) != text(record, "updated_at") else []
                seen[article.reference] = text(record, "updated_at")
        if api.has_next_page(reply, len(records), settings.page_size) and page < api.MAX_PAGES and records:
            walk.insert(0, [folder, visibility, page + 1])
    after: Cursor = {"seen": seen, "walk": walk, "met": met}
    missing = [] if walk else sorted(set(seen) - set(met))
    if not walk:
        after = {"seen": seen, "lost": missing} if missing else {"seen": seen}
    return Page(items=tuple(items), cursor=after, more=bool(walk or missing), quarantined=tuple(bad))


async def _missing(account: AnyAccount, seen: dict[str, str], cursor: Cursor, *, patches: bool) -> Page[Article]:
    """One page of articles that no folder showed: withdrawn ones, and changed ones that exist after all."""
    settings: Settings = account.settings
    missing: list[str] = list(part(cursor, "lost", list))
    visibilities = dict(await articles.folders(account, patches=patches))

    async def find(reference: str) -> api.Record | None:
        record = await articles.find(account, reference)
        return record if record is not None and record.get("folder_id") in visibilities else None

    items = await look_up_missing(
        missing[: settings.page_size],
        seen,
        find=find,
        parse=lambda record: articles.article_from(record, settings, visibilities[record["folder_id"]]),
        language=settings.kb_language,
    )
    left = missing[settings.page_size :]
    after: Cursor = {"seen": seen, "lost": left} if left else {"seen": seen}
    return Page(items=tuple(items), cursor=after, more=bool(left))
