"""Ownership of tickets: acknowledge, take over, mute warnings, record an answer given elsewhere."""

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
    """Acknowledge a ticket: warnings stop, breaches are still reported. Raises NotFound."""
    async with _watched(storage, number) as unit:
        await unit.watches.change(number, owner=who, acknowledged_at=unit.now)
        unit.note(number, Acknowledged(who=who))
        return await unit.watches.get(number)


async def take(storage: Storage, number: str, *, who: str) -> TicketWatch:
    """Take ownership of a ticket: notifications go to `who` from now on. Raises NotFound."""
    async with _watched(storage, number) as unit:
        before = await unit.watches.get(number)
        await unit.watches.change(number, owner=who, acknowledged_at=None, snoozed_until=None, due_at=unit.now)
        unit.note(number, TakenOver(who=who, before=before.owner))
        return await unit.watches.get(number)


async def snooze(storage: Storage, number: str, until: datetime, *, who: str) -> TicketWatch:
    """Mute warnings until a time; breaches are still reported. Raises NotFound and BadInput."""
    async with _watched(storage, number) as unit:
        if until.tzinfo is None or until <= unit.now:
            raise BadInput("give a future time with an offset", next_step="for example 2027-01-04T09:00-05:00")
        await unit.watches.change(number, snoozed_until=until, due_at=unit.now)
        unit.note(number, Snoozed(who=who, until=until))
        return await unit.watches.get(number)


async def answered(storage: Storage, number: str, given_at: datetime | None, *, who: str) -> TicketWatch:
    """Record an answer given outside the hub, such as by telephone. Raises NotFound, BadInput and Conflict."""
    async with _watched(storage, number) as unit:
        ticket = await unit.tickets.named(number)
        at = given_at or unit.now
        if at.tzinfo is None or at > unit.now or at < ticket.created_at:
            raise BadInput("the answer's time must lie between submission and now", next_step="give it with an offset")
        if not await unit.tickets.answered(ticket.id, at):
            raise Conflict(f"ticket {number} was already answered", next_step=f"see `hub clock explain {number}`")
        unit.note(number, FirstAnswer(side="rjr", who=who, given_at=at, why="told by hand, as after a call"))
        return await unit.watches.get(number)


@asynccontextmanager
async def _watched(storage: Storage, number: str) -> AsyncIterator[Unit]:
    async with storage.unit() as unit:
        await unit.tickets.named(number)
        await unit.watches.schedule([number], unit.now)
        await unit.watches.get(number, lock=True)
        yield unit
