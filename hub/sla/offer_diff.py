"""Which deadlines a new offer moves: runs the same histories under both offers. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from hub.model import Severity, Value
from hub.sla.clock import Changed, ClockEvent, ClockState, Started, run_clock, terms_of
from hub.sla.offer import Offer


class MovedDeadline(Value, frozen=True):
    """A ticket whose deadline changes under the new offer."""

    ticket: str
    severity: Severity
    plan: str
    before: datetime | None  # None: paused
    after: datetime | None
    why: str


def moved_deadlines(
    old: Offer, new: Offer, histories: Iterable[tuple[str, Iterable[ClockEvent]]]
) -> Iterator[MovedDeadline]:
    """The tickets whose deadline moves; answered tickets are skipped.

    `histories` has each ticket with the events of its clock. Tickets of a plan that the new offer lacks are reported
    without a deadline. Raises SettingsError for a plan that the old offer lacks.
    """
    for ticket, history in histories:
        events = tuple(history)
        before = run_clock(events, terms_of(old))
        if before.answered_at is not None:
            continue
        plans = {event.plan for event in events if isinstance(event, Started | Changed) and event.plan}
        if gone := sorted(plans - set(new.plans)):
            yield _moved(ticket, before, None, f"the new offer has no plan {', '.join(gone)}")
            continue
        after = run_clock(events, terms_of(new))
        if after.deadline != before.deadline:
            yield _moved(ticket, before, after.deadline, _why(before, after))


def _moved(ticket: str, before: ClockState, after: datetime | None, why: str) -> MovedDeadline:
    return MovedDeadline(
        ticket=ticket, severity=before.severity, plan=before.plan, before=before.deadline, after=after, why=why
    )


def _why(before: ClockState, after: ClockState) -> str:
    if before.goal != after.goal:
        return f"the goal is {after.goal} instead of {before.goal}"
    old, new = before.calendar, after.calendar
    if old.name != new.name:
        return f"the calendar is {new.name} instead of {old.name}"
    return f"calendar {new.name} {new.version} counts different hours than {old.version}"
