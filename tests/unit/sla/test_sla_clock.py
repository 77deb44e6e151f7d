"""Clocks over what happens to a ticket: changes, pauses, answers, and explanations that add up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support_hours import at, local

from hub.errors import BadInput, SettingsError
from hub.model import Severity
from hub.sla.clock import Answered, Changed, ClockState, Paused, Resumed, Started, run_clock, terms_of
from hub.sla.offer import Goal, read_offer

OFFER = read_offer()
TERMS = terms_of(OFFER)
CALENDAR = OFFER.calendars["eastern"]


def run(start: str, *then: object, plan: str = "fast-track", severity: Severity = Severity.S3) -> ClockState:
    """A clock over what happened."""
    return run_clock([Started(at=at(start), severity=severity, plan=plan), *then], TERMS)  # type: ignore[list-item]


def ends(clock: ClockState) -> str:
    """Its deadline as a local time."""
    assert clock.deadline is not None
    return local(clock.deadline)


# --- changes ---


def test_a_raised_severity_counts_from_the_moment_of_raising() -> None:
    """S3 of Tuesday 10:00 becomes S1 at 13:00: an hour from then, and the three hours before do not count."""
    clock = run("2026-03-03 10:00:00", Changed(at=at("2026-03-03 13:00:00"), severity=Severity.S1))
    assert ends(clock) == "2026-03-03 14:00:00"
    first, second = clock.explain(at("2026-03-03 13:30:00"))
    assert (first.counted, first.seconds, first.why) == (False, 3 * 3600, "before the change to S1")
    assert (second.counted, second.seconds) == (True, 3600)


def test_a_raised_severity_never_gains_time() -> None:
    """Raised half an hour before the first promise ends, the first promise stands."""
    clock = run("2026-03-03 10:00:00", Changed(at=at("2026-03-03 17:30:00"), severity=Severity.S1))
    assert ends(clock) == "2026-03-03 18:00:00"
    assert clock.severity is Severity.S1


def test_a_lowered_severity_counts_from_the_beginning() -> None:
    """As if it had been low all the time."""
    clock = run(
        "2026-03-03 10:00:00", Changed(at=at("2026-03-03 10:30:00"), severity=Severity.S3), severity=Severity.S1
    )
    assert ends(clock) == "2026-03-03 18:00:00"


def test_a_better_plan_counts_from_its_beginning() -> None:
    """Under Continuous an S1 of the evening has an hour of the clock, from the change on."""
    clock = run("2026-03-03 20:30:00", Changed(at=at("2026-03-03 22:00:00"), plan="continuous"), severity=Severity.S1)
    assert ends(clock) == "2026-03-03 23:00:00"
    assert clock.explain(at("2026-03-03 22:00:00"))[0].why == "before the change to S1 under continuous"


def test_changes_there_and_back_leave_the_first_promise_or_an_earlier_one() -> None:
    """Raised and lowered again, the ticket has what it had."""
    clock = run(
        "2026-03-03 10:00:00",
        Changed(at=at("2026-03-03 10:30:00"), severity=Severity.S1),
        Changed(at=at("2026-03-03 10:45:00"), severity=Severity.S3),
    )
    assert ends(clock) == "2026-03-03 18:00:00"


# --- pauses ---


def test_time_is_paused_while_paused() -> None:
    """Two hours' pause move the deadline by two hours; while it lasts there is none."""
    paused = run("2026-03-03 10:00:00", Paused(at=at("2026-03-03 11:00:00"), why="customer asked"))
    assert paused.deadline is None
    assert paused.used(at("2026-03-03 15:00:00")) == 3600
    assert not paused.is_breached(at("2026-03-09 12:00:00"))
    assert [one.why for one in paused.explain(at("2026-03-03 13:00:00"))] == ["opening hours", "paused: customer asked"]
    resumed = run(
        "2026-03-03 10:00:00",
        Paused(at=at("2026-03-03 11:00:00"), why="customer asked"),
        Resumed(at=at("2026-03-03 13:00:00")),
    )
    assert ends(resumed) == "2026-03-03 20:00:00"
    assert [one.seconds for one in resumed.explain(at("2026-03-03 13:00:00")) if one.counted] == [3600, 7 * 3600]


def test_a_pause_over_closed_hours_costs_nothing() -> None:
    """From closing to opening nothing counts anyway."""
    clock = run(
        "2026-03-03 19:00:00", Paused(at=at("2026-03-03 20:00:00"), why="x"), Resumed(at=at("2026-03-04 08:00:00"))
    )
    assert ends(clock) == ends(run("2026-03-03 19:00:00"))


def test_a_pause_after_the_deadline_heals_nothing() -> None:
    """What was late stays late; but it stands still, and what passes meanwhile is nobody's delay."""
    pause = Paused(at=at("2026-03-04 09:00:00"), why="x")
    clock = run("2026-03-03 10:00:00", pause, severity=Severity.S1)
    assert ends(clock) == "2026-03-03 11:00:00"
    assert clock.is_breached(at("2026-03-05 10:00:00"))
    assert clock.is_paused
    assert clock.used(at("2026-03-05 10:00:00")) == 11 * 3600
    assert [one.why for one in clock.explain(at("2026-03-05 10:00:00"))] == ["opening hours"]
    resumed = run("2026-03-03 10:00:00", pause, Resumed(at=at("2026-03-05 09:00:00")), severity=Severity.S1)
    assert (ends(resumed), resumed.is_paused) == ("2026-03-03 11:00:00", False)
    assert resumed.used(at("2026-03-05 10:00:00")) == 12 * 3600


