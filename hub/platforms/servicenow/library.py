"""Knowledge articles and patches: hooks over the table kb_knowledge or the Knowledge API.

Source: "Knowledge API", "Table API" and "Knowledge article states" of ServiceNow's documentation. An article's number
is its reference: a new version is a row of its own with the same number, which makes the old one outdated.
"""

from __future__ import annotations

from hub.errors import NotPermitted, VendorMisbehaved
from hub.hookspecs import Hooks, hookimpl
from hub.model import AnyAccount, Article, Cursor, Page, Patch, Quarantined
from hub.platforms.servicenow import knowledge, mirror, wire
from hub.platforms.servicenow.articles import FIELDS, article_from, has_word, patch_from, patch_of
from hub.platforms.servicenow.faults import NO_TABLE
from hub.platforms.servicenow.news import ChangedPage, read_page
from hub.platforms.servicenow.settings import Own
from hub.platforms.texts import text


class Library(Hooks[Own]):
    """The hooks for articles and patches."""

    @hookimpl
    async def hub_changed_articles(self, account: AnyAccount, cursor: Cursor) -> Page[Article]:
        """One page of changed articles; from the table, or as a contact from the API."""
        if not account.settings.reads_table:
            return await mirror.changed(account, cursor)
        return await _told(account, cursor)

    @hookimpl
    async def hub_search_articles(self, account: AnyAccount, query: str) -> tuple[Article, ...]:
        """What the instance's own search finds, best first, at most 20; without bodies."""
        return await knowledge.search(account, query)

    @hookimpl
    async def hub_read_article(self, account: AnyAccount, reference: str) -> Article:
        """One published article by its number; raises CaseMissing."""
        return await knowledge.read(account, reference)

    @hookimpl
    async def hub_changed_patches(self, account: AnyAccount, cursor: Cursor) -> Page[Patch]:
        """One page of patches, from where patch_source says; none where it says none or the table is refused."""
        settings = account.settings
        if settings.patches_from == "none":
            return Page(items=(), cursor=cursor)
        if settings.patches_from == "articles":
            return await _announced(account, cursor)
        prefix = settings.download_number_prefix
        names = dict.fromkeys(
            ("sys_id", "number", "workflow_state", "sys_updated_on", *filter(None, settings.patch_fields.values()))
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


async def _told(account: AnyAccount, cursor: Cursor) -> Page[Article]:
    settings = account.settings
    where = [_one_of("kb_knowledge_base", settings.kb_ids)]
    if settings.patches_from == "table" and settings.download_table == "kb_knowledge":
        prefix = settings.download_number_prefix
        where += [f"numberNOT LIKE{prefix}"] if prefix else []
    read = await _rows(account, "kb_knowledge", FIELDS, "^".join(filter(None, where)), cursor)
    items, bad = list[Article](), list(read.bad)
    for row in read.records:
        try:
            found = article_from(row, settings)
        except VendorMisbehaved as error:
            bad.append(Quarantined(reference=str(row.get("number"))[:40], reason=error.message))
            continue
        items += [found] if found else []
    return Page(items=tuple(items), cursor=read.state.plain(), more=not read.over, quarantined=tuple(bad))


async def _announced(account: AnyAccount, cursor: Cursor) -> Page[Patch]:
    """Patches that articles announce in their titles."""
    settings = account.settings
    words = settings.patch_titles
    if settings.reads_table:
        page = await _told(account, cursor)
    else:
        page = await mirror.changed(account, cursor, words)
    picked = tuple(patch_of(one, settings) for one in page.items if has_word(one.title, words))
    return Page(items=picked, cursor=page.cursor, more=page.more, quarantined=page.quarantined)


async def _rows(account: AnyAccount, table: str, fields: str, where: str, cursor: Cursor) -> ChangedPage:
    params = {
        "sysparm_fields": fields,
        "sysparm_limit": account.settings.page_size,
        "sysparm_display_value": "false",
        "sysparm_exclude_reference_link": "true",
    }
    return await read_page(account, f"{knowledge.TABLE}/{table}", params, where, cursor)


def _one_of(field: str, values: tuple[str, ...]) -> str:
    return f"{field}IN{','.join(wire.sys_id(one) for one in values)}" if values else ""
