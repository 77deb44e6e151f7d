"""The Knowledge API, which is all that a contact's login has: a search without an order by time, and single articles.

Source: "Knowledge API" of ServiceNow's documentation.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hub.errors import CaseMissing
from hub.model import AnyAccount, Article
from hub.platforms.servicenow import wire
from hub.platforms.servicenow.articles import article_told
from hub.platforms.servicenow.settings import Settings

API = "/api/sn_km_api/knowledge/articles"
TABLE = "/api/now/table"
SIZE = 50  # articles of a page, each of which takes a call of its own; an hour has 500
_FOUND = 20
_FIELDS = "sys_updated_on,workflow_state"


def asked(settings: Settings, offset: int, since: int = 0) -> dict[str, Any]:
    """The parameters of a search for all published articles that changed since a time in epoch seconds."""
    which = "workflow_state=published"
    if since:
        which += f"^sys_updated_on>={datetime.fromtimestamp(since, UTC):%Y-%m-%d %H:%M:%S}"
    given = {
        "fields": _FIELDS,
        "filter": which,
        "language": settings.kb_language,
        "limit": SIZE,
        "offset": offset,
        "query": "",
    }
    return given | ({"kb": ",".join(settings.kb_ids)} if settings.kb_ids else {})


async def search(account: AnyAccount, query: str) -> tuple[Article, ...]:
    """What the instance's own search finds, best first, at most 20; without bodies."""
    words = " ".join(query.replace("\0", " ").split())
    if not words:
        return ()
    found, _, _ = await page(account, asked(account.settings, 0) | {"query": words, "limit": _FOUND})
    return tuple(article_told(row, account.settings) for row in found)


async def read(account: AnyAccount, reference: str) -> Article:
    """One published article by its number; raises CaseMissing."""
    if not (reference.isascii() and reference.isalnum()):
        raise CaseMissing("the reference is no article's number", account=account.name)
    given = {"fields": _FIELDS, "language": account.settings.kb_language}
    row = wire.one(await account.client.get(f"{API}/{reference}", params=given))
    return article_told({**row, "title": row.get("short_description")}, account.settings)


async def page(account: AnyAccount, given: dict[str, Any]) -> tuple[list[wire.Record], int, int | None]:
    """The articles of a page, how many there are in all, and the vendor's time."""
    reply = await account.client.get(API, params=given)
    result = wire.one(reply)
    rows, meta = result.get("articles"), result.get("meta")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise reply.misbehaved("a search has no articles")
    count = meta.get("count") if isinstance(meta, dict) else None
    if not isinstance(count, int) or isinstance(count, bool) or count > SIZE * wire.MOST_PAGES:
        raise reply.misbehaved("a search does not tell how much it found")
    return rows, count, reply.date
