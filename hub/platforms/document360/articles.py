"""Articles as the API tells them: lists, bodies, hits, and how its refusals read.

Source: Document360's API documentation and its published client.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import escape
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec

from hub.errors import CaseMissing, HubError, VendorMisbehaved
from hub.http import Reply
from hub.model import AnyAccount, Article, Patch, Quarantined
from hub.platforms.document360.settings import Settings
from hub.platforms.texts import clip, text

PUBLISHED = 3
_FOUND = 20


class ArticleRow(NamedTuple):
    """An article as the list has it."""

    id: str
    language: str
    version: int
    title: str
    slug: str

    @property
    def place(self) -> str:
        """What the memory knows it by, and what an article's reference is."""
        return f"{self.id}:{self.language}"


def explain(reply: Reply) -> HubError | None:
    """Reads the envelope of a refusal: its code, and nothing of its words."""
    if reply.status != 400:
        return None
    try:
        code = str(msgspec.json.decode(reply.content)["errors"][0]["error_code"])
    except (msgspec.DecodeError, KeyError, IndexError, TypeError):
        return None
    return reply.misbehaved(
        f"the vendor refused the request ({clip(code)})", next_step="check workspaces and languages"
    )


def _data(reply: Reply, kind: type) -> Any:
    """The data in a reply's envelope; raises VendorMisbehaved."""
    document = reply.json(dict)
    data = document.get("data")
    if document.get("success") is not True or not isinstance(data, kind):
        raise reply.misbehaved("the envelope holds no data")
    return data


async def workspaces(account: AnyAccount) -> list[tuple[str, str]]:
    """Id and name of each workspace that is read."""
    wanted = set(account.settings.workspaces)
    reply = await account.client.get("/v2/ProjectVersions")
    found = []
    for one in _data(reply, list):
        if not isinstance(one, dict) or one.get("version_type", 0) != 0:
            continue
        name = text(one, "version_code_name")
        usable = one.get("is_public") is True and one.get("is_deprecated") is not True
        if name in wanted if wanted else usable:
            found.append((text(one, "id"), name))
    return found


async def listed(account: AnyAccount) -> tuple[dict[str, ArticleRow], list[Quarantined], datetime]:
    """Every published article, by its place; what can't be read; and the vendor's time."""
    rows: dict[str, ArticleRow] = {}
    bad: list[Quarantined] = []
    now: datetime | None = None
    spaces = await workspaces(account)
    for space, _ in spaces:
        for language in account.settings.languages:
            where = f"/v2/ProjectVersions/{quote(space, safe='')}/articles"
            reply = await account.client.get(where, params={"langCode": language})
            now = _date(reply)
            for one in _data(reply, list):
                try:
                    row = _row(one, language)
                except VendorMisbehaved as error:
                    bad.append(Quarantined(reference=str(one)[:0] or f"{language} article", reason=error.message))
                    continue
                if row is not None:
                    rows[row.place] = row
    if now is None:  # an empty project would look as if all had been withdrawn
        raise VendorMisbehaved(
            "the token sees no workspace to read",
            next_step="set workspaces to names that the project has",
            account=account.name,
        )
    return rows, bad, now


def _row(one: Any, language: str) -> ArticleRow | None:
    """An article of a list; None when it is not published. Raises VendorMisbehaved."""
    if not isinstance(one, dict):
        raise VendorMisbehaved("an article of the list is no object")
    ident, version = text(one, "id"), one.get("public_version")
    if not ident or not isinstance(version, int):
        raise VendorMisbehaved("an article of the list lacks its id or its version")
    if one.get("status") != PUBLISHED or one.get("hidden") is True or version < 1:
        return None
    return ArticleRow(ident, text(one, "language_code") or language, version, text(one, "title"), text(one, "slug"))


async def search(account: AnyAccount, query: str) -> tuple[Article, ...]:
    """What the knowledge base itself finds, at most 20 a workspace and language."""
    words = " ".join(query.replace("\0", " ").split())
    found: list[Article] = []
    for space, _ in await workspaces(account) if words else ():
        for language in account.settings.languages:
            where = f"/v2/ProjectVersions/{quote(space, safe='')}/{quote(language, safe='')}"
            asked = {"searchQuery": words, "page": 0, "hitsPerPage": _FOUND}
            reply = await account.client.get(where, params=asked)
            hits = _data(reply, dict).get("hits")
            if not isinstance(hits, list):
                raise reply.misbehaved("a search has no hits")
            found += [_hit(one, account.settings) for one in hits if _is_article(one)]
    return tuple(found)


async def read(account: AnyAccount, ident: str, language: str) -> tuple[Article, int] | None:
    """An article's published text, and the number of that version, 0 if untold; None when it is gone meanwhile."""
    where = f"/v2/Articles/{quote(ident, safe='')}/{quote(language, safe='')}"
    try:
        reply = await account.client.get(where, params={"isPublished": "true", "isForDisplay": "true"})
    except CaseMissing:
        return None
    one = _data(reply, dict)
    changed_at = _moment(text(one, "modified_at"))
    html = text(one, "html_content") or _as_html(text(one, "content"))
    if text(one, "id") != ident or changed_at is None:
        raise reply.misbehaved("an article lacks its id or its time of change")
    version = one.get("public_version")
    article = Article(
        reference=f"{ident}:{language}",
        title=text(one, "title"),
        body=html,
        changed_at=changed_at,
        language=language,
        public=account.settings.articles_public,
        address=text(one, "url"),
    )
    return article, version if isinstance(version, int) else 0


def _as_html(markdown: str) -> str:
    """Markdown as it was written, kept readable: it is not rendered."""
    return f"<pre>{escape(markdown)}</pre>" if markdown else ""


def patch(one: Article, settings: Settings) -> Patch:
    version = re.search(settings.version_pattern, one.title)
    product = re.sub(settings.patch_pattern, "", one.title, flags=re.IGNORECASE)
    product = " ".join(re.sub(settings.version_pattern, "", product).split()).strip(" -:")
    return Patch(
        reference=one.reference,
        title=one.title,
        body=one.body,
        changed_at=one.changed_at,
        language=one.language,
        product=product,
        version=version[0] if version else "",
        published_at=None if one.withdrawn else one.changed_at,
        public=one.public,
        address=one.address,
        withdrawn=one.withdrawn,
    )


def _is_article(one: Any) -> bool:
    hidden = ("is_category", "is_draft", "is_deleted", "is_hidden")
    return isinstance(one, dict) and not any(one.get(name) for name in hidden) and bool(one.get("article_id"))


def _hit(one: dict[str, Any], settings: Settings) -> Article:
    at = one.get("updated_on_timestamp")
    if not isinstance(at, int):
        raise VendorMisbehaved("a hit lacks its time of change")
    return Article(
        reference=f"{text(one, 'article_id')}:{text(one, 'lang_code')}",
        title=text(one, "title"),
        body=text(one, "content"),
        changed_at=datetime.fromtimestamp(at, UTC),
        language=text(one, "lang_code"),
        public=settings.articles_public,
    )


def _moment(value: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _date(reply: Reply) -> datetime:
    try:
        return parsedate_to_datetime(reply.headers.get("date", ""))
    except ValueError:
        raise reply.misbehaved("the reply has no Date") from None
