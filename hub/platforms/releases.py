"""Articles that tell of releases, and articles that are gone. Pure."""

from __future__ import annotations

import re
from datetime import datetime

from hub.model import Article, Patch


def patch(one: Article, version_pattern: str) -> Patch:
    """The release that an article tells of; version and product stand in its title."""
    version = re.search(version_pattern, one.title)
    product = re.sub(r"(?i)release[ -]notes", "", re.sub(version_pattern, "", one.title))
    return Patch(
        reference=one.reference,
        number=one.number,
        title=one.title,
        body=one.body,
        changed_at=one.changed_at,
        language=one.language,
        product=" ".join(product.split()).strip(" -:"),
        version=version[0] if version else "",
        published_at=None if one.withdrawn else one.changed_at,
        public=one.public,
        address=one.address,
        withdrawn=one.withdrawn,
    )


def gone(ident: str, at: datetime, language: str) -> Article:
    """An article that is no longer published."""
    return Article(reference=ident, number=ident, title="", body="", changed_at=at, language=language, withdrawn=True)
