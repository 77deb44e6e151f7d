"""Searches vendors' knowledge, in the mirror and live; a vendor that is down affects no other."""

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
"""Seconds that a vendor has for a live answer; after that the cached copy is shown."""


class SourceCoverage(Value, frozen=True):
    """How current one account's part of a result is."""

    account: str
    state: Literal["live", "mirrored", "failed"]
    found: int
    as_of: datetime | None = None  # when the mirror was last updated
    why: str = ""  # the error, if failed


class SearchHit(Value, frozen=True):
    """One matching article or patch, from the mirror or the vendor."""

    account: str
    kind: str
    reference: str
    title: str
    text: str  # its beginning
    number: str = ""
    language: str = ""
    product: str = ""
    version: str = ""
    public: bool = False
    address: str = ""
    changed_at: datetime | None = None
    live: bool = False


class SearchResult(Value, frozen=True):
    """Matches, best first, and their sources."""

    hits: tuple[SearchHit, ...]
    sources: tuple[SourceCoverage, ...]

    @property
    def partial(self) -> bool:
        """Whether a source failed."""
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
    """The best matches in the mirror and, with `live`, at vendors that support search; a vendor's error is not raised.

    A vendor that does not answer within ten seconds is reported as failed, with its mirrored matches.
    """
    accounts = [
        vendor_account
        for vendor_account in context.accounts.values()
        if vendor in {"", vendor_account.name, vendor_account.info.name} and _publishes(vendor_account)
    ]
    async with context.storage.unit() as unit:
        mirrored = await unit.publications.search(query, kind=kind, vendor=vendor, language=language, limit=limit)
        ages = {vendor_account.name: await unit.publications.age_of(vendor_account.name) for vendor_account in accounts}
    able = [
        vendor_account
        for vendor_account in accounts
        if live and kind != "patch" and vendor_account.can("search_articles")
    ]
    answers = dict(
        zip(
            [vendor_account.name for vendor_account in able],
            await asyncio.gather(*(_search_live(vendor_account, query) for vendor_account in able)),
            strict=True,
        )
    )
    hits: list[SearchHit] = []
    sources = []
    for vendor_account in accounts:
        answer = answers.get(vendor_account.name)
        cached = [_mirrored_hit(item) for item in mirrored if item.account == vendor_account.name]
        if isinstance(answer, list):
            fresh = {hit.reference for hit in answer}
            hits += [*answer[:limit], *(hit for hit in cached if hit.reference not in fresh)]
            sources.append(SourceCoverage(account=vendor_account.name, state="live", found=len(answer)))
            continue
        hits += cached
        age = ages[vendor_account.name]
        state: Literal["mirrored", "failed"] = "mirrored" if answer is None else "failed"
        sources.append(
            SourceCoverage(account=vendor_account.name, state=state, found=len(cached), as_of=age, why=answer or "")
        )
    order = {(item.account, item.kind, item.reference): place for place, item in enumerate(mirrored)}
    hits.sort(key=lambda hit: order.get((hit.account, hit.kind, hit.reference), len(order)))
    return SearchResult(hits=tuple(hits[:limit]), sources=tuple(sources))


def _publishes(vendor_account: VendorAccount) -> bool:
    return any(vendor_account.can(hook) for hook in ("changed_articles", "changed_patches", "search_articles"))


async def _search_live(vendor_account: VendorAccount, query: str) -> list[SearchHit] | str:
    try:
        async with asyncio.timeout(DEADLINE):
            articles = await vendor_account.vendor.search_articles(vendor_account.account, query)
    except TimeoutError:
        return f"no answer within {DEADLINE:g} s"
    except HubError as error:
        return f"{type(error).__name__}: {error.message}"
    return [_live_hit(vendor_account, article) for article in articles]


def _live_hit(vendor_account: VendorAccount, article: Article) -> SearchHit:
    values: dict[str, Any] = columns(article)
    shown = {name: values[name] for name in ("reference", "title", "number", "language", "product", "version")}
    return SearchHit(
        account=vendor_account.name,
        kind="article",
        text=values["bare"][:300],
        public=article.public,
        address=values["address"],
        changed_at=article.changed_at,
        live=True,
        **shown,
    )


def _mirrored_hit(item: Publication) -> SearchHit:
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
    return SearchHit(text=item.bare[:300], **{name: getattr(item, name) for name in names})


async def listed(
    context: HubContext, *, kind: str, vendor: str = "", language: str = "", before: int | None = None, limit: int = 50
) -> list[Publication]:
    """Mirrored publications of one kind, latest stored first."""
    async with context.storage.unit() as unit:
        return await unit.publications.page(kind=kind, vendor=vendor, language=language, before=before, limit=limit)


async def read(context: HubContext, name: str, kind: str) -> Publication:
    """The one publication with this reference, number or id. Raises NotFound."""
    async with context.storage.unit() as unit:
        matches = [item for item in await unit.publications.find(name) if item.kind == kind]
    if not matches:
        raise NotFound(f"there is no {kind} {name}", next_step="search for it, or list all")
    return matches[0]
