"""Articles: lists, texts and search results.

Source: Document360's API documentation and its published client.
"""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from html import escape
from itertools import chain
from typing import Any, NamedTuple
from urllib.parse import quote

from hub.errors import CaseMissing, HubError, VendorMisbehaved
from hub.http import Reply
from hub.model import AnyAccount, Article, Patch, Quarantined
from hub.platforms import texts
from hub.platforms.document360.settings import Settings
from hub.platforms.items import parse_each, printable, read_each, reference
from hub.platforms.releases import as_patch
from hub.platforms.texts import text

PUBLISHED = 3
_SEARCH_LIMIT = 20


class ArticleRow(NamedTuple):
    """An article in the list."""

    id: str
    language: str
    version: int
    title: str
    slug: str

    @property
    def place(self) -> str:
        """The article's reference, and its key in the cursor."""
        return f"{self.id}:{self.language}"


def _data(reply: Reply, kind: type) -> Any:
    """The data in an answer; raises VendorMisbehaved."""
    document = reply.json(dict)
    data = document.get("data")
    if document.get("success") is not True or not isinstance(data, kind):
        raise reply.misbehaved("the answer has no data")
    return data


async def workspaces(account: AnyAccount) -> list[tuple[str, str]]:
    """Id and name of each workspace to read."""
    wanted = set(account.settings.workspaces)
    reply = await account.client.get("/v2/ProjectVersions")
    found = []
    for workspace in _data(reply, list):
        if not isinstance(workspace, dict) or workspace.get("version_type", 0) != 0:
            continue
        name = text(workspace, "version_code_name")
        usable = workspace.get("is_public") is True and workspace.get("is_deprecated") is not True
        if name in wanted if wanted else usable:
            found.append((text(workspace, "id"), name))
    return found


class ArticleList(NamedTuple):
    """All published articles by reference, what can't be read, and the vendor's time."""

    rows: dict[str, ArticleRow]
    bad: tuple[Quarantined, ...]
    now: datetime
    unread: frozenset[str]
    """References of articles whose row can't be read, and languages (`:en`) of lists that can't be read."""


async def fetch_all(account: AnyAccount) -> ArticleList:
    """All published articles; raises the error of the first list if none can be read."""
    found: dict[str, ArticleRow] = {}
    unread: set[str] = set()
    times: list[datetime] = []
    failed: list[HubError] = []

    async def read_list(source: tuple[str, str, str]) -> list[Quarantined]:
        workspace, _, language = source
        path = f"/v2/ProjectVersions/{quote(workspace, safe='')}/articles"
        try:
            reply = await account.client.get(path, params={"langCode": language})
            listed, now = _data(reply, list), _date(reply)
        except HubError as error:
            unread.add(f":{language}")
            failed.append(error)
            raise
        times.append(now)
        rows, bad = parse_each(listed, lambda row: _row(row, language), lambda row: reference(row, "id"))
        found.update((row.place, row) for row in rows)
        unread.update(f"{item.reference}:{language}" for item in bad)
        return list(bad)

    sources = [(ident, name, lang) for ident, name in await workspaces(account) for lang in account.settings.languages]
    lists = await read_each(sources, read_list, lambda source: printable(f"{source[1]} {source[2]}"), together=False)
    if failed and not times:
        raise failed[0]
    if not times:  # with an empty list all articles would look withdrawn
        raise VendorMisbehaved(
            "the token can't read any workspace",
            next_step="set workspaces to names of the project",
            account=account.name,
        )
    return ArticleList(found, (*lists.bad, *chain.from_iterable(lists.items)), times[-1], frozenset(unread))


