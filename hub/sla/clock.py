"""Clocks: a promise about time on one ticket, run over what happened to it, with every second of it explained.

A tightened promise (a raised severity, a better plan) counts from the moment of the change, and never ends later than
what was promised before. A loosened one counts from the beginning, as if it had been so all the time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta

from hub.errors import BadInput
from hub.model import Severity, Value
from hub.sla.calendar import Calendar, Interval
from hub.sla.offer import Goal, Offer


class Started(Value, frozen=True):
    """The clock begins: the ticket came in."""

    at: datetime
    severity: Severity
    plan: str = ""


class Changed(Value, frozen=True):
    """What the promise hangs on has changed; what is left out stays."""

    at: datetime
    severity: Severity | None = None
    plan: str = ""


class Paused(Value, frozen=True):
    """Time stands still, in a state that the plan declares."""

    at: datetime
    why: str


class Resumed(Value, frozen=True):
    """Time goes on."""

    at: datetime


class Answered(Value, frozen=True):
    """The promise is kept, or it was too late."""

    at: datetime
    who: str = ""


Happening = Started | Changed | Paused | Resumed | Answered

Terms = Callable[[str, Severity], tuple[Goal, Calendar]]
"""What is promised under a plan at a severity, and the calendar that its business time is counted in."""


class Pause(Value, frozen=True):
    """A stretch in which time stands still; without an end it still does."""

    start: datetime
    end: datetime | None
    why: str


class ClockState(Value, frozen=True):
    """What a clock says."""

    started_at: datetime
    plan: str
    severity: Severity
    goal: Goal
    calendar: Calendar
    counts_from: datetime
    """Later than the start where a change tightened the promise."""
    because: str
    """Why it counts from there; empty when it does from the start."""
    pauses: tuple[Pause, ...]
    deadline: datetime | None
    """None while time stands still."""
    answered_at: datetime | None = None

    @property
    def stands_still(self) -> bool:
        """Whether a pause has begun that is not over."""
        return bool(self.pauses) and self.pauses[-1].end is None

    def used(self, now: datetime) -> int:
        """The seconds of the goal that have passed, in its own unit; after the answer they stay as they were then."""
        until = min(now, self.answered_at or now)
        return sum(_measure(self, begin, end) for begin, end in _running(self, until))

    def share(self, now: datetime) -> float:
        """The part of the goal that has passed; 1.0 is the deadline."""
        return self.used(now) / self.goal.seconds

    def moment_of(self, share: float) -> datetime | None:
        """When that part of the goal will have passed, or has; None while time stands still before it."""
        return _deadline(self.evolve(goal=self.goal.evolve(seconds=round(self.goal.seconds * share))))

    def is_breached(self, now: datetime) -> bool:
        """Whether the answer is, or came, after the deadline; an answer at the deadline's second is in time."""
        return self.deadline is not None and (self.answered_at or now) > self.deadline

    def explain(self, now: datetime) -> tuple[Interval, ...]:
        """Every stretch from the start to the deadline, or to now while time stands still; the counted ones add up to
        the goal, or to what has been used of it.
        """
        end = self.deadline or max(now, self.started_at)
        told: list[Interval] = []
        if self.counts_from > self.started_at:
            told.append(Interval(start=self.started_at, end=self.counts_from, counted=False, why=self.because))
        at = self.counts_from
        for pause in self.pauses:
            begin, stop = max(pause.start, at), min(pause.end or end, end)
            if stop <= at or begin >= end:
                continue
            told += self._open(at, begin)
            told.append(Interval(start=begin, end=stop, counted=False, why=f"paused: {pause.why}"))
            at = stop
        return (*told, *self._open(at, end))

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
        found = offer.plan(plan)
        return found.response[severity], offer.calendar_of(found)

    return terms


def reckon(history: Iterable[Happening], terms: Terms) -> ClockState:
    """Run a clock over what happened, in order of time. Raises BadInput for a history without a beginning."""
    events = sorted(history, key=lambda one: one.at)  # at equal times the order given stays
    if not events or not isinstance(events[0], Started):
        raise BadInput("a clock needs a beginning", next_step="begin its history with the moment of submission")
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


def _after(now: ClockState, event: Happening, terms: Terms) -> ClockState:
    at = _utc(event.at)
    match event:
        case Answered():
            return now.evolve(answered_at=at)
        case Paused(why=why) if not now.stands_still:  # after the deadline it moves that no more
            now = now.evolve(pauses=(*now.pauses, Pause(start=at, end=None, why=why)))
        case Resumed() if now.stands_still:
            now = now.evolve(pauses=(*now.pauses[:-1], now.pauses[-1].evolve(end=at)))
        case Changed():
            return _changed(now, at, event, terms)
    return now.evolve(deadline=_deadline(now))


def _changed(now: ClockState, at: datetime, event: Changed, terms: Terms) -> ClockState:
    plan, severity = event.plan or now.plan, event.severity or now.severity
    goal, calendar = terms(plan, severity)
    known = now.evolve(plan=plan, severity=severity)
    whole = known.evolve(goal=goal, calendar=calendar, counts_from=now.started_at, because="")
    before, after = _if_resumed(now, at), _if_resumed(whole, at)
    if after >= before:
        return whole.evolve(deadline=_deadline(whole))
    what = f"before the change to {severity.name}" + (f" under {plan}" if event.plan else "")
    tight = known.evolve(goal=goal, calendar=calendar, counts_from=at, because=what)
    chosen = tight if _if_resumed(tight, at) < before else known  # what was promised before stands
    return chosen.evolve(deadline=_deadline(chosen))


def _if_resumed(clock: ClockState, at: datetime) -> datetime:
    """The deadline that there would be if time went on at this moment."""
    ended = tuple(one if one.end else one.evolve(end=max(at, one.start)) for one in clock.pauses)
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
    """The stretches in which time ran, up to a moment."""
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
        raise BadInput("a clock was told a time without a zone", next_step="give it with its offset")
    return moment.astimezone(UTC).replace(microsecond=0)
