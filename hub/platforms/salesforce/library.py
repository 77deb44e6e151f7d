"""Knowledge articles and patches: hooks over Knowledge__kav and an object of the org's own.

Source: Salesforce Knowledge Developer Guide. A query on articles has to name one PublishStatus at its top level.
"""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from typing import Any

from hub.errors import CaseMissing, VendorMisbehaved
from hub.hookspecs import Hooks, hookimpl
from hub.model import AnyAccount, Article, Cursor, Page, Patch, Quarantined
from hub.platforms.salesforce import soql
from hub.platforms.salesforce.news import read_page
from hub.platforms.salesforce.settings import Own, Settings
from hub.platforms.texts import moment, text

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
"""Earlier versions of a published article are archived too, and are no withdrawal."""
_RESERVED = frozenset("?&|!{}[]()^~*:\\\"'+-")
_FOUND = 20


class Library(Hooks[Own]):
    """The hooks for articles and patches."""

    @hookimpl
    async def hub_changed_articles(self, account: AnyAccount, cursor: Cursor) -> Page[Article]:
        """One page of published or of archived articles, in turn; the latter are withdrawn."""
        left: list[str] = list(cursor.get("left") or _STATES)
        state = left.pop(0)
        select = f"{_select(account.settings)} AND PublishStatus = {soql.literal(state)}{_LATEST[state]}"
        read = await read_page(account, select, cursor.get(state, {}), by=_STATES[state])
        if not read.over:
            left.append(state)
        items, bad = _each(read.records, account.settings, read.bad)
        kept = {**cursor, state: read.state.plain(), "left": left}
        return Page(items=items, cursor=kept, more=bool(left), quarantined=bad)

    @hookimpl
    async def hub_search_articles(self, account: AnyAccount, query: str) -> tuple[Article, ...]:
        """What the org's own search finds, best first, at most 20."""
        words = " ".join(query.replace("\0", " ").split())
        if not words:
            return ()
        settings = account.settings
        term = "".join(f"\\{one}" if one in _RESERVED else one for one in words)
        which = f"PublishStatus = 'Online' AND Language = {soql.literal(settings.kb_language)}"
        listed = f"{', '.join(_fields(settings))} WHERE {which}"
        find = f"FIND {{{term}}} IN ALL FIELDS RETURNING {settings.kb_object}({listed}) LIMIT {_FOUND}"
        reply = await account.client.get(f"{settings.root}/search", params={"q": find})
        told = reply.json(dict).get("searchRecords")
        if not isinstance(told, list):
            raise reply.misbehaved("a search has no searchRecords")
        return _each(tuple(row for row in told if isinstance(row, dict)), settings, ())[0]

    @hookimpl
    async def hub_read_article(self, account: AnyAccount, reference: str) -> Article:
        """The published version of an article; raises CaseMissing."""
        same = f"KnowledgeArticleId = {soql.literal(soql.identifier(reference))}"
        select = f"{_select(account.settings)} AND PublishStatus = 'Online' AND {same} LIMIT 1"
        rows = (await soql.page(account, select)).records
        if not rows:
            raise CaseMissing(f"there is no published article {reference}", account=account.name)
        return article_from(rows[0], account.settings)

    @hookimpl
    async def hub_changed_patches(self, account: AnyAccount, cursor: Cursor) -> Page[Patch]:
        """One page of patches, from where patch_source says; none where it says none."""
        settings = account.settings
        if settings.patch_source == "none":
            return Page(items=(), cursor=cursor)
        if settings.patch_source == "articles":
            select = f"{_select(settings)} AND PublishStatus = 'Online' AND ({settings.patch_filter})"
            read = await read_page(account, select, cursor, by="LastPublishedDate")
            articles, bad = _each(read.records, settings, read.bad)
            found = tuple(_patch_of(one) for one in articles)
            return Page(items=found, cursor=read.state.plain(), more=not read.over, quarantined=bad)
        names = dict.fromkeys(("Id", "IsDeleted", "SystemModstamp", *filter(None, settings.patch_fields.values())))
        which = f"({settings.patch_filter})" if settings.patch_filter else "Id != null"
        select = f"SELECT {', '.join(names)} FROM {settings.patch_object} WHERE {which}"
        read = await read_page(account, select, cursor, deleted=True)
        items, bad_rows = [], list(read.bad)
        for row in read.records:
            try:
                items.append(patch_from(row, settings))
            except VendorMisbehaved as error:
                bad_rows.append(Quarantined(reference=text(row, "Id"), reason=error.message))
        return Page(items=tuple(items), cursor=read.state.plain(), more=not read.over, quarantined=tuple(bad_rows))


def _fields(settings: Settings) -> tuple[str, ...]:
    return (*FIELDS, *settings.kb_body_fields)


def _select(settings: Settings) -> str:
    language = f"Language = {soql.literal(settings.kb_language)}"
    return f"SELECT {', '.join(_fields(settings))} FROM {settings.kb_object} WHERE {language}"


def _each(
    rows: tuple[soql.Record, ...], settings: Settings, bad: tuple[Quarantined, ...]
) -> tuple[tuple[Article, ...], tuple[Quarantined, ...]]:
    items: list[Article] = []
    aside = list(bad)
    for row in rows:
        try:
            items.append(article_from(row, settings))
        except VendorMisbehaved as error:
            aside.append(Quarantined(reference=str(row.get("Id"))[:40], reason=error.message))
    return tuple(items), tuple(aside)


def article_from(row: soql.Record, settings: Settings) -> Article:
    """The article that a record tells; a new version of it has the same reference. Raises VendorMisbehaved."""
    reference, state = text(row, "KnowledgeArticleId"), text(row, "PublishStatus")
    changed_at = moment(row, _STATES.get(state, "LastPublishedDate"))
    if not reference or changed_at is None:
        raise VendorMisbehaved("an article lacks its id or its time of publication")
    article = Article(
        reference=reference,
        number=text(row, "ArticleNumber"),
        title="",
        body="",
        changed_at=changed_at,
        language=text(row, "Language"),
        withdrawn=True,
    )
    if state != "Online":
        return article
    parts = [text(row, name) for name in settings.kb_body_fields]
    body = "\n".join(part for part in parts if part) or f"<p>{escape(text(row, 'Summary'))}</p>"
    address = settings.article_address.replace("{url_name}", text(row, "UrlName"))
    return article.evolve(
        title=text(row, "Title"), body=body, public=settings.articles_public, address=address, withdrawn=False
    )


def patch_from(row: soql.Record, settings: Settings) -> Patch:
    """The patch that a record of the org's own object tells; raises VendorMisbehaved."""
    values = {name: text(row, field) if field else "" for name, field in settings.patch_fields.items()}
    changed_at = moment(row, "SystemModstamp")
    if changed_at is None:
        raise VendorMisbehaved("a patch lacks its time of change")
    known: dict[str, Any] = {"reference": text(row, "Id"), "changed_at": changed_at}
    if row.get("IsDeleted") is True:
        return Patch(**known, title=values.get("title", ""), body="", withdrawn=True)
    return Patch(
        **known,
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
    """A date or a time as an aware time; a bare date begins in UTC."""
    if not value:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise VendorMisbehaved("a patch's date can't be read") from None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _patch_of(article: Article) -> Patch:
    return Patch(
        reference=article.reference,
        number=article.number,
        title=article.title,
        body=article.body,
        changed_at=article.changed_at,
        language=article.language,
        published_at=article.changed_at,
        public=article.public,
        address=article.address,
        withdrawn=article.withdrawn,
    )
