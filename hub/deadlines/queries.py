"""Deadlines, for every interface: explained, listed, replayed, scored. Nothing is changed."""

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
    """A ticket's clocks, explained; without a plan, the reason why nothing is promised."""

    ticket: str
    contract: str
    why: str
    clocks: tuple[ClockExplanation, ...]
    watch: TicketWatch
    """Owner, level, acknowledgement and muting."""


async def clocks(storage: Storage, rules: ServiceRules, number: str) -> ClocksView:
    """A ticket's clocks, computed now. Raises NotFound."""
    async with storage.unit() as unit:
        ticket = await unit.tickets.named(number)
        deadlines = await ticket_deadlines(unit, rules, ticket)
        explained = tuple(explain(clock, unit.now) for clock in deadlines.clocks)
        watch = await unit.watches.get(number)
    coverage = deadlines.coverage
    return ClocksView(
        ticket=number,
        contract=coverage.contract,
        why="" if any(clock.clock == RESPONSE for clock in explained) else coverage.why,
        clocks=explained,
        watch=watch,
    )


async def running_clocks(storage: Storage, *, limit: int = 50) -> list[StoredClock]:
    """Clocks that wait for an answer, the next deadline first, as of the last examination."""
    async with storage.unit() as unit:
        return await unit.clocks.running(limit=limit)


async def watches(storage: Storage, tickets: Collection[str]) -> dict[str, TicketWatch]:
    """Owner, level, acknowledgement and muting of tickets, by number."""
    async with storage.unit() as unit:
        return await unit.watches.of(tickets)


class DeadlineView(Value, frozen=True):
    """A deadline that was missed, or will be soon."""

    clock: StoredClock
    late_seconds: int  # negative while there is time left


async def breaches(storage: Storage, ahead: timedelta, *, limit: int = 50) -> list[DeadlineView]:
    """Clocks whose deadline has passed, or passes within `ahead`, the oldest first."""
    async with storage.unit() as unit:
        running = await unit.clocks.running(until=unit.now + ahead, limit=limit)
        return [
            DeadlineView(clock=clock, late_seconds=round((unit.now - clock.deadline).total_seconds()))
            for clock in running
            if clock.deadline is not None
        ]


class Replayed(Value, frozen=True):
    """What another policy or offer would have done."""

    tickets: int
    differences: tuple[ReplayDifference, ...]


async def replayed(
    storage: Storage, rules: ServiceRules, policy: Path | None, offer: Path | None, *, ticket: str, since: timedelta
) -> Replayed:
    """Replay one ticket, or the tickets of a period, through another policy or offer; changes nothing.

    Raises NotFound and SettingsError.
    """
    other = rules.instead(policy, offer)
    results: list[ReplayDifference] = []
    async with storage.unit() as unit:
        numbers = [ticket] if ticket else await unit.tickets.numbers_since(unit.now - since)
        for number in numbers:
            named = await unit.tickets.named(number)
            record = await read_record(unit, named)
            before, after = [await ticket_deadlines(unit, each, named, record) for each in (rules, other)]
            results += differences(number, before.clocks, after.clocks, (rules.policy, other.policy), unit.now)
    return Replayed(tickets=len(numbers), differences=tuple(results))


async def waiting(storage: Storage, offer: Offer) -> list[tuple[str, tuple[ClockEvent, ...]]]:
    """The open tickets that have a plan of the offer and no answer yet, each with the history of its clock."""
    results: list[tuple[str, tuple[ClockEvent, ...]]] = []
    before: int | None = None
    async with storage.unit() as unit:
        while page := await unit.tickets.unclosed(before=before, limit=BATCH):
            before = page[-1].id
            covered = await contracts_of(unit, page, offer.plans)
            events = await journal.read_kinds(unit.connection, [ticket.number for ticket in page], KINDS)
            for ticket, coverage in zip(page, covered, strict=True):
                planned = with_plan(ticket, events[ticket.number], coverage, unit.now)
                history = response_history(ticket, planned, offer)
                if history and not any(isinstance(step, Answered) for step in history.clock_events):
                    results.append((ticket.number, history.clock_events))
    return results


async def scores(storage: Storage, since: timedelta) -> list[Score]:
    """The vendors' scorecard over the clocks that began in the last `since`."""
    async with storage.unit() as unit:
        start, end = unit.now - since, unit.now + timedelta(days=1)
        results: list[StoredClock] = []
        after: tuple[datetime, str, str] | None = None
        while page := await unit.clocks.between(start, end, after=after):
            results += page
            after = (page[-1].started_at, page[-1].ticket, page[-1].name)
        return scorecard(results, unit.now)
