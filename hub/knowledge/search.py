"""Searches what vendors know: in the mirror, and live where a vendor allows it; one being down spoils no other."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any, Literal

from hub.context import HubContext, VendorAccount
from hub.db.publications import Publication
from hub.errors import HubError, NotFound
from hub.knowledge.mirror import columns
from hub.model import Article, Value

DEADLINE = 10.0
"""Seconds that a vendor has for a live answer; then its mirrored copy stands."""


class SourceCoverage(Value, frozen=True):
    """How far one account's part of an answer can be trusted."""

    account: str
    state: Literal["live", "mirrored", "failed"]
    found: int
    as_of: datetime | None = None  # when the mirror was last told something
    why: str = ""  # of a failed one: what the vendor's system did


class SearchHit(Value, frozen=True):
    """One article or patch that fits, as the mirror or the vendor has it."""

    account: str
    kind: str
    reference: str
    title: str
    text: str  # the beginning
    number: str = ""
    language: str = ""
    product: str = ""
    version: str = ""
    public: bool = False
    address: str = ""
    changed_at: datetime | None = None
    live: bool = False


class SearchResult(Value, frozen=True):
    """What was found, best first, and where it comes from."""

    hits: tuple[SearchHit, ...]
    sources: tuple[SourceCoverage, ...]

    @property
    def partial(self) -> bool:
        """Whether somebody could not be asked."""
        return any(source.state == "failed" for source in self.sources)


async def search(
    context: HubContext,
    query: str,
    *,
    live: bool = False,
    kind: str = "",
    vendor: str = "",
    language: str = "",
    limit: int = 20,
) -> SearchResult:
    """The best fits over the mirror, and with `live` over the vendors that can be asked; never raises for one of them.

    A vendor that does not answer within ten seconds is told as failed, with its mirrored copies in place.
    """
    asked = [
        vendor_account
        for vendor_account in context.accounts.values()
        if vendor in {"", vendor_account.name, vendor_account.info.name} and _publishes(vendor_account)
    ]
    async with context.storage.unit() as unit:
        known = await unit.publications.search(query, kind=kind, vendor=vendor, language=language, limit=limit)
        ages = {vendor_account.name: await unit.publications.age_of(vendor_account.name) for vendor_account in asked}
    able = [
        vendor_account for vendor_account in asked if live and kind != "patch" and vendor_account.can("search_articles")
    ]
    answers = dict(
        zip(
            [vendor_account.name for vendor_account in able],
            await asyncio.gather(*(_live(one, query) for one in able)),
            strict=True,
        )
    )
    hits: list[SearchHit] = []
    sources = []
    for vendor_account in asked:
        told = answers.get(vendor_account.name)
        here = [_mirrored(one) for one in known if one.account == vendor_account.name]
        if isinstance(told, list):
            fresh = {hit.reference for hit in told}
            hits += [*told[:limit], *(one for one in here if one.reference not in fresh)]
            sources.append(SourceCoverage(account=vendor_account.name, state="live", found=len(told)))
            continue
        hits += here
        age = ages[vendor_account.name]
        state: Literal["mirrored", "failed"] = "mirrored" if told is None else "failed"
        sources.append(
            SourceCoverage(account=vendor_account.name, state=state, found=len(here), as_of=age, why=told or "")
        )
    order = {(one.account, one.kind, one.reference): place for place, one in enumerate(known)}
    hits.sort(key=lambda hit: order.get((hit.account, hit.kind, hit.reference), len(order)))
    return SearchResult(hits=tuple(hits[:limit]), sources=tuple(sources))


def _publishes(vendor_account: VendorAccount) -> bool:
    return any(vendor_account.can(hook) for hook in ("changed_articles", "changed_patches", "search_articles"))


async def _live(vendor_account: VendorAccount, query: str) -> list[SearchHit] | str:
    try:
        async with asyncio.timeout(DEADLINE):
            found = await vendor_account.vendor.search_articles(vendor_account.account, query)
    except TimeoutError:
        return f"no answer within {DEADLINE:g} s"
    except HubError as error:
        return f"{type(error).__name__}: {error.message}"
    return [_told(vendor_account, one) for one in found]


def _told(vendor_account: VendorAccount, one: Article) -> SearchHit:
    kept: dict[str, Any] = columns(one)
    shown = {name: kept[name] for name in ("reference", "title", "number", "language", "product", "version")}
    return SearchHit(
        account=vendor_account.name,
        kind="article",
        text=kept["bare"][:300],
        public=one.public,
        address=kept["address"],
        changed_at=one.changed_at,
        live=True,
        **shown,
    )


def _mirrored(one: Publication) -> SearchHit:
    names = (
        "account",
        "kind",
        "reference",
        "title",
        "number",
        "language",
        "product",
        "version",
        "public",
        "address",
        "changed_at",
    )
    return SearchHit(text=one.bare[:300], **{name: getattr(one, name) for name in names})


async def listed(
    context: HubContext, *, kind: str, vendor: str = "", language: str = "", before: int | None = None, limit: int = 50
) -> list[Publication]:
    """What is mirrored of one kind, newest in the hub first."""
    async with context.storage.unit() as unit:
        return await unit.publications.page(kind=kind, vendor=vendor, language=language, before=before, limit=limit)


async def read(context: HubContext, name: str, kind: str) -> Publication:
    """The one publication with this reference, number or id. Raises NotFound."""
    async with context.storage.unit() as unit:
        found = [one for one in await unit.publications.find(name) if one.kind == kind]
    if not found:
        raise NotFound(f"no {kind} is named {name}", next_step="search for it, or list what there is")
    return found[0]
