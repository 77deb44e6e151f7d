"""Clocks: a time goal on one ticket, computed from the ticket's events, with every second explained.

A tighter goal (a raised severity, a better plan) counts from the change, and its deadline is never later than the one
before. A looser goal counts from the start, as if it had always applied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta

from hub.errors import BadInput
from hub.model import Severity, Value
from hub.sla.calendar import Calendar, Interval
from hub.sla.offer import Goal, Offer


class Started(Value, frozen=True):
    """The clock starts: the ticket was submitted."""

    at: datetime
    severity: Severity
    plan: str = ""


class Changed(Value, frozen=True):
    """Severity or plan changed; empty values are unchanged."""

    at: datetime
    severity: Severity | None = None
    plan: str = ""


class Paused(Value, frozen=True):
    """The clock stops, in a status that the plan declares."""

    at: datetime
    why: str


class Resumed(Value, frozen=True):
    """The clock continues."""

    at: datetime


class Answered(Value, frozen=True):
    """The answer was given, in time or late."""

    at: datetime
    who: str = ""


ClockEvent = Started | Changed | Paused | Resumed | Answered

Terms = Callable[[str, Severity], tuple[Goal, Calendar]]
"""The goal of a plan at a severity, and the calendar of its business time."""


class Pause(Value, frozen=True):
    """A period in which the clock is stopped; without an end it still is."""

    start: datetime
    end: datetime | None
    why: str


class ClockState(Value, frozen=True):
    """The state of a clock."""

    started_at: datetime
    plan: str
    severity: Severity
    goal: Goal
    calendar: Calendar
    counts_from: datetime
    """Later than the start if a change tightened the goal."""
    because: str
    """Why it counts from there; empty if from the start."""
    pauses: tuple[Pause, ...]
    deadline: datetime | None
    """None while paused."""
    answered_at: datetime | None = None

    @property
    def is_paused(self) -> bool:
        """Whether the clock is stopped now."""
        return bool(self.pauses) and self.pauses[-1].end is None

    def used(self, now: datetime) -> int:
        """The used seconds of the goal, in its own unit; fixed once answered."""
        until = min(now, self.answered_at or now)
        return sum(_measure(self, begin, end) for begin, end in _running(self, until))

    def share(self, now: datetime) -> float:
        """The used part of the goal; 1.0 is the deadline."""
        return self.used(now) / self.goal.seconds

    def moment_of(self, share: float) -> datetime | None:
        """When this part of the goal is or was used; None while paused before it."""
        return _deadline(self.evolve(goal=self.goal.evolve(seconds=round(self.goal.seconds * share))))

    def is_breached(self, now: datetime) -> bool:
        """Whether the answer is or was late; an answer in the deadline's second is in time."""
        return self.deadline is not None and (self.answered_at or now) > self.deadline

    def explain(self, now: datetime) -> tuple[Interval, ...]:
        """Every period from the start to the deadline, or to now while paused.

        The counted ones add up to the goal, or to its used part.
        """
        end = self.deadline or max(now, self.started_at)
        intervals: list[Interval] = []
        if self.counts_from > self.started_at:
            intervals.append(Interval(start=self.started_at, end=self.counts_from, counted=False, why=self.because))
        at = self.counts_from
        for pause in self.pauses:
            begin, stop = max(pause.start, at), min(pause.end or end, end)
            if stop <= at or begin >= end:
                continue
            intervals += self._open(at, begin)
            intervals.append(Interval(start=begin, end=stop, counted=False, why=f"paused: {pause.why}"))
            at = stop
        return (*intervals, *self._open(at, end))

    def _open(self, start: datetime, end: datetime) -> Iterator[Interval]:
        if start >= end:
            return
        if self.goal.unit == "clock":
            yield Interval(start=start, end=end, counted=True, why="around the clock")
        else:
            yield from self.calendar.explain(start, end)


