"""Solutions: categories hold folders, folders hold articles; what may be shown is said by the folder.

Source: "Solutions" of the API's manual and python-freshdesk. Status 2 is published, 1 a draft; visibility 1 of a folder
means everybody.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from hub.errors import CaseMissing, VendorMisbehaved
from hub.model import AnyAccount, Article, Patch
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
        inside = f"/solutions/categories/{wire.number(category, 'id')}/folders"
        found += [one async for one in wire.every(account, inside)]
    return [
        (wire.number(one, "id"), _visibility(one))
        for one in found
        if (text(one, "name") in settings.patch_folders) == patches
    ]


def article(row: wire.Record, settings: Settings, visibility: int) -> Article:
    """The article that a record tells; raises VendorMisbehaved for missing fields."""
    ident, changed_at = str(wire.number(row, "id")), moment(row, "updated_at")
    if changed_at is None:
        raise VendorMisbehaved("an article lacks its time of change")
    tags = row.get("tags")
    return Article(
        reference=ident, number=ident, title=text(row, "title"), body=text(row, "description"), changed_at=changed_at,
        language=settings.kb_language, public=settings.articles_public and visibility == EVERYBODY,
        address=_address(settings).replace("{id}", ident),
        labels=tuple(one for one in tags if isinstance(one, str)) if isinstance(tags, list) else (),
    )  # fmt: skip


def gone(ident: str, at: datetime, settings: Settings) -> Article:
    """An article that is no longer published."""
    return Article(
        reference=ident, number=ident, title="", body="", changed_at=at, language=settings.kb_language, withdrawn=True
    )  # fmt: skip


def patch(one: Article, settings: Settings) -> Patch:
    """The patch that an article tells of; its version stands in its title."""
    version = re.search(settings.version_pattern, one.title)
    product = re.sub(r"(?i)release[ -]notes", "", re.sub(settings.version_pattern, "", one.title))
    return Patch(
        reference=one.reference, number=one.number, title=one.title, body=one.body, changed_at=one.changed_at,
        language=one.language, product=" ".join(product.split()).strip(" -:"), version=version[0] if version else "",
        published_at=None if one.withdrawn else one.changed_at, public=one.public, address=one.address,
        withdrawn=one.withdrawn,
    )  # fmt: skip


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
            folder = wire.number(row, "folder_id")
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
        reply = await account.client.get(f"/solutions/folders/{wire.number(row, 'folder_id')}")
    except CaseMissing:
        return 0
    return _visibility(reply.json(dict))


def _visibility(folder: wire.Record) -> int:
    value: Any = folder.get("visibility")
    return value if isinstance(value, int) else 0


def _address(settings: Settings) -> str:
    parts = urlsplit(settings.base_url)
    return settings.article_address or f"{parts.scheme}://{parts.netloc}/support/solutions/articles/{{id}}"
