"""Articles of a Help Center: records read as the hub's values.

Source: zenpy's recordings. An article without a user segment is for everybody, by hearsay. There is no object for a
release: it is an article with a label.
"""

from __future__ import annotations

from hub.errors import CaseMissing, VendorMisbehaved
from hub.model import AnyAccount, Article
from hub.platforms import texts
from hub.platforms.texts import moment, text
from hub.platforms.zendesk import wire
from hub.platforms.zendesk.settings import Settings


def is_told(row: wire.Record, settings: Settings, *, patches: bool) -> bool:
    """Whether a record is published, and of this kind."""
    labelled = bool(set(labels(row)) & set(settings.patch_labels))
    return row.get("draft") is not True and labelled == patches


def labels(row: wire.Record) -> tuple[str, ...]:
    """The labels of a record."""
    held = row.get("label_names")
    return tuple(one for one in held if isinstance(one, str)) if isinstance(held, list) else ()


def article(row: wire.Record, settings: Settings) -> Article:
    """The article that a record tells; raises VendorMisbehaved for missing fields."""
    ident, changed_at = str(texts.number(row, "id")), moment(row, "updated_at")
    if changed_at is None:
        raise VendorMisbehaved("an article lacks its time of change")
    everybody = "user_segment_id" in row and row["user_segment_id"] is None
    return Article(
        reference=ident,
        number=ident,
        title=text(row, "title", "name"),
        body=text(row, "body"),
        changed_at=changed_at,
        language=text(row, "locale") or settings.kb_locale,
        public=settings.articles_public and everybody,
        address=text(row, "html_url"),
        labels=labels(row),
    )


def path(settings: Settings, ident: str = "") -> str:
    """Where the articles of the account's locale are, or one of them."""
    return f"/help_center/{settings.kb_locale}/articles" + (f"/{ident}" if ident else "")


async def search(account: AnyAccount, query: str) -> tuple[Article, ...]:
    """Published articles that the account finds, its first page, in its order."""
    words = " ".join(query.replace("\0", " ").split())
    if not words:
        return ()
    settings: Settings = account.settings
    asked = {"query": words, "locale": settings.kb_locale, "per_page": 25}
    reply = await account.client.get("/help_center/articles/search", params=asked)
    found = wire.rows(reply, reply.json(dict), "results")
    return tuple(article(row, settings) for row in found if row.get("draft") is not True)


async def read(account: AnyAccount, reference: str) -> wire.Record | None:
    """An article's record; None when it is not there or not published."""
    if not (reference.isascii() and reference.isdigit()):
        return None
    try:
        row = wire.record(await account.client.get(path(account.settings, reference)), "article")
    except CaseMissing:
        return None
    return None if row.get("draft") is True else row
