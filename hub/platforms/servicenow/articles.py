"""Reads records of the knowledge base as articles and patches. Pure."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from hub.errors import VendorMisbehaved
from hub.model import Article, Patch
from hub.platforms.releases import as_patch
from hub.platforms.servicenow import api
from hub.platforms.servicenow.settings import Settings
from hub.platforms.texts import ident, text, utc

FIELDS = "sys_id,number,short_description,text,workflow_state,language,published,sys_updated_on,sys_class_name"
_GONE = frozenset({"retired"})


def article_from(record: api.Record, settings: Settings) -> Article | None:
    """The article of a record of the table; None for drafts and for replaced versions."""
    number, changed_at, state = (
        ident(record, "number"),
        api.moment(record, "sys_updated_on"),
        text(record, "workflow_state"),
    )
    if not number or changed_at is None:
        raise VendorMisbehaved("an article has no number or no time of change")
    language = text(record, "language")
    if language and language != settings.kb_language:
        return None
    common: dict[str, Any] = {"reference": number, "number": number, "changed_at": changed_at, "language": language}
    if state in _GONE:
        return Article(**common, title="", body="", withdrawn=True)
    if state not in {"published", "pending_retirement"}:
        return None
    return Article(
        **common,
        title=text(record, "short_description"),
        body=text(record, "text"),
        public=settings.articles_public,
        address=settings.article_address.replace("{number}", number),
    )


def article_from_api(record: api.Record, settings: Settings) -> Article:
    """The article of a record of the Knowledge API, with its body if the record has content."""
    number = ident(record, "number")
    fields = record.get("fields")
    stamp = fields.get("sys_updated_on") if isinstance(fields, dict) else None
    changed_at = api.moment(stamp, "value") if isinstance(stamp, dict) else None
    if not number or changed_at is None:
        raise VendorMisbehaved("an article has no number or no time of change")
    return Article(
        reference=number,
        number=number,
        title=text(record, "title"),
        body=text(record, "content"),
        changed_at=changed_at,
        language=settings.kb_language,
        public=settings.articles_public,
        address=settings.article_address.replace("{number}", number),
    )


def patch_from(record: api.Record, settings: Settings) -> Patch:
    """The patch of a record of the download table; raises VendorMisbehaved."""
    values = {name: text(record, field) if field else "" for name, field in settings.patch_fields.items()}
    number, changed_at = ident(record, "number", "sys_id"), api.moment(record, "sys_updated_on")
    if not number or changed_at is None:
        raise VendorMisbehaved("a patch has no number or no time of change")
    state = text(record, "workflow_state")
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


def announced_patch(article: Article, settings: Settings) -> Patch:
    """The patch that an article announces, with the version from its title."""
    version = re.search(settings.version_pattern, article.title)
    return as_patch(article, version=version[0] if version else "")


def has_word(title: str, words: tuple[str, ...]) -> bool:
    """Whether a title contains one of the words, ignoring case."""
    return any(word.casefold() in title.casefold() for word in words)


def _day(value: str) -> datetime | None:
    if not value:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise VendorMisbehaved("a patch's date can't be read") from None
    return utc(at, "published_at")
