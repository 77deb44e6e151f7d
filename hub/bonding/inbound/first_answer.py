"""Judges who wrote a vendor's text, and records the first answer of each side, once."""

from __future__ import annotations

from datetime import datetime

from hub.answers.judge import Judgement, ReceivedText, judge
from hub.answers.phrases import PhraseBook
from hub.context import VendorAccount
from hub.db.unit import Unit
from hub.model import Bond, Comment, Ticket, Visibility, Writer
from hub.model.journal.cases import FirstAnswer

INTERNAL = Judgement(taken=Writer.UNCLEAR, why="a note of the vendor's own people, not said to us")
"""The judgement of a comment that the vendor keeps internal."""


def judge_comment(comment: Comment, vendor_account: VendorAccount) -> Judgement:
    """Whether a person or a machine wrote a vendor's comment."""
    if not comment.public and not comment.automatic:
        return INTERNAL
    machines = getattr(vendor_account.account.settings, "machine_authors", ())  # platforms that have such a setting
    said = ReceivedText(
        body=comment.body,
        author=comment.author,
        automatic=comment.automatic,
        machine_authors=tuple(machines),
        headers=comment.headers,
    )
    return judge(said, vendor_account.signs)


async def vendor_answered(
    unit: Unit, bond: Bond, given_at: datetime, verdict: Judgement, comment: int | None = None
) -> None:
    """Record the first answer of a person at the vendor, once; the caller holds the bond's lock."""
    at = min(given_at, unit.now)  # the vendor's clock may be ahead of ours
    if bond.answered_at is None and await unit.bonds.answered(bond.id, at):
        answer = FirstAnswer(side="vendor", bond=bond.key, given_at=at, why=verdict.why, comment=comment)
        unit.note(bond.ticket_number, answer)


async def customer_answered(
    unit: Unit, ticket: Ticket, body: str, visibility: Visibility, signs: PhraseBook | None, *, who: str
) -> None:
    """Record our first answer to the customer; comments for the vendor don't count.

    The author is one of us, so a text counts unless it is certainly a machine's, such as a receipt sent by a script.
    """
    if visibility is not Visibility.PUBLIC or ticket.answered_at is not None:
        return
    verdict = judge(ReceivedText(body=body), signs)
    if verdict.taken is Writer.MACHINE and verdict.sure:
        return
    if await unit.tickets.answered(ticket.id, unit.now):
        unit.note(
            ticket.number,
            FirstAnswer(
                side="rjr", who=who, given_at=unit.now, why="author: wrote it here, and it does not read as a machine's"
            ),
        )
