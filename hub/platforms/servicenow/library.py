"""Knowledge articles and patches: hooks over the table kb_knowledge or the Knowledge API.

Source: "Knowledge API", "Table API" and "Knowledge article states" of ServiceNow's documentation. An article's number
is its reference: a new version is a row of its own with the same number, which makes the old one outdated.
"""

from __future__ import annotations

from typing import Any

from hub.errors import CaseMissing, FieldRefused, NotPermitted, VendorMisbehaved
from hub.hookspecs import hookimpl
from hub.model import AnyAccount, Article, Cursor, Page, Patch, Quarantined
from hub.platforms.servicenow import wire
from hub.platforms.servicenow.articles import (
    FIELDS,
    article_from,
    article_told,
    has_word,
    patch_from,
    patch_of,
)
from hub.platforms.servicenow.faults import NO_TABLE
from hub.platforms.servicenow.news import Read, read_page
from hub.platforms.servicenow.settings import Settings
from hub.platforms.texts import text

API = "/api/sn_km_api/knowledge/articles"
TABLE = "/api/now/table"
_FOUND = 20


class Library:
    """The hooks for articles and patches."""

    @hookimpl
    async def hub_changed_articles(self, account: AnyAccount, cursor: Cursor) -> Page[Article]:
        """One page of changed articles; from the table with those withdrawn, from the API without."""
        if not account.settings.reads_table:
            return await _from_api(account, cursor)
        where = [_one_of("kb_knowledge_base", account.settings.kb_ids)]
        if account.settings.patch_source == "table" and account.settings.download_table == "kb_knowledge":
            prefix = account.settings.download_number_prefix
            where += [f"numberNOT LIKE{prefix}"] if prefix else []
        read = await _rows(account, "kb_knowledge", FIELDS, "^".join(filter(None, where)), cursor)
        items, bad = list[Article](), list(read.bad)
        for row in read.records:
            try:
                found = article_from(row, account.settings)
            except VendorMisbehaved as error:
                bad.append(Quarantined(reference=str(row.get("number"))[:40], reason=error.message))
                continue
            items += [found] if found else []
        return Page(items=tuple(items), cursor=read.state.plain(), more=not read.over, quarantined=tuple(bad))

    @hookimpl
    async def hub_search_articles(self, account: AnyAccount, query: str) -> tuple[Article, ...]:
        """What the instance's own search finds, best first, at most 20; without bodies."""
        words = " ".join(query.replace("\0", " ").split())
        if not words:
            return ()
        asked = _asked(account.settings, 0) | {"query": words, "limit": _FOUND}
        return tuple(article_told(row, account.settings) for row in await _search(account, asked))

    @hookimpl
    async def hub_read_article(self, account: AnyAccount, reference: str) -> Article:
        """One published article by its number; raises CaseMissing."""
        if not (reference.isascii() and reference.isalnum()):
            raise CaseMissing("the reference is no article's number", account=account.name)
        asked = {"fields": "sys_updated_on,workflow_state", "language": account.settings.kb_language}
        told = wire.one(await account.client.get(f"{API}/{reference}", params=asked))
        return article_told({**told, "title": told.get("short_description")}, account.settings)

    @hookimpl
    async def hub_changed_patches(self, account: AnyAccount, cursor: Cursor) -> Page[Patch]:
        """One page of patches, from where patch_source says; none where it says none or the table is refused."""
        settings = account.settings
        if settings.patch_source == "none":
            return Page(items=(), cursor=cursor)
        if settings.patch_source == "articles":
            page = await self.hub_changed_articles(account, cursor)
            picked = tuple(patch_of(one) for one in page.items if has_word(one.title, settings.patch_titles))
            return Page(items=picked, cursor=page.cursor, more=page.more, quarantined=page.quarantined)
        prefix = settings.download_number_prefix
        names = dict.fromkeys(
            (
                "sys_id",
                "number",
                "workflow_state",
                "sys_updated_on",
                *filter(None, settings.patch_fields.values()),
            )
        )
        where = f"numberSTARTSWITH{prefix}" if prefix else ""
        try:
            read = await _rows(account, settings.download_table, ",".join(names), where, cursor)
        except NotPermitted as error:
            if error.message != NO_TABLE and not settings.is_external:
                raise  # a technical user that was let in once has lost a right; a contact seldom has any table
            return Page(items=(), cursor=cursor)  # not offered to us: the account check says so
        items, bad = list[Patch](), list(read.bad)
        for row in read.records:
            try:
                if text(row, "number").startswith(prefix):
                    items.append(patch_from(row, settings))
            except VendorMisbehaved as error:
                bad.append(Quarantined(reference=str(row.get("number"))[:40], reason=error.message))
        return Page(items=tuple(items), cursor=read.state.plain(), more=not read.over, quarantined=tuple(bad))


async def _rows(account: AnyAccount, table: str, fields: str, where: str, cursor: Cursor) -> Read:
    params = {
        "sysparm_fields": fields, "sysparm_limit": account.settings.page_size, "sysparm_display_value": "false",
        "sysparm_exclude_reference_link": "true",
    }  # fmt: skip
    return await read_page(account, f"{TABLE}/{table}", params, where, cursor)


def _one_of(field: str, values: tuple[str, ...]) -> str:
    return f"{field}IN{','.join(wire.sys_id(one) for one in values)}" if values else ""


def _asked(settings: Settings, offset: int) -> dict[str, Any]:
    asked = {
        "fields": "sys_updated_on,workflow_state", "filter": "workflow_state=published",
        "language": settings.kb_language, "limit": settings.page_size, "offset": offset, "query": "",
    }  # fmt: skip
    return asked | ({"kb": ",".join(settings.kb_ids)} if settings.kb_ids else {})


async def _search(account: AnyAccount, asked: dict[str, Any]) -> list[wire.Record]:
    reply = await account.client.get(API, params=asked)
    told = wire.one(reply).get("articles")
    if not isinstance(told, list) or not all(isinstance(row, dict) for row in told):
        raise reply.misbehaved("a search has no articles")
    return told


async def _from_api(account: AnyAccount, cursor: Cursor) -> Page[Article]:
    """The search has no order by time: a run reads all that changed since the last, page by page."""
    settings = account.settings
    try:
        since, newest, offset = (str(cursor.get(name, "")) for name in ("since", "newest", "offset"))
        start = int(offset or 0)
    except ValueError:
        raise FieldRefused("the cursor is not one of this plugin's", next_step="reset the stream") from None
    first = settings.history_from.strftime("%Y-%m-%d %H:%M:%S") if settings.history_from else ""
    since = max(since, first)
    asked = _asked(settings, start)
    if since:
        asked["filter"] = f"workflow_state=published^sys_updated_on>={wire.value(since)}"
    rows = await _search(account, asked)
    items, bad = list[Article](), list[Quarantined]()
    for row in rows:
        try:
            one = article_told(row, settings)
            stamp = one.changed_at.strftime("%Y-%m-%d %H:%M:%S")
            if stamp < since:
                continue  # the filter was ignored
            newest = max(newest, stamp)
            items.append(await Library().hub_read_article(account, one.reference))
        except CaseMissing:
            continue  # withdrawn since the page was read
        except VendorMisbehaved as error:
            bad.append(Quarantined(reference=str(row.get("number"))[:40], reason=error.message))
    more = len(rows) >= settings.page_size
    kept = (
        {"since": since, "newest": newest, "offset": start + len(rows)}
        if more
        else {"since": newest or since}
    )
    return Page(items=tuple(items), cursor=kept, more=more, quarantined=tuple(bad))