def terms_of(offer: Offer) -> Terms:
    """The response goals of an offer's plans."""

    def terms(plan: str, severity: Severity) -> tuple[Goal, Calendar]:
        agreed = offer.plan(plan)
        return agreed.response[severity], offer.calendar_of(agreed)

    return terms


def run_clock(history: Iterable[ClockEvent], terms: Terms) -> ClockState:
    """Run a clock over its events, in order of time. Raises BadInput for a history without a start."""
    events = sorted(history, key=lambda event: event.at)  # stable: equal times keep their order
    if not events or not isinstance(events[0], Started):
        raise BadInput("a clock's history must begin with its start", next_step="add the time of submission")
    first = events[0]
    goal, calendar = terms(first.plan, first.severity)
    now = ClockState(
        started_at=_utc(first.at),
        plan=first.plan,
        severity=first.severity,
        goal=goal,
        calendar=calendar,
        counts_from=_utc(first.at),
        because="",
        pauses=(),
        deadline=None,
    )
    now = now.evolve(deadline=_deadline(now))
    for event in events[1:]:
        if now.answered_at is None:
            now = _after(now, event, terms)
    return now


def _after(now: ClockState, event: ClockEvent, terms: Terms) -> ClockState:
    at = _utc(event.at)
    match event:
        case Answered():
            return now.evolve(answered_at=at)
        case Paused(why=why) if not now.is_paused:  # after the deadline it no longer moves it
            now = now.evolve(pauses=(*now.pauses, Pause(start=at, end=None, why=why)))
        case Resumed() if now.is_paused:
            now = now.evolve(pauses=(*now.pauses[:-1], now.pauses[-1].evolve(end=at)))
        case Changed():
            return _changed(now, at, event, terms)
    return now.evolve(deadline=_deadline(now))


def _changed(now: ClockState, at: datetime, event: Changed, terms: Terms) -> ClockState:
    plan, severity = event.plan or now.plan, event.severity or now.severity
    goal, calendar = terms(plan, severity)
    current = now.evolve(plan=plan, severity=severity)
    whole = current.evolve(goal=goal, calendar=calendar, counts_from=now.started_at, because="")
    before, after = _if_resumed(now, at), _if_resumed(whole, at)
    if after >= before:
        return whole.evolve(deadline=_deadline(whole))
    what = f"before the change to {severity.name}" + (f" under {plan}" if event.plan else "")
    tight = current.evolve(goal=goal, calendar=calendar, counts_from=at, because=what)
    chosen = tight if _if_resumed(tight, at) < before else current  # the earlier deadline stays
    return chosen.evolve(deadline=_deadline(chosen))


def _if_resumed(clock: ClockState, at: datetime) -> datetime:
    """The deadline if the clock continued now."""
    ended = tuple(pause if pause.end else pause.evolve(end=max(at, pause.start)) for pause in clock.pauses)
    deadline = _deadline(clock.evolve(pauses=ended))
    assert deadline is not None
    return deadline


def _deadline(clock: ClockState) -> datetime | None:
    at, left = clock.counts_from, clock.goal.seconds
    for pause in clock.pauses:
        if pause.end is not None and pause.end <= at:
            continue
        used = _measure(clock, at, pause.start) if pause.start > at else 0
        if used >= left:
            break
        if pause.end is None:
            return None
        at, left = max(at, pause.end), left - used
    if clock.goal.unit == "clock":
        return at + timedelta(seconds=left)
    return clock.calendar.add(at, left)


def _running(clock: ClockState, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The periods in which the clock ran, up to a time."""
    at = clock.counts_from
    for pause in clock.pauses:
        if pause.start > at and at < until:
            yield at, min(pause.start, until)
        at = max(at, pause.end or until)
    if at < until:
        yield at, until


def _measure(clock: ClockState, start: datetime, end: datetime) -> int:
    if clock.goal.unit == "clock":
        return int((end - start).total_seconds())
    return clock.calendar.between(start, end)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise BadInput("a clock needs times with a time zone", next_step="give the offset")
    return moment.astimezone(UTC).replace(microsecond=0)
