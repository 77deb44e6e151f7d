"""The Knowledge API, the only one for a contact's login: a search without an order by time, and single articles.

Source: "Knowledge API" of ServiceNow's documentation.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hub.errors import CaseMissing
from hub.model import AnyAccount, Article
from hub.platforms.items import parse_each, reference
from hub.platforms.servicenow import api
from hub.platforms.servicenow.articles import article_from_api
from hub.platforms.servicenow.settings import Settings

API = "/api/sn_km_api/knowledge/articles"
TABLE = "/api/now/table"
SIZE = 50  # articles of a page, each of which needs a call of its own; 500 calls an hour are allowed
_SEARCH_LIMIT = 20
_FIELDS = "sys_updated_on,workflow_state"


def params(settings: Settings, offset: int, since: int = 0) -> dict[str, Any]:
    """The parameters of a search for all published articles changed since a time in epoch seconds."""
    condition = "workflow_state=published"
    if since:
        condition += f"^sys_updated_on>={datetime.fromtimestamp(since, UTC):%Y-%m-%d %H:%M:%S}"
    values = {
        "fields": _FIELDS,
        "filter": condition,
        "language": settings.kb_language,
        "limit": SIZE,
        "offset": offset,
        "query": "",
    }
    return values | ({"kb": ",".join(settings.kb_ids)} if settings.kb_ids else {})


async def search(account: AnyAccount, query: str) -> tuple[Article, ...]:
    """What the instance's own search finds, best first, 20 at most; without bodies."""
    words = " ".join(query.replace("\0", " ").split())
    if not words:
        return ()
    search = params(account.settings, 0) | {"query": words, "limit": _SEARCH_LIMIT}
    records, _, _ = await fetch_page(account, search)
    known = [row for row in records if isinstance(row, dict)]
    return parse_each(
        known, lambda row: article_from_api(row, account.settings), lambda row: reference(row, "number")
    ).items


async def read(account: AnyAccount, reference: str) -> Article:
    """One published article by its number; raises CaseMissing."""
    if not (reference.isascii() and reference.isalnum()):
        raise CaseMissing("the reference is not the number of an article", account=account.name)
    values = {"fields": _FIELDS, "language": account.settings.kb_language}
    record = api.record(await account.client.get(f"{API}/{reference}", params=values))
    return article_from_api({**record, "title": record.get("short_description")}, account.settings)


async def fetch_page(account: AnyAccount, values: dict[str, Any]) -> tuple[list[Any], int, int | None]:
    """The rows of a page, their total number, and the vendor's time."""
    reply = await account.client.get(API, params=values)
    result = api.record(reply)
    records, meta = result.get("articles"), result.get("meta")
    if not isinstance(records, list):
        raise reply.misbehaved("the answer to a search has no articles")
    count = meta.get("count") if isinstance(meta, dict) else None
    if not isinstance(count, int) or isinstance(count, bool) or count > SIZE * api.MAX_PAGES:
        raise reply.misbehaved("the answer to a search has no valid total")
    return records, count, reply.date
