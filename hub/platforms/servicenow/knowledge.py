"""The Knowledge API, which is all that a contact's login has: a search without an order by time, and single articles.

A run asks for all that changed since an overlap before the newest change, page by page, and remembers what it told.
Where the count of what was found shrinks on the way, all behind the article that is gone has moved up, so that the run
begins anew. Source: "Knowledge API" of ServiceNow's documentation.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hub.errors import BadInput, CaseMissing, VendorMisbehaved
from hub.model import AnyAccount, Article, Cursor, Page, Quarantined
from hub.platforms.servicenow import wire
from hub.platforms.servicenow.articles import article_told, has_word
from hub.platforms.servicenow.settings import Settings
from hub.platforms.stream import Position, Told, advance, fresh, stream, told
from hub.platforms.texts import text

API = "/api/sn_km_api/knowledge/articles"
TABLE = "/api/now/table"
SIZE = 50  # articles of a page, each of which takes a call of its own; an hour has 500
_FOUND = 20
_START = Position(-1)
_FIELDS = "sys_updated_on,workflow_state"


def asked(settings: Settings, offset: int, since: int = 0) -> dict[str, Any]:
    """The parameters of a search for all published articles that changed since a time in epoch seconds."""
    which = "workflow_state=published"
    if since:
        which += f"^sys_updated_on>={datetime.fromtimestamp(since, UTC):%Y-%m-%d %H:%M:%S}"
    given = {
        "fields": _FIELDS, "filter": which, "language": settings.kb_language, "limit": SIZE, "offset": offset,
        "query": "",
    }  # fmt: skip
    return given | ({"kb": ",".join(settings.kb_ids)} if settings.kb_ids else {})


async def search(account: AnyAccount, query: str) -> tuple[Article, ...]:
    """What the instance's own search finds, best first, at most 20; without bodies."""
    words = " ".join(query.replace("\0", " ").split())
    if not words:
        return ()
    found, _, _ = await _page(account, asked(account.settings, 0) | {"query": words, "limit": _FOUND})
    return tuple(article_told(row, account.settings) for row in found)


async def read(account: AnyAccount, reference: str) -> Article:
    """One published article by its number; raises CaseMissing."""
    if not (reference.isascii() and reference.isalnum()):
        raise CaseMissing("the reference is no article's number", account=account.name)
    given = {"fields": _FIELDS, "language": account.settings.kb_language}
    row = wire.one(await account.client.get(f"{API}/{reference}", params=given))
    return article_told({**row, "title": row.get("short_description")}, account.settings)


async def changed(account: AnyAccount, cursor: Cursor, titles: tuple[str, ...] = ()) -> Page[Article]:
    """One page of changed articles with their bodies, or of those whose titles hold one of the words.

    Those withdrawn are not told, as the search has none of them.
    """
    settings: Settings = account.settings
    state = stream(cursor, int(settings.history_from.timestamp()) if settings.history_from else 0)
    offset, before = _number(cursor, "offset"), _number(cursor, "count")
    rows, count, date = await _page(account, asked(settings, offset, state.floor.at))
    if count < before:
        return Page(items=(), cursor=state.plain(), more=True)
    items, bad, marks = list[Article](), list[Quarantined](), list[Told]()
    for row in rows:
        try:
            mark = _mark(row, settings)
            if mark.place <= state.floor or not fresh(state, [mark])[0]:
                continue  # told before, or the filter was ignored
            if not titles or has_word(text(row, "title"), titles):
                items.append(await read(account, text(row, "number")))
            marks.append(mark)
        except CaseMissing:
            continue  # withdrawn since the page was read
        except VendorMisbehaved as error:
            bad.append(Quarantined(reference=str(row.get("number"))[:40], reason=error.message))
    if marks:
        state, _ = advance(state._replace(at=_START), sorted(marks), date=None, overlap=0)
        state = state._replace(at=None)
    if (offset := offset + SIZE) < count:
        kept = state.plain() | {"offset": offset, "count": count}
        return Page(items=tuple(items), cursor=kept, more=True, quarantined=tuple(bad))
    state, _ = advance(state, (), date=date, overlap=settings.overlap_seconds)
    return Page(items=tuple(items), cursor=state.plain(), quarantined=tuple(bad))


async def _page(account: AnyAccount, given: dict[str, Any]) -> tuple[list[wire.Record], int, int | None]:
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


def _mark(row: wire.Record, settings: Settings) -> Told:
    one = article_told(row, settings)
    return told(int(one.changed_at.timestamp()), one.reference, {"title": one.title})


def _number(cursor: Cursor, name: str) -> int:
    value = cursor.get(name, 0)
    if not isinstance(value, int):
        raise BadInput("the cursor is not one of this plugin's", next_step="reset the stream to read it anew")
    return value
