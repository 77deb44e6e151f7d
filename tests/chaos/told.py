"""What the asking side was told: the work that the hub acknowledged, and what it may or may not have taken."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from hub.bonding.outbound import ticket_actions
from hub.bonding.outbound.escalate import escalate
from hub.context import HubContext
from hub.desk.store import add_ticket
from hub.errors import Conflict, StorageUnavailable
from hub.model import Intake, Severity, TicketDraft, Visibility
from tests.chaos.scene import ACCOUNT

SECRET = "hunter2-canary"
PRIVATE = "private-canary"


@dataclass
class Told:
    """One ticket, as its agent knows it."""

    number: str
    key: str = ""
    comments: list[tuple[str, bool]] = field(default_factory=list)
    """Bodies in order of asking; False: the answer was lost, so that it may have been taken or not."""
    answers: list[str] = field(default_factory=list)
    """What the vendor's engineer wrote."""

    @property
    def sure(self) -> list[str]:
        """Bodies that were acknowledged."""
        return [body for body, acknowledged in self.comments if acknowledged]


async def ask(context: HubContext, number: int, comments: int) -> Told:
    """One escalation with so many comments, insisted upon until the hub acknowledged the ticket and its bond."""
    severity = Severity(number % 4 + 1)
    draft = TicketDraft(title=f"Trouble {number}", severity=severity, description="it is down", product="Platform")
    while True:
        try:
            told = Told((await add_ticket(context.storage, "RJR", draft, who="agent")).number)
            break
        except StorageUnavailable:
            await asyncio.sleep(0.2)
    await _escalated(context, told)
    for at in range(comments):
        await say(context, told, f"comment {at} of ticket {number}, password={SECRET}")
        await asyncio.sleep(0)
    await say(context, told, f"{PRIVATE} {number}", Visibility.PRIVATE)
    return told


async def _escalated(context: HubContext, told: Told) -> None:
    vendor_account = context.vendor_account(ACCOUNT)
    form = await vendor_account.vendor.intake(vendor_account.account) if vendor_account.can("intake") else Intake()
    open_ones = [one for one in form.questions if one.required and not one.default]
    answers = {one.name: one.choices[0] if one.choices else "any" for one in open_ones}
    while True:
        try:
            told.key = (await escalate(context, told.number, ACCOUNT, answers, who="agent")).key
            return
        except StorageUnavailable:
            await asyncio.sleep(0.2)
        except Conflict:  # an earlier try was taken, and its answer lost
            async with context.storage.unit() as unit:
                told.key = (await unit.bonds.find(told.number))[0].key
            return


async def say(context: HubContext, told: Told, body: str, visibility: Visibility = Visibility.VENDOR) -> None:
    """A comment; asked once, since asking again might say it twice."""
    try:
        said = await ticket_actions.comment(context, told.number, body, visibility, who="agent")
    except StorageUnavailable:
        acknowledged = False
        await asyncio.sleep(0.2)
    else:
        acknowledged = True
        assert bool(said.goes_to) is (visibility is Visibility.VENDOR)
    if visibility is Visibility.VENDOR:
        told.comments.append((body, acknowledged))
