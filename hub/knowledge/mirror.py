"""Mirrors a vendor's articles and patches: each page is cleaned, and stored together with its cursor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from hub.bonding.inbound.streams import StreamRun, read_pages
from hub.context import HubContext, VendorAccount
from hub.db.publications import Kind
from hub.db.streams import Stream
from hub.db.unit import Unit
from hub.knowledge.clean import clean, short
from hub.markup.html import html_to_text
from hub.model import Article, Patch, StreamKind
from hub.model.journal.accounts import Mirrored

KINDS: dict[str, Kind] = {StreamKind.ARTICLES: "article", StreamKind.PATCHES: "patch"}


async def read_publications(
    context: HubContext,
    vendor_account: VendorAccount,
    stream: Stream,
    *,
    lease_seconds: float,
    stopping: Callable[[], bool] = lambda: False,
) -> StreamRun:
    """Read a leased stream of articles or patches to its end. Raises the vendor's error; pages already stored stay."""
    kind = KINDS[stream.kind]

    async def take(unit: Unit, items: Sequence[Article | Patch], _: datetime) -> None:
        await unit.publications.store(
            vendor_account.name, vendor_account.info.name, kind, [columns(item) for item in items]
        )
        if items:
            withdrawn = sum(item.withdrawn for item in items)
            mirrored = Mirrored(what=stream.kind, count=len(items), withdrawn=withdrawn)
            unit.note(f"account:{vendor_account.name}", mirrored)

    fetch: Any = (
        vendor_account.vendor.changed_articles
        if stream.kind == StreamKind.ARTICLES
        else vendor_account.vendor.changed_patches
    )
    return await read_pages(
        context,
        vendor_account,
        stream,
        fetch,
        take,
        lambda item: item.reference,
        lease_seconds=lease_seconds,
        stopping=stopping,
    )


def columns(publication: Article | Patch) -> dict[str, Any]:
    """The columns to store of an article or patch: HTML cleaned, texts shortened, invalid addresses dropped."""
    body = clean(publication.body)
    values: dict[str, Any] = {
        "reference": publication.reference,
        "number": short(publication.number),
        "title": short(publication.title),
        "body": body,
        "bare": html_to_text(body, address(publication.address)),
        "language": short(publication.language, 40),
        "product": short(publication.product),
        "version": short(publication.version, 100),
        "public": publication.public,
        "address": address(publication.address),
        "changed_at": publication.changed_at,
        "withdrawn": publication.withdrawn,
    }
    if isinstance(publication, Patch):
        return values | {"severity": short(publication.severity, 100), "published_at": publication.published_at}
    return values | {"labels": [short(label, 100) for label in publication.labels]}


def address(given: str) -> str:
    """The web address if it is safe to follow, else an empty string."""
    try:
        url = urlsplit(given.strip())
    except ValueError:
        return ""
    return short(given, 2000) if url.scheme in {"http", "https"} and url.hostname else ""
