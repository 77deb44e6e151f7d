"""Explains a clock: the goal, the time that counted and did not count, and why."""

from __future__ import annotations

from datetime import datetime

from hub.model import Value
from hub.sla.calendar import Interval
from hub.sla.ticket_clocks import TicketClock


class ClockExplanation(Value, frozen=True):
    """One clock, explained; the counted periods add up to the goal, or to its used part."""

    clock: str  # response, or the bond's key
    who: str  # who owes the answer
    promise: str
    plan: str
    severity: str
    version: str
    zone: str
    started_at: datetime
    deadline: datetime | None
    answered_at: datetime | None
    state: str
    goal_seconds: int
    counted_seconds: int
    used_seconds: int
    intervals: tuple[Interval, ...]
    proof: tuple[int, ...]  # positions in the ticket's journal


def explain(kept: TicketClock, now: datetime) -> ClockExplanation:
    """Explains the clock as of now."""
    running, clock = kept.running, kept.running.state
    intervals = clock.explain(now)
    return ClockExplanation(
        clock=running.name,
        who=running.vendor if running.clock == "vendor" else "us",
        promise=str(clock.goal),
        plan=clock.plan,
        severity=clock.severity.name,
        version=kept.version,
        zone=clock.calendar.zone.key,
        started_at=clock.started_at,
        deadline=clock.deadline,
        answered_at=clock.answered_at,
        state=state_of(kept, now),
        goal_seconds=clock.goal.seconds,
        counted_seconds=sum(interval.seconds for interval in intervals if interval.counted),
        used_seconds=clock.used(now),
        intervals=intervals,
        proof=kept.history.proof,
    )


def state_of(kept: TicketClock, now: datetime) -> str:
    """A short state: running, paused, broken, answered in time, or answered too late."""
    clock = kept.running.state
    if clock.answered_at is not None:
        return "answered too late" if clock.is_breached(now) else "answered in time"
    if clock.deadline is None:
        return f"paused: {clock.pauses[-1].why}"
    return "broken" if clock.is_breached(now) else "running"
