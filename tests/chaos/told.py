"""What the asking side was told: the work that the hub acknowledged, and what it may or may not have taken."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from hub.bonding.outbound import ticket_actions
from hub.bonding.outbound.escalate import escalate
from hub.context import HubContext
from hub.desk.store import add_ticket
from hub.errors import Conflict, StorageUnavailable
from hub.model import Bond, Intake, Severity, TicketDraft, Visibility
from tests.chaos.scene import ACCOUNT
from tests.kits.waiting import until

PATIENCE = 300.0
"""Seconds within which the database must be back."""
SECRET = "hunter2-canary"
PRIVATE = "private-canary"

T = TypeVar("T")


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
    told = Told((await _insisted(lambda: add_ticket(context.storage, "RJR", draft, who="agent"))).number)
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
    try:
        bond = await _insisted(lambda: escalate(context, told.number, ACCOUNT, answers, who="agent"))
    except Conflict:  # an earlier try was taken, and its answer lost
        bond = (await _insisted(lambda: _bonds(context, told.number)))[0]
    told.key = bond.key


async def _insisted(ask: Callable[[], Awaitable[T]]) -> T:
    """What was asked for, once the database is there to give it."""

    async def answer() -> list[T]:
        try:
            return [await ask()]
        except StorageUnavailable:
            return []

    return (await until(answer, seconds=PATIENCE, pause=0.2))[0]


async def _bonds(context: HubContext, reference: str) -> list[Bond]:
    async with context.storage.unit() as unit:
        return await unit.bonds.find(reference)


async def say(context: HubContext, told: Told, body: str, visibility: Visibility = Visibility.VENDOR) -> None:
    """A comment; asked once, since asking again might say it twice."""
    try:
        said = await ticket_actions.comment(context, told.number, body, visibility, who="agent")
    except StorageUnavailable:
        acknowledged = False
        await _insisted(lambda: _bonds(context, told.number))
    else:
        acknowledged = True
        assert bool(said.goes_to) is (visibility is Visibility.VENDOR)
    if visibility is Visibility.VENDOR:
        told.comments.append((body, acknowledged))
