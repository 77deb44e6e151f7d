"""What goes back to a vendor's knowledge: whether an article helped, and an article that a solved ticket gave."""

from __future__ import annotations

import hashlib

import msgspec

from hub.context import Parts, Party
from hub.errors import CaseRefused, Conflict, VendorError
from hub.model import Article, ArticleDraft, Feedback, Ticket, TicketStatus, Value
from hub.privacy.disclose import redact

_SOLVED = frozenset({TicketStatus.RESOLVED, TicketStatus.CLOSED})


class Offer(Value, frozen=True):
    """What would be offered, and its hash."""

    account: str
    draft: ArticleDraft
    sha256: str  # name it when offering, and nothing else can leave


async def rate(parts: Parts, account: str, reference: str, *, solved: bool, comment: str = "", who: str) -> None:
    """Tell the vendor whether an article helped; the comment is masked like all that leaves. Raises its error."""
    party = _able(parts, account, "rate_article")
    told = Feedback(solved=solved, comment=redact(comment, party.policy).text)
    async with parts.storage.unit() as unit:
        unit.note(f"account:{party.name}", "article_rating", reference=reference, solved=solved, who=who)
    await party.vendor.rate_article(party.account, reference, told)
    async with parts.storage.unit() as unit:
        unit.note(f"account:{party.name}", "article_rated", reference=reference, solved=solved)


async def preview(parts: Parts, number: str, to: str, *, solution: str) -> Offer:
    """The article that a solved ticket would give, all of it masked. Raises NotFound, Conflict, CaseRefused."""
    party = _able(parts, to, "submit_article")
    async with parts.storage.unit() as unit:
        ticket = await unit.tickets.named(number)
    if ticket.status not in _SOLVED:
        raise Conflict(f"ticket {number} is not solved yet", next_step="resolve it first")
    draft = _draft(party, ticket, solution)
    return Offer(account=party.name, draft=draft, sha256=hashlib.sha256(msgspec.json.encode(draft)).hexdigest())


async def submit(parts: Parts, number: str, to: str, *, solution: str, who: str, expect: str = "") -> Article:
    """Offer the vendor the article, once; `expect` is a preview's hash. Raises what `preview` raises, Conflict for
    another hash, and the vendor's error, whose `in_doubt` says that it may have been stored: look there first.
    """
    offer = await preview(parts, number, to, solution=solution)
    if expect and offer.sha256 != expect:
        raise Conflict(
            f"the article of {number} is not the one that was shown (it is {offer.sha256} now)",
            next_step="look at the preview again",
        )
    party = parts.parties[offer.account]
    async with parts.storage.unit() as unit:
        unit.note(number, "article_offering", account=party.name, sha256=offer.sha256[:16], who=who)
    try:
        article = await party.vendor.submit_article(party.account, offer.draft)
    except VendorError as error:
        async with parts.storage.unit() as unit:
            kind = type(error).__name__
            unit.note(number, "article_not_offered", account=party.name, error=kind, in_doubt=error.in_doubt)
        raise
    async with parts.storage.unit() as unit:
        unit.note(number, "article_offered", account=party.name, reference=article.reference, who=who)
    return article


def _able(parts: Parts, account: str, hook: str) -> Party:
    party = parts.able(account, hook)
    if not party.can(hook):
        raise CaseRefused(
            f"{party.name} can't {hook.replace('_', ' ')}", next_step="see `hub plugins`", account=party.name
        )
    return party


def _draft(party: Party, ticket: Ticket, solution: str) -> ArticleDraft:
    def masked(text: str) -> str:
        return redact(text, party.policy).text

    return ArticleDraft(
        key=ticket.number,
        title=masked(ticket.title),
        problem=masked(ticket.description),
        solution=masked(solution),
        product=masked(ticket.product),
        language=ticket.language,
    )
