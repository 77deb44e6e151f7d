"""Examines tickets that are due: finds their plan, computes their clocks, and takes the policy's steps, each once.

Any number of workers may do so: a ticket is locked while it is examined, and a step has one key.
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
from hub.model import Bond, Coverage, Event, NoticeState, Ticket, Value
from hub.model.journal import Entry
from hub.model.journal.deadlines import PlanFound, StepTaken
from hub.sla.history import with_plan
from hub.sla.policy import BREACH, DueStep
from hub.sla.rules import ServiceRules
from hub.sla.ticket_clocks import TicketClock, clocks_of

LOOK = 50
"""Tickets examined in one transaction."""

KINDS: tuple[type[Entry], ...] = (*TIMED, PlanFound)


async def examine_due(storage: Storage, rules: ServiceRules, limit: int = LOOK) -> int:
    """Examine the tickets that are due, the longest due first; returns how many there were."""
    async with storage.unit() as unit:
        watches = await unit.watches.claim(unit.now, limit)
        taken = await unit.notices.taken([watch.ticket for watch in watches]) if watches else {}
        for watch in watches:
            await _look_at(unit, rules, watch, taken.get(watch.ticket, frozenset()))
    return len(watches)


async def _look_at(unit: Unit, rules: ServiceRules, watch: TicketWatch, taken: frozenset[str]) -> None:
    ticket = await unit.tickets.get(watch.ticket)
    if ticket is None:  # the chain is not a ticket's
        await unit.watches.change(watch.ticket, due_at=None)
        return
    deadlines = await ticket_deadlines(unit, rules, ticket)
    if deadlines.is_new:
        coverage = deadlines.coverage
        unit.note(ticket.number, PlanFound(plan=coverage.plan, contract=coverage.contract, why=coverage.why))
    await unit.clocks.store([_stored(ticket, clock, unit.now) for clock in deadlines.clocks])
    running = [clock.running for clock in deadlines.clocks]
    due = rules.policy.due(running, taken, unit.now)
    after = rules.policy.next_moment(running, taken, unit.now)
    if watch.snoozed_until is not None and watch.snoozed_until > unit.now:
        broken = {step.clock for step in due if (step.share or 0.0) >= BREACH}
        due = [step for step in due if step.clock in broken]  # a warning comes before the breach, even if not sent
        after = min(filter(None, (after, watch.snoozed_until)))
    notices = [_notice(ticket, watch, step, rules.policy.notify_at(step, unit.now), unit.now) for step in due]
    added = set(await unit.notices.add(notices, unit.now))
    for notice in (notice for notice in notices if notice.key in added):
        unit.note(
            ticket.number,
            StepTaken(
                step=notice.step,
                clock=notice.clock,
                do=notice.do,
                since=notice.since,
                dropped=notice.reason if notice.state is NoticeState.DROPPED else None,
            ),
        )
    await unit.watches.change(ticket.number, due_at=after)


class TicketDeadlines(Value, frozen=True):
    """A ticket's plan and clocks."""

    coverage: Coverage
    clocks: tuple[TicketClock, ...]
    is_new: bool = False
    """Whether the plan differs from the one in the journal."""


class ClockRecord(NamedTuple):
    """The stored facts that a ticket's clocks depend on."""

    events: list[Event]
    bonds: list[Bond]


async def read_record(unit: Unit, ticket: Ticket) -> ClockRecord:
    """The journal entries that the ticket's clocks depend on, and its bonds."""
    events = await journal.read_kinds(unit.connection, [ticket.number], KINDS)
    return ClockRecord(events[ticket.number], await unit.bonds.of_ticket(ticket.id))


async def ticket_deadlines(
    unit: Unit, rules: ServiceRules, ticket: Ticket, record: ClockRecord | None = None
) -> TicketDeadlines:
    """A ticket's plan and clocks; the record is read when it is not given. Changes nothing."""
    journalled, bonds = record or await read_record(unit, ticket)
    coverage = await contract_of(unit, ticket, rules.offer.plans)
    events = with_plan(ticket, journalled, coverage, unit.now)
    clocks = clocks_of(ticket, bonds, events, rules.offer, rules.obligations)
    return TicketDeadlines(coverage=coverage, clocks=tuple(clocks), is_new=len(events) > len(journalled))


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
    muted = _muted(watch, now) if due.do == "notify" and (due.share or 0.0) < BREACH else ""
    return Notice(
        key=f"{ticket.number}:{due.key}",
        ticket=ticket.number,
        clock=due.clock,
        step=due.step,
        do=due.do,
        whom=due.whom,
        since=due.since,
        due_at=told_at,
        data={"level": due.level, "share": due.share, "when": due.when, "at_any_hour": due.at_any_hour},
        state=NoticeState.DROPPED if muted else NoticeState.READY,
        reason=muted,
    )


def _muted(watch: TicketWatch, now: datetime) -> str:
    """Why no warning is sent; empty when one is."""
    if watch.acknowledged_at is not None:
        return f"acknowledged by {watch.owner}"
    snoozed = watch.snoozed_until is not None and watch.snoozed_until > now
    return f"snoozed until {watch.snoozed_until}" if snoozed else ""