def _row(record: Any, language: str) -> ArticleRow | None:
    """The row of an article; None if it is not published. Raises VendorMisbehaved."""
    ident, version = texts.ident(texts.record(record), "id"), record.get("public_version")
    if not ident or not isinstance(version, int) or not 0 <= version <= texts.LARGEST:
        raise VendorMisbehaved("an article in the list has no id or no version")
    if record.get("status") != PUBLISHED or record.get("hidden") is True or version < 1:
        return None
    language = text(record, "language_code") or language
    return ArticleRow(ident, language, version, text(record, "title"), text(record, "slug"))


async def search(account: AnyAccount, query: str) -> tuple[Article, ...]:
    """What the knowledge base's own search finds, 20 at most for each workspace and language."""
    words = " ".join(query.replace("\0", " ").split())
    found: list[Article] = []
    for workspace, _ in await workspaces(account) if words else ():
        for language in account.settings.languages:
            path = f"/v2/ProjectVersions/{quote(workspace, safe='')}/{quote(language, safe='')}"
            params = {"searchQuery": words, "page": 0, "hitsPerPage": _SEARCH_LIMIT}
            reply = await account.client.get(path, params=params)
            hits = _data(reply, dict).get("hits")
            if not isinstance(hits, list):
                raise reply.misbehaved("the answer to a search has no hits")
            known = filter(_is_article, hits)
            found += parse_each(known, lambda hit: _hit(hit, account.settings), lambda hit: reference(hit, "id")).items
    return tuple(found)


async def read(account: AnyAccount, ident: str, language: str) -> tuple[Article, int] | None:
    """A published article and its version (0 if unknown); None if it has been withdrawn in the meantime."""
    path = f"/v2/Articles/{quote(ident, safe='')}/{quote(language, safe='')}"
    try:
        reply = await account.client.get(path, params={"isPublished": "true", "isForDisplay": "true"})
    except CaseMissing:
        return None
    record = _data(reply, dict)
    changed_at = _moment(text(record, "modified_at"))
    html = text(record, "html_content") or _as_html(text(record, "content"))
    if text(record, "id") != ident or changed_at is None:
        raise reply.misbehaved("an article has no id or no time of change")
    version = record.get("public_version")
    article = Article(
        reference=f"{ident}:{language}",
        title=text(record, "title"),
        body=html,
        changed_at=changed_at,
        language=language,
        public=account.settings.articles_public,
        address=text(record, "url"),
    )
    return article, version if isinstance(version, int) else 0


def _as_html(markdown: str) -> str:
    """Markdown as readable HTML; it is not rendered."""
    return f"<pre>{escape(markdown)}</pre>" if markdown else ""


def patch_from(article: Article, settings: Settings) -> Patch:
    """The release that an article announces; product and version are in its title."""
    version = re.search(settings.version_pattern, article.title)
    product = re.sub(settings.patch_pattern, "", article.title, flags=re.IGNORECASE)
    return as_patch(
        article,
        product=" ".join(re.sub(settings.version_pattern, "", product).split()).strip(" -:"),
        version=version[0] if version else "",
        published_at=None if article.withdrawn else article.changed_at,
    )


def _is_article(hit: Any) -> bool:
    hidden = ("is_category", "is_draft", "is_deleted", "is_hidden")
    return isinstance(hit, dict) and not any(hit.get(name) for name in hidden) and bool(hit.get("article_id"))


def _hit(hit: dict[str, Any], settings: Settings) -> Article:
    at = hit.get("updated_on_timestamp")
    if not isinstance(at, int):
        raise VendorMisbehaved("a search result has no time of change")
    return Article(
        reference=f"{text(hit, 'article_id')}:{text(hit, 'lang_code')}",
        title=text(hit, "title"),
        body=text(hit, "content"),
        changed_at=texts.from_epoch(at, "updated_on_timestamp"),
        language=text(hit, "lang_code"),
        public=settings.articles_public,
    )


def _moment(value: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return texts.utc(at, "modified_at")


def _date(reply: Reply) -> datetime:
    try:
        return parsedate_to_datetime(reply.headers.get("date", ""))
    except ValueError:
        raise reply.misbehaved("the answer has no Date") from None
