"""Solutions as articles. Pure."""

from __future__ import annotations

import re
from datetime import datetime
from html import escape
from typing import Any

from hub.errors import VendorMisbehaved
from hub.model import Article
from hub.platforms.texts import LARGEST, from_epoch, ident, text

from .settings import KnowledgeSettings

PUBLISHED = "Published"
LANGUAGES = {"en": "English", "fr": "French", "de": "German", "ja": "Japanese", "es": "Spanish"}
"""The tenant's names of languages by our codes."""
_TOKEN = re.compile(r"[?&]linkToken=[^\"'&\s<>]*")
"""Pictures in a body carry a key of their own, which is nobody's to keep."""


def article(told: Any, settings: KnowledgeSettings) -> Article:
    """The article that a solution tells; withdrawn when it is not published. Raises VendorMisbehaved."""
    if not isinstance(told, dict):
        raise VendorMisbehaved("a solution is no object")
    reference, changed_at = ident(told, "id"), moment(told)
    if not reference:
        raise VendorMisbehaved("a solution lacks its id")
    known = Article(
        reference=reference,
        number=reference,
        title="",
        body="",
        changed_at=changed_at,
        withdrawn=True,
        language=text(told, "language"),
    )
    if text(told, "status") != PUBLISHED:
        return known
    template = text(told, "templateName")
    alert = bool(settings.alert_template) and template == settings.alert_template
    return known.evolve(
        title=text(told, "title"),
        body=body(told),
        public=settings.articles_public,
        withdrawn=False,
        labels=("alert",) if alert else (),
        address=f"{settings.base_url}/app/portlets/results/viewsolution.jsp?solutionid={reference}",
    )


def body(told: dict[str, Any]) -> str:
    """Summary and fields of a solution as HTML, in the template's order, without the keys of its pictures."""
    summary = text(told, "summary")
    parts = [f"<p>{escape(summary)}</p>"] if summary else []
    fields = [one for one in told.get("fields") or () if isinstance(one, dict) and text(one, "content")]
    parts += [f"<h2>{escape(text(one, 'name'))}</h2>\n{text(one, 'content')}" for one in fields]
    return _TOKEN.sub("", "\n".join(parts))


def moment(told: dict[str, Any]) -> datetime:
    """When a solution changed last: milliseconds, as a number or as text. Raises VendorMisbehaved."""
    value = told.get("lastModifiedDate")
    if isinstance(value, str) and value.isdecimal() and len(value) < 16:  # far beyond any date
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise VendorMisbehaved("a solution has no time of change that can be read")
    if not 0 <= value <= LARGEST:
        raise VendorMisbehaved("a solution's time of change is out of range")
    return from_epoch(value / 1000, "lastModifiedDate")