def test_a_second_pause_or_end_of_one_changes_nothing() -> None:
    """Only the first of each counts."""
    pause, end = Paused(at=at("2026-03-03 11:00:00"), why="x"), Resumed(at=at("2026-03-03 12:00:00"))
    again, over = Paused(at=at("2026-03-03 11:30:00"), why="y"), Resumed(at=at("2026-03-03 13:00:00"))
    assert run("2026-03-03 10:00:00", pause, again, end, over) == run("2026-03-03 10:00:00", pause, end)


def test_a_change_while_paused_counts_as_if_time_went_on() -> None:
    """The new promise begins when time does."""
    clock = run(
        "2026-03-03 10:00:00",
        Paused(at=at("2026-03-03 11:00:00"), why="x"),
        Changed(at=at("2026-03-03 12:00:00"), severity=Severity.S1),
        Resumed(at=at("2026-03-03 15:00:00")),
    )
    assert ends(clock) == "2026-03-03 16:00:00"


# --- answers ---


def test_an_answer_at_the_deadlines_second_is_in_time() -> None:
    """One second later is a breach; what happens after the answer changes nothing."""
    for text, late in (("2026-03-03 11:00:00", False), ("2026-03-03 11:00:01", True)):
        clock = run(
            "2026-03-03 10:00:00",
            Answered(at=at(text), who="Dana"),
            Changed(at=at("2026-03-03 12:00:00"), severity=Severity.S4),
            severity=Severity.S1,
        )
        assert clock.is_breached(at("2026-03-09 12:00:00")) is late
        assert clock.severity is Severity.S1
    assert clock.share(at("2026-03-09 12:00:00")) == pytest.approx(3601 / 3600)


def test_a_history_without_a_start_or_a_time_zone_is_rejected() -> None:
    """Nothing is guessed."""
    with pytest.raises(BadInput, match="begin with its start"):
        run_clock([], TERMS)
    with pytest.raises(BadInput, match="begin with its start"):
        run_clock([Resumed(at=at("2026-03-03 10:00:00"))], TERMS)
    with pytest.raises(BadInput, match="zone"):
        run_clock([Started(at=datetime(2026, 3, 3, 10), severity=Severity.S1, plan="fast-track")], TERMS)
    with pytest.raises(SettingsError, match="unknown plan 'gold'"):
        run("2026-03-03 10:00:00", plan="gold")


# --- properties ---

MOMENTS = st.integers(0, 2 * 365 * 86_400).map(lambda s: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=s))
SECONDS = st.integers(1, 200 * 3600)
CASES = settings(max_examples=10 * settings.default.max_examples)
"""Of each property, 10,000 in `make prove`."""


@CASES
@given(MOMENTS, SECONDS)
def test_adding_then_measuring_gives_it_back(start: datetime, seconds: int) -> None:
    """And the deadline lies within opening hours, closing time included."""
    end = CALENDAR.add(start, seconds)
    assert CALENDAR.between(start, end) == seconds
    assert CALENDAR.between(end, start) == -seconds
    assert CALENDAR.is_open(end - timedelta(seconds=1))


@CASES
@given(MOMENTS, SECONDS, SECONDS)
def test_more_hours_never_mean_earlier(start: datetime, one: int, more: int) -> None:
    """Neither does a later start."""
    assert CALENDAR.add(start, one) < CALENDAR.add(start, one + more)
    assert CALENDAR.add(start, one) <= CALENDAR.add(start + timedelta(seconds=more), one)


@CASES
@given(
    MOMENTS,
    st.sampled_from(list(Severity)),
    st.sampled_from(["fast-track", "continuous"]),
    st.lists(st.tuples(st.integers(60, 40 * 3600), st.sampled_from(["pause", *Severity])), max_size=5),
)
def test_an_explanation_adds_up(
    start: datetime, severity: Severity, plan: str, steps: list[tuple[int, object]]
) -> None:
    """Whatever happens, the stretches join without a gap from start to deadline, and the counted ones are the goal.

    A deadline in business hours lies within them, closing time included.
    """
    history: list[object] = [Started(at=start, severity=severity, plan=plan)]
    moment = start
    for wait, step in steps:
        moment += timedelta(seconds=wait)
        if step == "pause":
            history += [Paused(at=moment, why="x"), Resumed(at=moment + timedelta(seconds=wait))]
            moment += timedelta(seconds=wait)
        else:
            history.append(Changed(at=moment, severity=step))  # type: ignore[arg-type]
    clock = run_clock(history, TERMS)  # type: ignore[arg-type]
    assert clock.deadline is not None
    if clock.goal.unit == "business":
        assert CALENDAR.is_open(clock.deadline - timedelta(seconds=1))
    told = clock.explain(moment)
    assert told[0].start == clock.started_at
    assert told[-1].end == clock.deadline
    assert all(before.end == after.start for before, after in pairwise(told))
    assert sum(one.seconds for one in told if one.counted) == clock.goal.seconds == clock.used(clock.deadline)
    assert all(one.why for one in told)


def test_a_goal_reads_as_it_is_published() -> None:
    """In hours and their kind."""
    assert str(Goal(seconds=3600, unit="clock")) == "1 clock hour"
    assert str(Goal(seconds=5400, unit="business")) == "1.5 business hours"
