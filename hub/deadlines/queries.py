"""How promises stand, for every door: explained, listed, replayed, scored; values out, nothing changed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path

from hub.customers.customers import BATCH, contracts_of
from hub.db import journal
from hub.db.clocks import StoredClock
from hub.db.storage import Storage
from hub.db.watches import TicketWatch
from hub.deadlines.scorecard import Score, scorecard
from hub.deadlines.watch import KINDS, read_record, ticket_deadlines
from hub.model import Value
from hub.sla.clock import Answered, ClockEvent
from hub.sla.explain import ClockExplanation, explain
from hub.sla.history import response_history, with_plan
from hub.sla.offer import Offer
from hub.sla.replay import ReplayDifference, differences
from hub.sla.rules import ServiceRules
from hub.sla.ticket_clocks import RESPONSE


class ClocksView(Value, frozen=True):
    """A ticket's clocks, explained; without a plan, why nothing is promised."""

    ticket: str
    contract: str
    why: str
    clocks: tuple[ClockExplanation, ...]
    watch: TicketWatch
    """What people said of it."""


async def clocks(storage: Storage, rules: ServiceRules, number: str) -> ClocksView:
    """A ticket's clocks, computed now. Raises NotFound."""
    async with storage.unit() as unit:
        found = await unit.tickets.named(number)
        standing = await ticket_deadlines(unit, rules, found)
        told = tuple(explain(one, unit.now) for one in standing.clocks)
        watch = await unit.watches.get(number)
    coverage = standing.coverage
    return ClocksView(
        ticket=number,
        contract=coverage.contract,
        why="" if any(one.clock == RESPONSE for one in told) else coverage.why,
        clocks=told,
        watch=watch,
    )


async def running_clocks(storage: Storage, *, limit: int = 50) -> list[StoredClock]:
    """Clocks that wait for an answer, the next deadline first, as they were when last looked at."""
    async with storage.unit() as unit:
        return await unit.clocks.running(limit=limit)


async def watches(storage: Storage, tickets: Collection[str]) -> dict[str, TicketWatch]:
    """What people said of tickets, by number: who is at it, and until when it is to be quiet."""
    async with storage.unit() as unit:
        return await unit.watches.of(tickets)


class DeadlineView(Value, frozen=True):
    """A promise that is broken, or soon will be."""

    clock: StoredClock
    late_seconds: int  # negative while there is time left


async def breaches(storage: Storage, ahead: timedelta, *, limit: int = 50) -> list[DeadlineView]:
    """Clocks whose deadline has passed, or passes within that time, the oldest first."""
    async with storage.unit() as unit:
        found = await unit.clocks.running(until=unit.now + ahead, limit=limit)
        return [
            DeadlineView(clock=one, late_seconds=round((unit.now - one.deadline).total_seconds()))
            for one in found
            if one.deadline is not None
        ]


class Replayed(Value, frozen=True):
    """What another policy or offer would have done."""

    tickets: int
    differences: tuple[ReplayDifference, ...]


async def replayed(
    storage: Storage, rules: ServiceRules, policy: Path | None, offer: Path | None, *, ticket: str, since: timedelta
) -> Replayed:
    """Replay one ticket, or those of a stretch of time, through another policy or offer; changes nothing.

    Raises NotFound and SettingsError.
    """
    other = rules.instead(policy, offer)
    found: list[ReplayDifference] = []
    async with storage.unit() as unit:
        numbers = [ticket] if ticket else await unit.tickets.numbers_since(unit.now - since)
        for number in numbers:
            known = await unit.tickets.named(number)
            record = await read_record(unit, known)
            before, after = [await ticket_deadlines(unit, one, known, record) for one in (rules, other)]
            found += differences(number, before.clocks, after.clocks, (rules.policy, other.policy), unit.now)
    return Replayed(tickets=len(numbers), differences=tuple(found))


async def waiting(storage: Storage, offer: Offer) -> list[tuple[str, tuple[ClockEvent, ...]]]:
    """The open tickets that have a plan of an offer and no answer yet, each with what happened to its clock."""
    found: list[tuple[str, tuple[ClockEvent, ...]]] = []
    before: int | None = None
    async with storage.unit() as unit:
        while page := await unit.tickets.unclosed(before=before, limit=BATCH):
            before = page[-1].id
            covered = await contracts_of(unit, page, offer.plans)
            events = await journal.read_kinds(unit.connection, [one.number for one in page], KINDS)
            for ticket, coverage in zip(page, covered, strict=True):
                told = with_plan(ticket, events[ticket.number], coverage, unit.now)
                history = response_history(ticket, told, offer)
                if history and not any(isinstance(one, Answered) for one in history.happenings):
                    found.append((ticket.number, history.happenings))
    return found


async def scores(storage: Storage, since: timedelta) -> list[Score]:
    """The vendors' scorecard over the clocks that began within a stretch of time up to now."""
    async with storage.unit() as unit:
        start, end = unit.now - since, unit.now + timedelta(days=1)
        found: list[StoredClock] = []
        after: tuple[datetime, str, str] | None = None
        while page := await unit.clocks.between(start, end, after=after):
            found += page
            after = (page[-1].started_at, page[-1].ticket, page[-1].name)
        return scorecard(found, unit.now)
