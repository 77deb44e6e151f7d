"""Articles that announce releases, and articles that are no longer published. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from hub.errors import VendorMisbehaved
from hub.model import Article, Page, Patch
from hub.platforms.texts import moment


def as_patch(article: Article, *, product: str = "", version: str = "", published_at: datetime | None = None) -> Patch:
    """The patch that an article announces."""
    return Patch(
        reference=article.reference,
        number=article.number,
        title=article.title,
        body=article.body,
        changed_at=article.changed_at,
        language=article.language,
        product=product,
        version=version,
        published_at=published_at,
        public=article.public,
        address=article.address,
        withdrawn=article.withdrawn,
    )


def release(article: Article, version_pattern: str) -> Patch:
    """The release that an article announces; product and version are in its title."""
    version = re.search(version_pattern, article.title)
    product = re.sub(version_pattern, "", article.title)
    return as_patch(
        article,
        product=" ".join(re.sub(r"(?i)release[ -]notes", "", product).split()).strip(" -:"),
        version=version[0] if version else "",
        published_at=None if article.withdrawn else article.changed_at,
    )


def patches(page: Page[Article], convert: Callable[[Article], Patch | None]) -> Page[Patch]:
    """The page with each article as a patch; None is left out."""
    found = map(convert, page.items)
    return Page(
        items=tuple(patch for patch in found if patch is not None),
        cursor=page.cursor,
        more=page.more,
        quarantined=page.quarantined,
    )


def gone(ident: str, at: datetime, language: str) -> Article:
    """An article that is no longer published."""
    return Article(reference=ident, number=ident, title="", body="", changed_at=at, language=language, withdrawn=True)


def last_change(changed: str) -> datetime:
    """When an article that is gone was last changed: the vendor does not say when it withdrew it."""
    at = moment({"updated_at": changed}, "updated_at")
    if at is None:
        raise VendorMisbehaved("an article has no time of change")
    return at
