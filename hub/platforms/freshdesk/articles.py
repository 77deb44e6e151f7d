"""Solutions: categories contain folders, folders contain articles; the folder says who may see them.

Source: "Solutions" of the API's manual and python-freshdesk. Status 2 is published, 1 a draft; visibility 1 of a folder
means everybody.
"""

from __future__ import annotations

from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from hub.errors import CaseMissing, VendorMisbehaved
from hub.model import AnyAccount, Article
from hub.platforms import texts
from hub.platforms.freshdesk import api
from hub.platforms.freshdesk.settings import Settings
from hub.platforms.items import ItemResults, read_each, reference
from hub.platforms.texts import moment, text

PUBLISHED, EVERYBODY = 2, 1
Folder = tuple[int, int]  # its number and its visibility


async def folders(account: AnyAccount, *, patches: bool) -> ItemResults[Folder]:
    """The folders of articles, or those of patches, and the categories that can't be read."""
    settings: Settings = account.settings

    async def read_one(category: api.Record) -> list[Folder]:
        path = f"/solutions/categories/{texts.number(category, 'id')}/folders"
        return [
            (texts.number(folder, "id"), _visibility(folder))
            async for folder in api.fetch_all(account, path)
            if (text(folder, "name") in settings.patch_folders) == patches
        ]

    categories = [category async for category in api.fetch_all(account, "/solutions/categories")]
    found, bad = await read_each(categories, read_one, lambda row: f"category {reference(row, 'id')}", together=False)
    return ItemResults(tuple(chain.from_iterable(found)), bad)


def article_from(record: api.Record, settings: Settings, visibility: int) -> Article:
    """The article of a record; raises VendorMisbehaved for missing fields."""
    ident, changed_at = str(texts.number(record, "id")), moment(record, "updated_at")
    if changed_at is None:
        raise VendorMisbehaved("an article has no time of change")
    tags = record.get("tags")
    return Article(
        reference=ident,
        number=ident,
        title=text(record, "title"),
        body=text(record, "description"),
        changed_at=changed_at,
        language=settings.kb_language,
        public=settings.articles_public and visibility == EVERYBODY,
        address=_address(settings).replace("{id}", ident),
        labels=tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
    )


async def search(account: AnyAccount, query: str) -> tuple[Article, ...]:
    """Published articles that the account's search finds, in its order."""
    words = " ".join(query.replace("\0", " ").split())
    if not words:
        return ()
    reply = await account.client.get("/search/solutions", params={"term": words})
    visibilities: dict[int, int] = {}

    async def read_one(record: api.Record) -> Article:
        folder = texts.number(record, "folder_id")
        if folder not in visibilities:
            visibilities[folder] = await visibility(account, record)
        return article_from(record, account.settings, visibilities[folder])

    published = [record for record in api.records(reply) if record.get("status") == PUBLISHED]
    return (await read_each(published, read_one, lambda record: reference(record, "id"), together=False)).items


async def find(account: AnyAccount, reference: str) -> api.Record | None:
    """An article's record; None when it does not exist or is not published."""
    if not (reference.isascii() and reference.isdigit()):
        return None
    try:
        record = (await account.client.get(f"/solutions/articles/{reference}")).json(dict)
    except CaseMissing:
        return None
    return record if record.get("status") == PUBLISHED else None


async def read(account: AnyAccount, reference: str) -> Article:
    """One published article; raises CaseMissing."""
    record = await find(account, reference)
    if record is None:
        raise CaseMissing("there is no published article with this number", account=account.name)
    return article_from(record, account.settings, await visibility(account, record))


async def visibility(account: AnyAccount, record: api.Record) -> int:
    """Who may see the folder of an article; 0 when it is unknown."""
    try:
        reply = await account.client.get(f"/solutions/folders/{texts.number(record, 'folder_id')}")
    except CaseMissing:
        return 0
    return _visibility(reply.json(dict))


def _visibility(folder: api.Record) -> int:
    value: Any = folder.get("visibility")
    return value if isinstance(value, int) else 0


def _address(settings: Settings) -> str:
    parts = urlsplit(settings.base_url)
    return settings.article_address or f"{parts.scheme}://{parts.netloc}/support/solutions/articles/{{id}}"
