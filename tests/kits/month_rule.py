"""What ought to have happened to a clock, by a rule of its own: days counted off one by one, facts as they became known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import floor

from support_hours import CLOSES, OPENS, TORONTO, deadline, is_working_day

ALWAYS = datetime.max.replace(tzinfo=UTC)


@dataclass
class Goal:
    """Seconds that are promised, of business hours or around the clock."""

    seconds: int
    around_the_clock: bool = False

    def after(self, start: datetime, seconds: int) -> datetime:
        """The moment at which so many of its seconds have passed."""
        whole = timedelta(seconds=seconds)
        return start + whole if self.around_the_clock else deadline(start, seconds).astimezone(UTC)

    def between(self, start: datetime, end: datetime) -> int:
        """Its seconds from one moment to a later one."""
        if self.around_the_clock:
            return int((end - start).total_seconds())
        found, day = 0, start.astimezone(TORONTO).date()
        while day <= end.astimezone(TORONTO).date():
            if is_working_day(day):
                opens = datetime(day.year, day.month, day.day, OPENS, tzinfo=TORONTO)
                closes = datetime(day.year, day.month, day.day, CLOSES, tzinfo=TORONTO)
                begin, stop = max(opens, start).astimezone(UTC), min(closes, end).astimezone(UTC)
                found += max(0, int((stop - begin).total_seconds()))
            day += timedelta(days=1)
        return found


@dataclass
class Fact:
    """Something that happened to a clock, and when the hub could know of it."""

    kind: str  # start, severity, ask, resume or answer
    at: datetime
    known_at: datetime = ALWAYS
    severity: int = 0


@dataclass
class Step:
    """A step of the policy, as far as it matters here."""

    name: str
    share: float | None = None
    severities: tuple[int, ...] = (1, 2, 3, 4)


@dataclass(frozen=True, order=True)
class Taken:
    """A step that ought to have been taken, and when."""

    at: datetime
    since: datetime
    clock: str
    step: str


class Clock:
    """What is known of a clock from some facts; `goals` are by severity."""

    def __init__(self, facts: Iterable[Fact], goals: Callable[[int], Goal]) -> None:
        self.pauses: list[list[datetime | None]] = []
        self.answered: datetime | None = None
        for fact in sorted(facts, key=lambda one: one.at):
            match fact.kind:
                case _ if self.answered:
                    break
                case "start":
                    self.started = self.counts_from = fact.at
                    self.severity, self.goal = fact.severity, goals(fact.severity)
                case "severity":
                    self._change(fact, goals(fact.severity))
                case "ask":
                    self.pauses.append([fact.at, None])
                case "resume":
                    self.pauses[-1][1] = fact.at
                case "answer":
                    self.answered = fact.at

    def _change(self, fact: Fact, goal: Goal) -> None:
        """A looser promise counts from the start, a tighter one from now unless the first one ends before it."""
        assert not self.pauses, "no clock of the month changes and stands still"
        before, self.severity = self.due(), fact.severity
        assert before is not None
        if goal.after(self.started, goal.seconds) >= before:
            self.goal, self.counts_from = goal, self.started
        elif goal.after(fact.at, goal.seconds) < before:
            self.goal, self.counts_from = goal, fact.at

    def due(self, share: float = 1.0) -> datetime | None:
        """When that part of the goal has passed; None while it stands still before."""
        at, left = self.counts_from, round(self.goal.seconds * share)
        for begin, end in self.pauses:
            assert begin is not None
            used = self.goal.between(at, begin)
            if used >= left:
                break
            if end is None:
                return None
            at, left = end, left - used
        return self.goal.after(at, left)

    def used(self) -> int:
        """The seconds of the goal until the answer."""
        assert self.answered is not None
        found = self.goal.between(self.counts_from, self.answered)
        return found - sum(self.goal.between(begin, end or self.answered) for begin, end in self.pauses if begin)

    def late(self, now: datetime) -> bool:
        """Whether the answer came, or is, too late."""
        due = self.due()
        return due is not None and (self.answered or now) > due


def taken(
    name: str,
    facts: Sequence[Fact],
    goals: Callable[[int], Goal],
    steps: Sequence[Step],
    end: datetime,
    ours: Callable[[datetime], datetime | None] = lambda _: None,
    more: Sequence[datetime] = (),
) -> list[Taken]:
    """The steps that ought to have been taken on a clock until the end, each once for each promise.

    `ours` tells our own deadline as of a moment while we owe an answer, `more` when that changes.
    """
    found: dict[tuple[int, str, int], Taken] = {}
    moments = sorted({one.known_at for one in facts if one.known_at < end} | {one for one in more if one < end})
    for position, now in enumerate(moments):
        until = moments[position + 1] if position + 1 < len(moments) else end
        known = [one for one in facts if one.known_at <= now]
        if not any(one.kind == "start" for one in known):
            continue
        clock = Clock(known, goals)
        for step in steps:
            turn, since = 0, clock.due(step.share) if step.share else None
            if step.name == "vendor-waits-for-us":
                turn = len(clock.pauses)
                since = clock.pauses[-1][0] if turn and clock.pauses[-1][1] is None else None
            elif step.name == "vendor-too-late":
                mine, theirs = ours(now), clock.due()
                since = clock.started if mine and theirs and theirs > mine and not clock.answered else None
            if since is None or clock.severity not in step.severities or since >= until:
                continue
            if clock.answered is None or since < clock.answered:
                key = (clock.severity, step.name, turn)
                found.setdefault(key, Taken(max(since, now), since, name, step.name))
    return sorted(found.values())


def percentile(values: Iterable[int], share: float) -> int | None:
    """The value below which that share of the values lies, between two of them in proportion."""
    ordered = sorted(values)
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    below = floor(place)
    above = min(below + 1, len(ordered) - 1)
    return round(ordered[below] + (place - below) * (ordered[above] - ordered[below]))
