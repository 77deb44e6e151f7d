"""Solutions: categories hold folders, folders hold articles; what may be shown is said by the folder.

Source: "Solutions" of the API's manual and python-freshdesk. Status 2 is published, 1 a draft; visibility 1 of a folder
means everybody.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from hub.errors import CaseMissing, VendorMisbehaved
from hub.model import AnyAccount, Article
from hub.platforms import texts
from hub.platforms.freshdesk import wire
from hub.platforms.freshdesk.settings import Settings
from hub.platforms.texts import moment, text

PUBLISHED, EVERYBODY = 2, 1
Seen = tuple[int, int]  # a folder: its number and its visibility


async def folders(account: AnyAccount, *, patches: bool) -> list[Seen]:
    """The folders of articles, or those of patches."""
    settings: Settings = account.settings
    found: list[wire.Record] = []
    async for category in wire.every(account, "/solutions/categories"):
        inside = f"/solutions/categories/{texts.number(category, 'id')}/folders"
        found += [one async for one in wire.every(account, inside)]
    return [
        (texts.number(one, "id"), _visibility(one))
        for one in found
        if (text(one, "name") in settings.patch_folders) == patches
    ]


def article(row: wire.Record, settings: Settings, visibility: int) -> Article:
    """The article that a record tells; raises VendorMisbehaved for missing fields."""
    ident, changed_at = str(texts.number(row, "id")), moment(row, "updated_at")
    if changed_at is None:
        raise VendorMisbehaved("an article lacks its time of change")
    tags = row.get("tags")
    return Article(
        reference=ident,
        number=ident,
        title=text(row, "title"),
        body=text(row, "description"),
        changed_at=changed_at,
        language=settings.kb_language,
        public=settings.articles_public and visibility == EVERYBODY,
        address=_address(settings).replace("{id}", ident),
        labels=tuple(one for one in tags if isinstance(one, str)) if isinstance(tags, list) else (),
    )


async def search(account: AnyAccount, query: str) -> tuple[Article, ...]:
    """Published articles that the account finds, in its order."""
    words = " ".join(query.replace("\0", " ").split())
    if not words:
        return ()
    reply = await account.client.get("/search/solutions", params={"term": words})
    known: dict[int, int] = {}
    found: list[Article] = []
    for row in wire.rows(reply):
        if row.get("status") == PUBLISHED:
            folder = texts.number(row, "folder_id")
            known[folder] = known[folder] if folder in known else await visibility(account, row)
            found.append(article(row, account.settings, known[folder]))
    return tuple(found)


async def read(account: AnyAccount, reference: str) -> wire.Record | None:
    """An article's record; None when it is not there or not published."""
    if not (reference.isascii() and reference.isdigit()):
        return None
    try:
        row = (await account.client.get(f"/solutions/articles/{reference}")).json(dict)
    except CaseMissing:
        return None
    return row if row.get("status") == PUBLISHED else None


async def visibility(account: AnyAccount, row: wire.Record) -> int:
    """Who may see the folder of an article; 0 when nobody says."""
    try:
        reply = await account.client.get(f"/solutions/folders/{texts.number(row, 'folder_id')}")
    except CaseMissing:
        return 0
    return _visibility(reply.json(dict))


def _visibility(folder: wire.Record) -> int:
    value: Any = folder.get("visibility")
    return value if isinstance(value, int) else 0


def _address(settings: Settings) -> str:
    parts = urlsplit(settings.base_url)
    return settings.article_address or f"{parts.scheme}://{parts.netloc}/support/solutions/articles/{{id}}"
