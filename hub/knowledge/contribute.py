"""Contributes to a vendor's knowledge base: ratings of articles, and articles from solved tickets."""

from __future__ import annotations

import hashlib

import msgspec

from hub.context import HubContext, VendorAccount
from hub.errors import CaseRefused, Conflict, VendorError
from hub.model import Article, ArticleDraft, Feedback, Ticket, TicketStatus, Value
from hub.model.journal.accounts import ArticleRated, ArticleRating
from hub.model.journal.tickets import ArticleNotOffered, ArticleOffered, ArticleOffering
from hub.privacy.disclose import redact

_SOLVED = frozenset({TicketStatus.RESOLVED, TicketStatus.CLOSED})


class ArticleOffer(Value, frozen=True):
    """An article to submit, and its hash."""

    account: str
    draft: ArticleDraft
    sha256: str  # pass it to `submit`, so that nothing else can be sent


async def rate(context: HubContext, account: str, reference: str, *, solved: bool, comment: str = "", who: str) -> None:
    """Send the vendor a rating of an article; the comment is masked first. Raises the vendor's error."""
    vendor_account = _able(context, account, "rate_article")
    feedback = Feedback(solved=solved, comment=redact(comment, vendor_account.policy).text)
    async with context.storage.unit() as unit:
        unit.note(f"account:{vendor_account.name}", ArticleRating(reference=reference, solved=solved, who=who))
    await vendor_account.vendor.rate_article(vendor_account.account, reference, feedback)
    async with context.storage.unit() as unit:
        unit.note(f"account:{vendor_account.name}", ArticleRated(reference=reference, solved=solved))


async def preview(context: HubContext, number: str, to: str, *, solution: str) -> ArticleOffer:
    """The article from a solved ticket, masked. Raises NotFound, Conflict, CaseRefused."""
    vendor_account = _able(context, to, "submit_article")
    async with context.storage.unit() as unit:
        ticket = await unit.tickets.named(number)
    if ticket.status not in _SOLVED:
        raise Conflict(f"ticket {number} is not resolved yet", next_step="resolve it first")
    draft = _draft(vendor_account, ticket, solution)
    return ArticleOffer(
        account=vendor_account.name, draft=draft, sha256=hashlib.sha256(msgspec.json.encode(draft)).hexdigest()
    )


async def submit(context: HubContext, number: str, to: str, *, solution: str, who: str, expect: str = "") -> Article:
    """Submit the article to the vendor, once; `expect` is a preview's hash.

    Raises like `preview`, Conflict if the hash differs, and the vendor's error; with `in_doubt` the article may have
    been stored, so check there first.
    """
    offer = await preview(context, number, to, solution=solution)
    if expect and offer.sha256 != expect:
        raise Conflict(
            f"the article of {number} has changed since the preview (now {offer.sha256})",
            next_step="check the preview again",
        )
    vendor_account = context.accounts[offer.account]
    async with context.storage.unit() as unit:
        offering = ArticleOffering(account=vendor_account.name, sha256=offer.sha256[:16], who=who)
        unit.note(number, offering)
    try:
        article = await vendor_account.vendor.submit_article(vendor_account.account, offer.draft)
    except VendorError as error:
        async with context.storage.unit() as unit:
            kind = type(error).__name__
            failed = ArticleNotOffered(account=vendor_account.name, error=kind, in_doubt=error.in_doubt)
            unit.note(number, failed)
        raise
    async with context.storage.unit() as unit:
        offered = ArticleOffered(account=vendor_account.name, reference=article.reference, who=who)
        unit.note(number, offered)
    return article


def _able(context: HubContext, account: str, hook: str) -> VendorAccount:
    vendor_account = context.able(account, hook)
    if not vendor_account.can(hook):
        raise CaseRefused(
            f"{vendor_account.name} can't {hook.replace('_', ' ')}",
            next_step="see `hub plugins`",
            account=vendor_account.name,
        )
    return vendor_account


def _draft(vendor_account: VendorAccount, ticket: Ticket, solution: str) -> ArticleDraft:
    def masked(text: str) -> str:
        return redact(text, vendor_account.policy).text

    return ArticleDraft(
        key=ticket.number,
        title=masked(ticket.title),
        problem=masked(ticket.description),
        solution=masked(solution),
        product=masked(ticket.product),
        language=ticket.language,
    )
