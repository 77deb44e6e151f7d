"""The hooks for articles and patches, over the table kb_knowledge or the Knowledge API.

Source: "Knowledge API", "Table API" and "Knowledge article states" of ServiceNow's documentation. An article's number
is its reference: a new version is a record of its own with the same number, which replaces the old one.
"""

from __future__ import annotations

from hub.errors import NotPermitted
from hub.hookspecs import Hooks, hookimpl
from hub.model import AnyAccount, Article, Cursor, Page, Patch
from hub.platforms.changes import ChangedPage
from hub.platforms.items import parse_each, reference
from hub.platforms.releases import patches
from hub.platforms.servicenow import api, knowledge, mirror
from hub.platforms.servicenow.articles import FIELDS, announced_patch, article_from, has_word, patch_from
from hub.platforms.servicenow.faults import NO_TABLE
from hub.platforms.servicenow.news import read_page
from hub.platforms.servicenow.settings import Own
from hub.platforms.texts import text


class Library(Hooks[Own]):
    """Articles, and patches from the source that the settings name."""

    @hookimpl
    async def hub_changed_articles(self, account: AnyAccount, cursor: Cursor) -> Page[Article]:
        """One page of changed articles, from the table or, for a contact's login, from the API."""
        if not account.settings.reads_table:
            return await mirror.changed_articles(account, cursor)
        return await _from_table(account, cursor)

    @hookimpl
    async def hub_search_articles(self, account: AnyAccount, query: str) -> tuple[Article, ...]:
        """What the instance's own search finds, best first, 20 at most; without bodies."""
        return await knowledge.search(account, query)

    @hookimpl
    async def hub_read_article(self, account: AnyAccount, reference: str) -> Article:
        """One published article by its number; raises CaseMissing."""
        return await knowledge.read(account, reference)

    @hookimpl
    async def hub_changed_patches(self, account: AnyAccount, cursor: Cursor) -> Page[Patch]:
        """One page of patches from the source in patch_source; empty if a contact's login can't read the table."""
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
            page = await _read_table(account, settings.download_table, ",".join(names), where, cursor)
        except NotPermitted as error:
            if error.message != NO_TABLE and not settings.is_external:
                raise  # a technical user has lost a permission; a contact rarely has access to a table
            return Page(items=(), cursor=cursor)  # the account check reports that the table can't be read

        def parse(record: api.Record) -> Patch | None:
            return patch_from(record, settings) if text(record, "number").startswith(prefix) else None

        items, bad = parse_each(page.records, parse, lambda record: reference(record, "number"))
        return Page(items=items, cursor=page.state.plain(), more=not page.over, quarantined=page.bad + bad)


async def _from_table(account: AnyAccount, cursor: Cursor) -> Page[Article]:
    settings = account.settings
    where = [_one_of("kb_knowledge_base", settings.kb_ids)]
    if settings.patches_from == "table" and settings.download_table == "kb_knowledge":
        prefix = settings.download_number_prefix
        where += [f"numberNOT LIKE{prefix}"] if prefix else []
    page = await _read_table(account, "kb_knowledge", FIELDS, "^".join(filter(None, where)), cursor)
    items, bad = parse_each(
        page.records, lambda record: article_from(record, settings), lambda record: reference(record, "number")
    )
    return Page(items=items, cursor=page.state.plain(), more=not page.over, quarantined=page.bad + bad)


async def _announced(account: AnyAccount, cursor: Cursor) -> Page[Patch]:
    """Patches that articles announce in their titles."""
    settings = account.settings
    words = settings.patch_titles
    if settings.reads_table:
        page = await _from_table(account, cursor)
    else:
        page = await mirror.changed_articles(account, cursor, words)
    return patches(page, lambda article: announced_patch(article, settings) if has_word(article.title, words) else None)


async def _read_table(account: AnyAccount, table: str, fields: str, where: str, cursor: Cursor) -> ChangedPage:
    params = {
        "sysparm_fields": fields,
        "sysparm_limit": account.settings.page_size,
        "sysparm_display_value": "false",
        "sysparm_exclude_reference_link": "true",
    }
    return await read_page(account, f"{knowledge.TABLE}/{table}", params, where, cursor)


def _one_of(field: str, values: tuple[str, ...]) -> str:
    return f"{field}IN{','.join(api.sys_id(value) for value in values)}" if values else ""
