"""The hooks for articles and patches, over Knowledge__kav and a custom object of the org.

Source: Salesforce Knowledge Developer Guide. A query on articles must name one PublishStatus at its top level.
"""

from __future__ import annotations

from datetime import datetime
from html import escape
from typing import Any

from hub.errors import CaseMissing, VendorMisbehaved
from hub.hookspecs import Hooks, hookimpl
from hub.model import AnyAccount, Article, Cursor, Page, Patch
from hub.platforms.items import ItemResults, parse_each, reference
from hub.platforms.releases import as_patch
from hub.platforms.salesforce import api, soql
from hub.platforms.salesforce.news import read_page
from hub.platforms.salesforce.settings import Own, Settings
from hub.platforms.texts import ident, moment, text, utc

FIELDS = (
    "Id",
    "KnowledgeArticleId",
    "ArticleNumber",
    "Title",
    "Summary",
    "UrlName",
    "Language",
    "PublishStatus",
    "VersionNumber",
    "LastPublishedDate",
    "ArchivedDate",
)
_STATES = {"Online": "LastPublishedDate", "Archived": "ArchivedDate"}
_LATEST = {"Online": "", "Archived": " AND IsLatestVersion = true"}
"""Earlier versions of a published article are archived, too; that is not a withdrawal."""
_RESERVED = frozenset("?&|!{}[]()^~*:\\\"'+-")
_SEARCH_LIMIT = 20


class Library(Hooks[Own]):
    """Articles, and patches from the source that the settings name."""

    @hookimpl
    async def hub_changed_articles(self, account: AnyAccount, cursor: Cursor) -> Page[Article]:
        """One page of published or of archived articles, in turn; archived articles are withdrawn."""
        left: list[str] = list(cursor.get("left") or _STATES)
        state = left.pop(0)
        select = f"{_select(account.settings)} AND PublishStatus = {soql.literal(state)}{_LATEST[state]}"
        page = await read_page(account, select, cursor.get(state, {}), by=_STATES[state])
        if not page.over:
            left.append(state)
        items, bad = _articles(page.records, account.settings)
        after = {**cursor, state: page.state.plain(), "left": left}
        return Page(items=items, cursor=after, more=bool(left), quarantined=page.bad + bad)

    @hookimpl
    async def hub_search_articles(self, account: AnyAccount, query: str) -> tuple[Article, ...]:
        """What the org's own search finds, best first, 20 at most."""
        words = " ".join(query.replace("\0", " ").split())
        if not words:
            return ()
        settings = account.settings
        term = "".join(f"\\{character}" if character in _RESERVED else character for character in words)
        condition = f"PublishStatus = 'Online' AND Language = {soql.literal(settings.kb_language)}"
        fields = f"{', '.join(_fields(settings))} WHERE {condition}"
        find = f"FIND {{{term}}} IN ALL FIELDS RETURNING {settings.kb_object}({fields}) LIMIT {_SEARCH_LIMIT}"
        reply = await account.client.get(f"{settings.root}/search", params={"q": find})
        found = reply.json(dict).get("searchRecords")
        if not isinstance(found, list):
            raise reply.misbehaved("the answer to a search has no searchRecords")
        return _articles(tuple(record for record in found if isinstance(record, dict)), settings)[0]

    @hookimpl
    async def hub_read_article(self, account: AnyAccount, reference: str) -> Article:
        """The published version of an article; raises CaseMissing."""
        condition = f"KnowledgeArticleId = {soql.literal(soql.identifier(reference))}"
        select = f"{_select(account.settings)} AND PublishStatus = 'Online' AND {condition} LIMIT 1"
        records = (await api.fetch_page(account, select)).records
        if not records:
            raise CaseMissing(f"there is no published article {reference}", account=account.name)
        return article_from(records[0], account.settings)

    @hookimpl
    async def hub_changed_patches(self, account: AnyAccount, cursor: Cursor) -> Page[Patch]:
        """One page of patches from the source in patch_source."""
        settings = account.settings
        if settings.patch_source == "none":
            return Page(items=(), cursor=cursor)
        if settings.patch_source == "articles":
            select = f"{_select(settings)} AND PublishStatus = 'Online' AND ({settings.patch_filter})"
            page = await read_page(account, select, cursor, by="LastPublishedDate")
            articles, bad = _articles(page.records, settings)
            items = tuple(as_patch(article, published_at=article.changed_at) for article in articles)
        else:
            names = dict.fromkeys(("Id", "IsDeleted", "SystemModstamp", *filter(None, settings.patch_fields.values())))
            condition = f"({settings.patch_filter})" if settings.patch_filter else "Id != null"
            select = f"SELECT {', '.join(names)} FROM {settings.patch_object} WHERE {condition}"
            page = await read_page(account, select, cursor, deleted=True)
            items, bad = parse_each(
                page.records, lambda record: patch_from(record, settings), lambda record: reference(record, "Id")
            )
        return Page(items=items, cursor=page.state.plain(), more=not page.over, quarantined=page.bad + bad)


