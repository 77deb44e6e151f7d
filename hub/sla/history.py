"""Derives the events of a ticket's clocks from its journal: our response goal, and the vendors' obligations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from hub.model import MOVING, BondState, Coverage, Event, Severity, Ticket, TicketStatus, Writer
from hub.model.journal import Entry, data_of, kind_of
from hub.model.journal.cases import CaseChanged, CaseFound, CaseGone, Connected, FirstAnswer, Relinked, VendorCommented
from hub.model.journal.deadlines import PlanFound
from hub.model.journal.operations import OperationDone
from hub.model.journal.tickets import TicketAdded, TicketChanged
from hub.model.keys import bond_of
from hub.sla.clock import Answered, Changed, ClockEvent, Paused, Resumed, Started
from hub.sla.offer import Offer

_ENDED = frozenset({TicketStatus.RESOLVED, TicketStatus.CLOSED})
_WITH_VENDOR = frozenset({BondState.OPEN, BondState.INFORMATION_REQUESTED, BondState.SUSPENDED})
_SOLVED = frozenset({BondState.RESOLVED, BondState.CLOSED})


class ClockHistory(NamedTuple):
    """The events of one clock, and the journal entries that prove them."""

    clock_events: tuple[ClockEvent, ...]
    proof: tuple[int, ...]  # positions in the ticket's chain, one per event
    rounds: int = 0
    """How often the vendor asked for information."""


def plan_of(events: Iterable[Event]) -> str:
    """The ticket's last known plan; empty without one."""
    plans = [entry.plan for event in events if isinstance(entry := event.entry, PlanFound)]
    return plans[-1] if plans else ""


def with_plan(ticket: Ticket, events: Sequence[Event], found: Coverage, now: datetime) -> list[Event]:
    """The entries, plus one not yet in the journal if the ticket's plan differs from theirs."""
    if found.plan == plan_of(events) or ticket.status is TicketStatus.CLOSED:
        return list(events)
    entry = PlanFound(plan=found.plan, contract=found.contract, why=found.why)
    return [*events, Event(chain=ticket.number, position=0, at=now, kind=kind_of(entry), data=data_of(entry))]


def response_history(ticket: Ticket, events: Iterable[Event], offer: Offer) -> ClockHistory | None:
    """The response goal: starts at submission, ends with the first answer by one of our people.

    None while the ticket has no plan, and so no goal, and for a ticket that was imported resolved or closed.
    Our first answer counts from the time it was given; a resolution is an answer too, a comment to the vendor is not.
    """
    record = _read(events)
    first = next((entry for _, entry in record if isinstance(entry, PlanFound)), None)
    if first is None or not first.plan:
        return None
    plan = first.plan
    added = next((event for event, entry in record if isinstance(entry, TicketAdded)), None)
    if any(isinstance(entry, TicketAdded) and entry.status in _ENDED for _, entry in record):
        return None
    severity = _first_severity(record, ticket.severity)
    clock_events: list[ClockEvent] = [Started(at=ticket.created_at, severity=severity, plan=plan)]
    proof = [added.position if added else 0]
    waiting = False
    for event, entry in record:
        if entry is first:
            continue
        steps = list(_response(event.at, entry, plan, offer, waiting=waiting))
        for step in steps:
            plan = step.plan or plan if isinstance(step, Changed) else plan
            waiting = isinstance(step, Paused) or (waiting and not isinstance(step, Resumed))
        clock_events += steps
        proof += [event.position] * len(steps)
    return ClockHistory(tuple(clock_events), tuple(proof))


def _response(at: datetime, entry: Entry, plan: str, offer: Offer, *, waiting: bool) -> Iterator[ClockEvent]:
    match entry:
        case PlanFound(plan=changed) if changed:
            yield Changed(at=at, plan=changed)
        case TicketChanged():
            if entry.severity is not None:
                yield Changed(at=at, severity=entry.severity)
            status = entry.status
            if status in _ENDED:
                yield Answered(at=entry.ended_at or at, who=entry.by)
            elif status and (status in offer.plan(plan).pauses) != waiting:
                yield Resumed(at=at) if waiting else Paused(at=at, why=f"the ticket is {status}")
        case FirstAnswer(side="rjr"):
            yield Answered(at=entry.given_at, who=entry.who or "")


