"""Which deadlines a new offer moves: the same histories run under the old one and the new one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from hub.model import Severity, Value
from hub.sla.clock import Changed, ClockState, Happening, Started, reckon, terms_of
from hub.sla.offer import Offer


class MovedDeadline(Value, frozen=True):
    """A ticket whose deadline is another one under the new offer."""

    ticket: str
    severity: Severity
    plan: str
    before: datetime | None  # None: time stands still
    after: datetime | None
    why: str


def moved(old: Offer, new: Offer, histories: Iterable[tuple[str, Iterable[Happening]]]) -> Iterator[MovedDeadline]:
    """The tickets, each with what happened to it, whose deadline moves; answered ones have none to move.

    A plan that the new offer lacks leaves its tickets without a deadline, and they are told too. Raises SettingsError
    for a plan that the old offer lacks.
    """
    for ticket, history in histories:
        events = tuple(history)
        before = reckon(events, terms_of(old))
        if before.answered_at is not None:
            continue
        plans = {one.plan for one in events if isinstance(one, Started | Changed) and one.plan}
        if gone := sorted(plans - set(new.plans)):
            yield _moved(ticket, before, None, f"the new offer has no plan {', '.join(gone)}")
            continue
        after = reckon(events, terms_of(new))
        if after.deadline != before.deadline:
            yield _moved(ticket, before, after.deadline, _why(before, after))


def _moved(ticket: str, before: ClockState, after: datetime | None, why: str) -> MovedDeadline:
    return MovedDeadline(
        ticket=ticket, severity=before.severity, plan=before.plan, before=before.deadline, after=after, why=why
    )


def _why(before: ClockState, after: ClockState) -> str:
    if before.goal != after.goal:
        return f"the goal is {after.goal}, and was {before.goal}"
    old, new = before.calendar, after.calendar
    if old.name != new.name:
        return f"the calendar is {new.name}, and was {old.name}"
    return f"calendar {new.name} {new.version} counts other time than {old.version}"
