"""Mirrors a vendor's articles and patches: each page cleaned, and stored together with its cursor."""

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
from hub.model import Article, Patch

ARTICLES, PATCHES = "articles", "patches"
"""The streams of what an account's vendor publishes."""

KINDS: dict[str, Kind] = {ARTICLES: "article", PATCHES: "patch"}


async def read_publications(
    context: HubContext,
    vendor_account: VendorAccount,
    stream: Stream,
    *,
    lease_seconds: float,
    stopping: Callable[[], bool] = lambda: False,
) -> StreamRun:
    """Read a leased stream of articles or patches to its end. Raises the vendor's error; what was stored stays."""
    kind = KINDS[stream.kind]

    async def take(unit: Unit, items: Sequence[Article | Patch], _: datetime) -> None:
        await unit.publications.store(
            vendor_account.name, vendor_account.info.name, kind, [columns(one) for one in items]
        )
        if items:
            unit.note(
                f"account:{vendor_account.name}",
                "mirrored",
                what=stream.kind,
                count=len(items),
                withdrawn=sum(one.withdrawn for one in items),
            )

    fetch: Any = (
        vendor_account.vendor.changed_articles if stream.kind == ARTICLES else vendor_account.vendor.changed_patches
    )
    return await read_pages(
        context,
        vendor_account,
        stream,
        fetch,
        take,
        lambda one: one.reference,
        lease_seconds=lease_seconds,
        stopping=stopping,
    )


def columns(one: Article | Patch) -> dict[str, Any]:
    """What is stored of an article or a patch: HTML cleaned, texts shortened, an address only if it is one."""
    body = clean(one.body)
    told: dict[str, Any] = {
        "reference": one.reference,
        "number": short(one.number),
        "title": short(one.title),
        "body": body,
        "bare": html_to_text(body, address(one.address)),
        "language": short(one.language, 40),
        "product": short(one.product),
        "version": short(one.version, 100),
        "public": one.public,
        "address": address(one.address),
        "changed_at": one.changed_at,
        "withdrawn": one.withdrawn,
    }
    if isinstance(one, Patch):
        return told | {"severity": short(one.severity, 100), "published_at": one.published_at}
    return told | {"labels": [short(label, 100) for label in one.labels]}


def address(given: str) -> str:
    """A web address as people may follow it, or nothing."""
    try:
        context = urlsplit(given.strip())
    except ValueError:
        return ""
    return short(given, 2000) if context.scheme in {"http", "https"} and context.hostname else ""
