"""What people say of a ticket's clocks: I am at it, not now, it is mine, I have answered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from hub.db.storage import Storage
from hub.db.unit import Unit
from hub.db.watches import TicketWatch
from hub.errors import BadInput, Conflict
from hub.model.journal.cases import FirstAnswer
from hub.model.journal.deadlines import Acknowledged, Snoozed, TakenOver


async def acknowledge(storage: Storage, number: str, *, who: str) -> TicketWatch:
    """Somebody is at it: warnings stop, a breach is told all the same. Raises NotFound."""
    async with _watched(storage, number) as unit:
        await unit.watches.change(number, owner=who, acknowledged_at=unit.now)
        unit.note(number, Acknowledged(who=who))
        return await unit.watches.get(number)


async def take(storage: Storage, number: str, *, who: str) -> TicketWatch:
    """Somebody else is at it from now on, and is told what comes. Raises NotFound."""
    async with _watched(storage, number) as unit:
        before = await unit.watches.get(number)
        await unit.watches.change(number, owner=who, acknowledged_at=None, snoozed_until=None, due_at=unit.now)
        unit.note(number, TakenOver(who=who, before=before.owner))
        return await unit.watches.get(number)


async def snooze(storage: Storage, number: str, until: datetime, *, who: str) -> TicketWatch:
    """No warning before that moment; a breach is told all the same. Raises NotFound and BadInput."""
    async with _watched(storage, number) as unit:
        if until.tzinfo is None or until <= unit.now:
            raise BadInput(
                "a clock is snoozed until a moment to come, with its offset", next_step="such as 2027-01-04T09:00-05:00"
            )
        await unit.watches.change(number, snoozed_until=until, due_at=unit.now)
        unit.note(number, Snoozed(who=who, until=until))
        return await unit.watches.get(number)


async def answered(storage: Storage, number: str, given_at: datetime | None, *, who: str) -> TicketWatch:
    """Tell that a person has answered the customer elsewhere, as by telephone. Raises NotFound, BadInput, Conflict."""
    async with _watched(storage, number) as unit:
        ticket = await unit.tickets.named(number)
        at = given_at or unit.now
        if at.tzinfo is None or at > unit.now or at < ticket.created_at:
            raise BadInput("an answer is given between submission and now", next_step="give its time with an offset")
        if not await unit.tickets.answered(ticket.id, at):
            raise Conflict(f"ticket {number} was answered already", next_step=f"see `hub clock explain {number}`")
        unit.note(number, FirstAnswer(side="rjr", who=who, given_at=at, why="told by hand, as after a call"))
        return await unit.watches.get(number)


@asynccontextmanager
async def _watched(storage: Storage, number: str) -> AsyncIterator[Unit]:
    async with storage.unit() as unit:
        await unit.tickets.named(number)
        await unit.watches.call([number], unit.now)
        await unit.watches.get(number, lock=True)
        yield unit
