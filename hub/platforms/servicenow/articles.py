"""What rows of knowledge tell, as articles and patches. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from hub.errors import VendorMisbehaved
from hub.model import Article, Patch
from hub.platforms.servicenow import wire
from hub.platforms.servicenow.settings import Settings
from hub.platforms.texts import text

FIELDS = "sys_id,number,short_description,text,workflow_state,language,published,sys_updated_on,sys_class_name"
_GONE = frozenset({"retired"})


def article_from(row: wire.Record, settings: Settings) -> Article | None:
    """The article that a row of the table tells; None for drafts and for versions that a newer one replaced."""
    number, changed_at, state = (text(row, "number"), wire.moment(row, "sys_updated_on"), text(row, "workflow_state"))
    if not number or changed_at is None:
        raise VendorMisbehaved("an article lacks its number or its time of change")
    language = text(row, "language")
    if language and language != settings.kb_language:
        return None
    known: dict[str, Any] = {"reference": number, "number": number, "changed_at": changed_at, "language": language}
    if state in _GONE:
        return Article(**known, title="", body="", withdrawn=True)
    if state not in {"published", "pending_retirement"}:
        return None
    return Article(
        **known,
        title=text(row, "short_description"),
        body=text(row, "text"),
        public=settings.articles_public,
        address=settings.article_address.replace("{number}", number),
    )


def article_told(row: wire.Record, settings: Settings) -> Article:
    """The article that the Knowledge API tells, with its body where the row has content."""
    number = text(row, "number")
    fields = row.get("fields")
    stamp = fields.get("sys_updated_on") if isinstance(fields, dict) else None
    changed_at = wire.moment(stamp, "value") if isinstance(stamp, dict) else None
    if not number or changed_at is None:
        raise VendorMisbehaved("an article lacks its number or its time of change")
    return Article(
        reference=number,
        number=number,
        title=text(row, "title"),
        body=text(row, "content"),
        changed_at=changed_at,
        language=settings.kb_language,
        public=settings.articles_public,
        address=settings.article_address.replace("{number}", number),
    )


def patch_from(row: wire.Record, settings: Settings) -> Patch:
    """The patch that a row of the download table tells; raises VendorMisbehaved."""
    values = {name: text(row, field) if field else "" for name, field in settings.patch_fields.items()}
    number, changed_at = text(row, "number") or text(row, "sys_id"), wire.moment(row, "sys_updated_on")
    if not number or changed_at is None:
        raise VendorMisbehaved("a patch lacks its number or its time of change")
    state = text(row, "workflow_state")
    return Patch(
        reference=number,
        number=number,
        changed_at=changed_at,
        title=values.get("title", ""),
        body=values.get("body", ""),
        product=values.get("product", ""),
        version=values.get("version", ""),
        severity=values.get("severity", ""),
        published_at=_day(values.get("published_at", "")),
        public=settings.articles_public,
        withdrawn=state not in {"", "published", "pending_retirement"},
        address=settings.article_address.replace("{number}", number),
    )


def patch_of(article: Article, settings: Settings) -> Patch:
    """An article as the patch that it announces; its version stands in its title."""
    version = re.search(settings.version_pattern, article.title)
    return Patch(
        reference=article.reference,
        number=article.number,
        title=article.title,
        body=article.body,
        changed_at=article.changed_at,
        language=article.language,
        public=article.public,
        address=article.address,
        version=version[0] if version else "",
        withdrawn=article.withdrawn,
    )


def has_word(title: str, words: tuple[str, ...]) -> bool:
    """Whether a title holds one of the words, in any case of letters."""
    return any(word.casefold() in title.casefold() for word in words)


def _day(value: str) -> datetime | None:
    if not value:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise VendorMisbehaved("a patch's date can't be read") from None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