def vendor_history(bond: str, events: Iterable[Event], severity: Severity) -> ClockHistory | None:
    """The obligation of a bond's vendor: starts when it has the case, ends with the first answer of a person there.

    It is paused while the vendor waits for us: a comment that comes with a question is not an answer. The vendor's
    actions count from their own time, however late the hub read them. None before there is a case. `severity` is the
    bond's current one; earlier ones come from the journal.
    """
    clock_events: list[ClockEvent] = []
    proof: list[int] = []
    state, rounds = BondState.REQUESTED, 0
    record = _read(events)
    now = _first_severity(record, severity)
    early: tuple[Event, Entry] | None = None  # an answer read before the case was known
    for event, entry in record:
        steps: list[ClockEvent] = []
        moved = _state(bond, entry) or state
        at = _given_at(event, entry, clock_events)
        if isinstance(entry, TicketChanged) and entry.severity is not None:
            now = entry.severity
            steps = [Changed(at=event.at, severity=now)] if clock_events else []
        elif not clock_events and moved in _WITH_VENDOR | _SOLVED:
            steps = [Started(at=at, severity=now)]
        if (clock_events or steps) and moved is not state:
            if moved in _SOLVED:
                steps.append(Answered(at=at, who="the vendor"))
            elif moved is BondState.INFORMATION_REQUESTED:
                steps.append(Paused(at=at, why="the vendor waits for us"))
                rounds += 1
            elif state is BondState.INFORMATION_REQUESTED:
                steps.append(Resumed(at=at))
        if _by_a_person(bond, entry) and moved is not BondState.INFORMATION_REQUESTED:
            if clock_events:
                steps.append(Answered(at=at, who="the vendor"))
            early = early or (event, entry)
        state = moved
        clock_events += steps
        proof += [event.position] * len(steps)
        if steps and early and steps[0] is clock_events[0]:
            clock_events.append(Answered(at=_given_at(*early, clock_events), who="the vendor"))
            proof.append(early[0].position)
    return ClockHistory(tuple(clock_events), tuple(proof), rounds) if clock_events else None


def _read(events: Iterable[Event]) -> list[tuple[Event, Entry]]:
    return [(event, event.entry) for event in events]


def _given_at(event: Event, entry: Entry, before: Sequence[ClockEvent]) -> datetime:
    """When the vendor did what an entry records, by its own clock, which may differ from ours.

    Never after the entry, never before it had the case, nor before its last question was asked or answered.
    """
    given_at = (
        entry.given_at if isinstance(entry, OperationDone | CaseChanged | VendorCommented | FirstAnswer) else None
    )
    if given_at is None:
        return event.at
    kept = [step.at for step in before if isinstance(step, Started | Paused | Resumed)]
    return max([min(given_at, event.at), *kept[-1:]])


def _state(bond: str, entry: Entry) -> BondState | None:
    """The bond's state after an entry."""
    match entry:
        case CaseChanged() | CaseFound() | CaseGone() | Connected() | Relinked():
            return entry.state if entry.bond == bond else None
        case OperationDone() if entry.kind in MOVING and bond_of(entry.operation) == bond:
            return entry.bond_state
    return None


def _by_a_person(bond: str, entry: Entry) -> bool:
    if not isinstance(entry, VendorCommented) or entry.bond != bond:
        return False
    return entry.answer is Writer.PERSON if entry.answer is not None else not entry.automatic


def _first_severity(record: Iterable[tuple[Event, Entry]], now: Severity) -> Severity:
    """The severity at submission: the current one if it never changed.

    Old entries lack it; then the first recorded one is used.
    """
    said = [entry for _, entry in record if isinstance(entry, TicketAdded | TicketChanged) and entry.severity]
    changed = any(isinstance(entry, TicketChanged) for entry in said)
    first = said[0].severity if said else None
    return first if changed and first else now
