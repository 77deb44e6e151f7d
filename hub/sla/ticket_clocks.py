"""How a ticket stands in time: its own clock and those of its vendors, coupled; values in, values out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from hub.model import Bond, Event, Severity, Ticket, Value
from hub.sla.calendar import Calendar
from hub.sla.clock import ClockState, Terms, reckon, terms_of
from hub.sla.history import ClockHistory, response_history, vendor_history
from hub.sla.offer import Goal, Offer
from hub.sla.policy import RunningClock

RESPONSE = "response"


class VendorObligation(Value, frozen=True):
    """What a vendor promises us, at one account."""

    goals: dict[Severity, Goal]
    calendar: Calendar

    @property
    def terms(self) -> Terms:
        """As a clock asks for them; a vendor has one plan."""
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
    """The clocks of a ticket: none of its own while it has no plan, none of a vendor that promises nothing.

    `obligations` are by account.
    """
    told = list(events)
    found: list[TicketClock] = []
    ours: ClockState | None = None
    if history := response_history(ticket, told, offer):
        ours = reckon(history.happenings, terms_of(offer))
        plan = offer.plan(ours.plan)
        running = RunningClock(
            name=RESPONSE,
            clock="response",
            reckoning=ours,
            around_the_clock=plan.around_the_clock,
            vendor=ticket.vendor,
            product=ticket.product,
        )
        found.append(TicketClock(running=running, history=history, version=_version(offer, ours)))
    for bond in bonds:
        obligation = obligations.get(bond.account)
        history = vendor_history(bond.key, told, bond.severity) if obligation else None
        if obligation is None or history is None:
            continue
        theirs = reckon(history.happenings, obligation.terms)
        running = RunningClock(
            name=bond.key,
            clock="vendor",
            reckoning=theirs,
            vendor=bond.vendor,
            product=ticket.product,
            account=bond.account,
            waits_for_us=theirs.stands_still and theirs.answered_at is None,
            too_late_for=_too_late(ours, theirs),
            around_the_clock=found[0].running.around_the_clock if ours else False,
        )
        found.append(TicketClock(running=running, history=history, version=_version(offer, theirs)))
    return found


def _too_late(ours: ClockState | None, theirs: ClockState) -> datetime | None:
    """Our own deadline, when the vendor may answer behind it and both answers are owed."""
    if ours is None or ours.answered_at or theirs.answered_at or not (ours.deadline and theirs.deadline):
        return None
    return ours.deadline if theirs.deadline > ours.deadline else None


def _version(offer: Offer, clock: ClockState) -> str:
    return f"offer {offer.version}, calendar {clock.calendar.name} {clock.calendar.version}"
