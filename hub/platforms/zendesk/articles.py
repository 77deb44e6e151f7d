"""Articles of a Help Center.

Source: zenpy's recordings. An article without a user segment is for everybody (unconfirmed). There is no object for a
release: it is an article with a label.
"""

from __future__ import annotations

from hub.errors import CaseMissing, VendorMisbehaved
from hub.model import AnyAccount, Article
from hub.platforms import texts
from hub.platforms.items import parse_each, reference
from hub.platforms.texts import moment, text
from hub.platforms.zendesk import api
from hub.platforms.zendesk.settings import Settings


def is_published(record: api.Record, settings: Settings, *, patches: bool) -> bool:
    """Whether a record is a published article, or a published patch if `patches` is True."""
    labelled = bool(set(labels(record)) & set(settings.patch_labels))
    return record.get("draft") is not True and labelled == patches


def labels(record: api.Record) -> tuple[str, ...]:
    """The labels of a record."""
    names = record.get("label_names")
    return tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else ()


def article_from(record: api.Record, settings: Settings) -> Article:
    """The article of a record; raises VendorMisbehaved for missing fields."""
    ident, changed_at = str(texts.number(record, "id")), moment(record, "updated_at")
    if changed_at is None:
        raise VendorMisbehaved("an article has no time of change")
    everybody = "user_segment_id" in record and record["user_segment_id"] is None
    return Article(
        reference=ident,
        number=ident,
        title=text(record, "title", "name"),
        body=text(record, "body"),
        changed_at=changed_at,
        language=text(record, "locale") or settings.kb_locale,
        public=settings.articles_public and everybody,
        address=text(record, "html_url"),
        labels=labels(record),
    )


def path(settings: Settings, ident: str = "") -> str:
    """The path of the articles in the account's locale, or of one article."""
    return f"/help_center/{settings.kb_locale}/articles" + (f"/{ident}" if ident else "")


async def search(account: AnyAccount, query: str) -> tuple[Article, ...]:
    """Published articles from the first page of the account's search, in its order."""
    words = " ".join(query.replace("\0", " ").split())
    if not words:
        return ()
    settings: Settings = account.settings
    params = {"query": words, "locale": settings.kb_locale, "per_page": 25}
    reply = await account.client.get("/help_center/articles/search", params=params)
    found = [row for row in api.rows(reply, reply.json(dict), "results") if isinstance(row, dict)]
    published = [record for record in found if record.get("draft") is not True]
    return parse_each(published, lambda row: article_from(row, settings), lambda row: reference(row, "id")).items


async def find(account: AnyAccount, reference: str) -> api.Record | None:
    """An article's record; None when it does not exist or is not published."""
    if not (reference.isascii() and reference.isdigit()):
        return None
    try:
        record = api.record(await account.client.get(path(account.settings, reference)), "article")
    except CaseMissing:
        return None
    return None if record.get("draft") is True else record


async def read(account: AnyAccount, reference: str) -> Article:
    """One published article; raises CaseMissing."""
    record = await find(account, reference)
    if record is None:
        raise CaseMissing("there is no published article with this number", account=account.name)
    return article_from(record, account.settings)
