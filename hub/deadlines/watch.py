"""Looks at tickets whose time has come: finds their plan, computes their clocks, and takes the policy's steps once.

Any number of workers may look: a ticket is held while one looks at it, and a step has one key.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from hub.customers.customers import contract_of
from hub.db import journal
from hub.db.clocks import StoredClock
from hub.db.notices import Notice
from hub.db.storage import Storage
from hub.db.unit import Unit
from hub.db.watches import TIMED, TicketWatch
from hub.model import Bond, Coverage, Event, Ticket, Value
from hub.sla.history import with_plan
from hub.sla.policy import BREACH, DueStep
from hub.sla.rules import ServiceRules
from hub.sla.ticket_clocks import TicketClock, clocks_of

LOOK = 50
"""Tickets held at once."""

KINDS = TIMED | {"plan_found"}


async def examine_due(storage: Storage, rules: ServiceRules, limit: int = LOOK) -> int:
    """Look at the tickets that are due, the one due longest first; returns how many there were."""
    async with storage.unit() as unit:
        watches = await unit.watches.claim(unit.now, limit)
        taken = await unit.notices.taken([watch.ticket for watch in watches]) if watches else {}
        for watch in watches:
            await _look_at(unit, rules, watch, taken.get(watch.ticket, frozenset()))
    return len(watches)


async def _look_at(unit: Unit, rules: ServiceRules, watch: TicketWatch, taken: frozenset[str]) -> None:
    ticket = await unit.tickets.get(watch.ticket)
    if ticket is None:  # the number of a chain that is no ticket's
        await unit.watches.change(watch.ticket, due_at=None)
        return
    standing = await ticket_deadlines(unit, rules, ticket)
    if standing.is_new:
        found = standing.coverage
        unit.note(ticket.number, "plan_found", plan=found.plan, contract=found.contract, why=found.why)
    kept = standing.clocks
    await unit.clocks.store([_stored(ticket, one, unit.now) for one in kept])
    running = [one.running for one in kept]
    due = rules.policy.due(running, taken, unit.now)
    after = rules.policy.next_moment(running, taken, unit.now)
    if watch.snoozed_until is not None and watch.snoozed_until > unit.now:
        broken = {one.clock for one in due if (one.share or 0.0) >= BREACH}
        due = [one for one in due if one.clock in broken]  # the warning comes first, be it untold
        after = min(filter(None, (after, watch.snoozed_until)))
    notices = [_notice(ticket, watch, one, rules.policy.notify_at(one, unit.now), unit.now) for one in due]
    fresh = set(await unit.notices.add(notices, unit.now))
    for one in (one for one in notices if one.key in fresh):
        unit.note(
            ticket.number,
            "step_taken",
            step=one.step,
            clock=one.clock,
            do=one.do,
            since=one.since.isoformat(),
            **({"dropped": one.reason} if one.state == "dropped" else {}),
        )
    await unit.watches.change(ticket.number, due_at=after)


class TicketDeadlines(Value, frozen=True):
    """How a ticket stands."""

    coverage: Coverage
    clocks: tuple[TicketClock, ...]
    is_new: bool = False
    """The plan is another one than the journal knows."""


class ClockRecord(NamedTuple):
    """What is written down about a ticket's clocks."""

    events: list[Event]
    bonds: list[Bond]


async def read_record(unit: Unit, ticket: Ticket) -> ClockRecord:
    """The ticket's journal, as far as its clocks hang on it, and its bonds."""
    events = await journal.read_kinds(unit.connection, [ticket.number], KINDS)
    return ClockRecord(events[ticket.number], await unit.bonds.of_ticket(ticket.id))


async def ticket_deadlines(
    unit: Unit, rules: ServiceRules, ticket: Ticket, record: ClockRecord | None = None
) -> TicketDeadlines:
    """A ticket's plan and clocks by its record, which is read when it is not given; changes nothing."""
    known, bonds = record or await read_record(unit, ticket)
    coverage = await contract_of(unit, ticket, rules.offer.plans)
    events = with_plan(ticket, known, coverage, unit.now)
    clocks = clocks_of(ticket, bonds, events, rules.offer, rules.obligations)
    return TicketDeadlines(coverage=coverage, clocks=tuple(clocks), is_new=len(events) > len(known))


def _stored(ticket: Ticket, kept: TicketClock, now: datetime) -> StoredClock:
    clock = kept.running.state
    return StoredClock(
        ticket=ticket.number,
        name=kept.running.name,
        kind=kept.running.clock,
        account=kept.running.account,
        vendor=kept.running.vendor,
        plan=clock.plan,
        severity=clock.severity,
        goal=str(clock.goal),
        version=kept.version,
        started_at=clock.started_at,
        deadline=clock.deadline,
        answered_at=clock.answered_at,
        used_seconds=clock.used(now),
        rounds=kept.history.rounds,
        proof=kept.history.proof,
    )


def _notice(ticket: Ticket, watch: TicketWatch, due: DueStep, told_at: datetime, now: datetime) -> Notice:
    untold = _untold(watch, now) if due.do == "notify" and (due.share or 0.0) < BREACH else ""
    known = {"level": due.level, "share": due.share, "when": due.when, "at_any_hour": due.at_any_hour}
    return Notice(
        key=f"{ticket.number}:{due.key}",
        ticket=ticket.number,
        clock=due.clock,
        step=due.step,
        do=due.do,
        whom=due.whom,
        since=due.since,
        due_at=told_at,
        data=known,
        state="dropped" if untold else "ready",
        reason=untold,
    )


def _untold(watch: TicketWatch, now: datetime) -> str:
    """Why nobody is warned; empty when people are."""
    if watch.acknowledged_at is not None:
        return f"{watch.owner} is at it"
    snoozed = watch.snoozed_until is not None and watch.snoozed_until > now
    return f"snoozed until {watch.snoozed_until}" if snoozed else ""
