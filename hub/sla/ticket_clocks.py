"""A ticket's clocks: its own and those of its vendors, coupled; values in, values out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from hub.model import Bond, Event, Severity, Ticket, Value
from hub.sla.calendar import Calendar
from hub.sla.clock import ClockState, Terms, run_clock, terms_of
from hub.sla.history import ClockHistory, response_history, vendor_history
from hub.sla.offer import Goal, Offer
from hub.sla.policy import RunningClock

RESPONSE = "response"


class VendorObligation(Value, frozen=True):
    """A vendor's goals at one account."""

    goals: dict[Severity, Goal]
    calendar: Calendar

    @property
    def terms(self) -> Terms:
        """As needed by a clock; a vendor has one plan."""
        return lambda plan, severity: (self.goals[severity], self.calendar)  # noqa: ARG005


class TicketClock(Value, frozen=True):
    """One clock of a ticket with its history."""

    running: RunningClock
    history: ClockHistory
    version: str


def clocks_of(
    ticket: Ticket,
    bonds: Sequence[Bond],
    events: Iterable[Event],
    offer: Offer,
    obligations: Mapping[str, VendorObligation],
) -> list[TicketClock]:
    """The clocks of a ticket: no clock of its own while it has no plan, none of a vendor without obligations.

    `obligations` are by account.
    """
    entries = list(events)
    clocks: list[TicketClock] = []
    ours: ClockState | None = None
    if history := response_history(ticket, entries, offer):
        ours = run_clock(history.clock_events, terms_of(offer))
        plan = offer.plan(ours.plan)
        running = RunningClock(
            name=RESPONSE,
            clock="response",
            state=ours,
            around_the_clock=plan.around_the_clock,
            vendor=ticket.vendor,
            product=ticket.product,
        )
        clocks.append(TicketClock(running=running, history=history, version=_version(offer, ours)))
    for bond in bonds:
        obligation = obligations.get(bond.account)
        history = vendor_history(bond.key, entries, bond.severity) if obligation else None
        if obligation is None or history is None:
            continue
        theirs = run_clock(history.clock_events, obligation.terms)
        running = RunningClock(
            name=bond.key,
            clock="vendor",
            state=theirs,
            vendor=bond.vendor,
            product=ticket.product,
            account=bond.account,
            waits_for_us=theirs.is_paused and theirs.answered_at is None,
            too_late_for=_too_late(ours, theirs),
            around_the_clock=clocks[0].running.around_the_clock if ours else False,
        )
        clocks.append(TicketClock(running=running, history=history, version=_version(offer, theirs)))
    return clocks


def _too_late(ours: ClockState | None, theirs: ClockState) -> datetime | None:
    """Our own deadline, when the vendor may answer after it and both answers are outstanding."""
    if ours is None or ours.answered_at or theirs.answered_at or not (ours.deadline and theirs.deadline):
        return None
    return ours.deadline if theirs.deadline > ours.deadline else None


def _version(offer: Offer, clock: ClockState) -> str:
    return f"offer {offer.version}, calendar {clock.calendar.name} {clock.calendar.version}"