def _fields(settings: Settings) -> tuple[str, ...]:
    return (*FIELDS, *settings.kb_body_fields)


def _select(settings: Settings) -> str:
    language = f"Language = {soql.literal(settings.kb_language)}"
    return f"SELECT {', '.join(_fields(settings))} FROM {settings.kb_object} WHERE {language}"


def _articles(records: tuple[api.Record, ...], settings: Settings) -> ItemResults[Article]:
    return parse_each(records, lambda record: article_from(record, settings), lambda record: reference(record, "Id"))


def article_from(record: api.Record, settings: Settings) -> Article:
    """The article of a record; a new version has the same reference. Raises VendorMisbehaved."""
    reference_id, state = ident(record, "KnowledgeArticleId"), text(record, "PublishStatus")
    changed_at = moment(record, _STATES.get(state, "LastPublishedDate"))
    if not reference_id or changed_at is None:
        raise VendorMisbehaved("an article has no id or no time of publication")
    article = Article(
        reference=reference_id,
        number=text(record, "ArticleNumber"),
        title="",
        body="",
        changed_at=changed_at,
        language=text(record, "Language"),
        withdrawn=True,
    )
    if state != "Online":
        return article
    parts = [text(record, name) for name in settings.kb_body_fields]
    body = "\n".join(part for part in parts if part) or f"<p>{escape(text(record, 'Summary'))}</p>"
    address = settings.article_address.replace("{url_name}", text(record, "UrlName"))
    return article.evolve(
        title=text(record, "Title"), body=body, public=settings.articles_public, address=address, withdrawn=False
    )


def patch_from(record: api.Record, settings: Settings) -> Patch:
    """The patch of a record of the org's custom object; raises VendorMisbehaved."""
    values = {name: text(record, field) if field else "" for name, field in settings.patch_fields.items()}
    changed_at = moment(record, "SystemModstamp")
    if changed_at is None:
        raise VendorMisbehaved("a patch has no time of change")
    common: dict[str, Any] = {"reference": ident(record, "Id"), "changed_at": changed_at}
    if record.get("IsDeleted") is True:
        return Patch(**common, title=values.get("title", ""), body="", withdrawn=True)
    return Patch(
        **common,
        title=values.get("title", ""),
        body=values.get("summary", ""),
        product=values.get("product", ""),
        version=values.get("version", ""),
        severity=values.get("severity", ""),
        published_at=_day(values.get("published_at", "")),
        public=settings.articles_public,
        address=values.get("address", ""),
    )


def _day(value: str) -> datetime | None:
    """A date or a time as an aware time; a date alone means its start in UTC."""
    if not value:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise VendorMisbehaved("a patch's date can't be read") from None
    return utc(at, "published_at")
