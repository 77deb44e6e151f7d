"""Changed articles: the API can't list changes, so all folders are read and compared with what was seen before.

The cursor stores the time of each article's last change. Each call reads one page of one folder. An article that no
page showed may have moved to another page, so it is looked up before it is reported as withdrawn. Nothing is reported
as withdrawn in a run in which a category or folder can't be read.
"""

from __future__ import annotations

from typing import Any

from hub.errors import CaseMissing, HubError
from hub.model import AnyAccount, Article, Cursor, Page, Quarantined
from hub.platforms import texts
from hub.platforms.freshdesk import api, articles
from hub.platforms.freshdesk.settings import Settings
from hub.platforms.items import is_of_the_account, parse_each, quarantined, reference
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
    partial, bad = part(cursor, "partial", bool), tuple[Quarantined, ...]()
    if not walk:
        found, bad = await articles.folders(account, patches=patches)
        walk = [[*folder, 1] for folder in found]
    items = tuple[Article, ...]()
    partial = partial or bool(bad)
    if walk:
        folder, visibility, page = walk.pop(0)
        rows, more, unread = await _read_folder(account, folder, page)
        partial = partial or bool(unread)

        def parse(row: Any) -> Article | None:
            ident = str(texts.number(texts.record(row), "id"))
            if row.get("status") != articles.PUBLISHED or ident in met:
                return None
            met.append(ident)
            article = articles.article_from(row, settings, visibility)
            changed = seen.get(article.reference) != text(row, "updated_at")
            seen[article.reference] = text(row, "updated_at")
            return article if changed else None

        items, odd = parse_each(rows, parse, lambda row: reference(row, "id"))
        bad = (*bad, *unread, *odd)
        if more:
            walk.insert(0, [folder, visibility, page + 1])
    after: Cursor = {"seen": seen, "walk": walk, "met": met} | ({"partial": True} if partial else {})
    missing = [] if walk or partial else sorted(set(seen) - set(met))
    if not walk:
        after = {"seen": seen, "lost": missing} if missing else {"seen": seen}
    return Page(items=items, cursor=after, more=bool(walk or missing), quarantined=bad)


async def _read_folder(account: AnyAccount, folder: int, page: int) -> tuple[list[Any], bool, tuple[Quarantined, ...]]:
    """The rows of a page of a folder, whether more follow, and the folder itself if it can't be read."""
    size = account.settings.page_size
    try:
        reply = await account.client.get(
            f"/solutions/folders/{folder}/articles", params={"per_page": size, "page": page}
        )
        rows: list[Any] = reply.json(list)
    except CaseMissing:
        return [], False, ()  # deleted since the folders were listed
    except HubError as error:
        if is_of_the_account(error):
            raise
        return [], False, (quarantined(f"folder {folder}", error),)
    return rows, bool(rows) and page < api.MAX_PAGES and api.has_next_page(reply, len(rows), size), ()


async def _missing(account: AnyAccount, seen: dict[str, str], cursor: Cursor, *, patches: bool) -> Page[Article]:
    """One page of articles that no folder showed: withdrawn ones, and changed ones that exist after all."""
    settings: Settings = account.settings
    missing: list[str] = list(part(cursor, "lost", list))
    found, unread = await articles.folders(account, patches=patches)
    if unread:  # an article in a folder that can't be read would look withdrawn
        return Page(items=(), cursor={"seen": seen}, quarantined=unread)
    visibilities = dict(found)

    async def find(reference: str) -> api.Record | None:
        record = await articles.find(account, reference)
        return record if record is not None and record.get("folder_id") in visibilities else None

    items, bad = await look_up_missing(
        missing[: settings.page_size],
        seen,
        find=find,
        parse=lambda record: articles.article_from(record, settings, visibilities[record["folder_id"]]),
        language=settings.kb_language,
    )
    left = missing[settings.page_size :]
    after: Cursor = {"seen": seen, "lost": left} if left else {"seen": seen}
    return Page(items=items, cursor=after, more=bool(left), quarantined=bad)
