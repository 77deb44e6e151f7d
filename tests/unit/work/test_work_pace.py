"""How workers share a lane, when its circuit opens, and how long they wait."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.db.lanes import Lane
from hub.work.pace import LONGEST_WAIT, OPENS_AFTER, LaneChange, after_calls, backoff, budget_part, fair_seats

LANE = Lane(account="acme", vendor="acme")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@given(
    concurrency=st.integers(1, 40),
    names=st.lists(st.text("abcdefgh", min_size=1, max_size=3), min_size=1, max_size=9, unique=True),
    turns=st.lists(st.integers(0, 8), max_size=40),
)
def test_seats_never_exceed_the_lane(concurrency: int, names: list[str], turns: list[int]) -> None:
    """Whoever takes a share in whatever order, all shares together stay within the lane's concurrency."""
    shares: dict[str, int] = {}
    for turn in turns:
        name = names[turn % len(names)]
        shares[name] = fair_seats(concurrency, name, shares)
        assert sum(shares.values()) <= concurrency


@given(concurrency=st.integers(1, 40), count=st.integers(1, 9))
def test_seats_are_all_taken_and_even(concurrency: int, count: int) -> None:
    """Once every worker has looked twice, all seats are taken and nobody has two more than another."""
    names = [f"worker-{number}" for number in range(count)]
    shares = dict.fromkeys(names, 0)
    shares[names[0]] = concurrency
    for name in [*names, *names]:
        shares[name] = fair_seats(concurrency, name, shares)
    assert sum(shares.values()) == concurrency
    assert max(shares.values()) - min(shares.values()) <= 1


def test_newcomer_waits_for_seats_to_be_given_up() -> None:
    """A worker that joins gets nothing while another still holds all seats."""
    assert fair_seats(4, "new", {"old": 4}) == 0
    assert fair_seats(4, "old", {"old": 4, "new": 0}) == 2
    assert fair_seats(4, "new", {"old": 2, "new": 0}) == 2


def test_budget_goes_with_the_seats() -> None:
    """A worker with half of the seats has half of the requests a minute; no budget stays none."""
    assert budget_part(60, 2, 4) == 30
    assert budget_part(None, 2, 4) is None


@pytest.mark.parametrize(
    ("attempts", "ceiling"), [(0, 1), (1, 1), (2, 2), (5, 16), (20, LONGEST_WAIT), (9999, LONGEST_WAIT)]
)
def test_backoff_doubles_to_its_ceiling(attempts: int, ceiling: float) -> None:
    """The wait is at most 1, 2, 4 ... seconds, never beyond the longest, and never nothing."""
    assert backoff(attempts, chance=1.0) == ceiling
    assert backoff(attempts, chance=0.0) == 0.1
    assert 0.1 <= backoff(attempts) <= ceiling


def test_calls_that_worked_change_nothing_in_a_sound_lane() -> None:
    """Success is no news where nothing was wrong, and no call at all is none either."""
    assert after_calls(LANE, failed=0, worked=3, asked_wait=None) is None
    assert after_calls(LANE, failed=0, worked=0, asked_wait=None) is None


def test_success_closes_the_circuit() -> None:
    """One call that worked ends the count of failures and the circuit's wait."""
    for lane in (LANE.evolve(failures=3), LANE.evolve(failures=9, circuit="open")):
        assert after_calls(lane, failed=0, worked=1, asked_wait=None) == LaneChange(failures=0, circuit="closed")


def test_circuit_opens_after_five_failures() -> None:
    """Four failures in a row are counted; the fifth opens the circuit for some seconds."""
    lane = LANE
    for count in range(1, OPENS_AFTER):
        turn = after_calls(lane, failed=1, worked=0, asked_wait=None)
        assert turn == LaneChange(failures=count, circuit="closed")
        lane = lane.evolve(failures=count)
    turn = after_calls(lane, failed=1, worked=0, asked_wait=None, chance=1.0)
    assert turn is not None
    assert (turn.failures, turn.circuit, turn.hold) == (5, "open", 4.0)


def test_probe_that_fails_holds_longer() -> None:
    """Each failed probe of an open circuit doubles the wait, up to five minutes."""
    holds = []
    for failures in (5, 6, 7, 30):
        turn = after_calls(
            LANE.evolve(failures=failures, circuit="open"), failed=1, worked=0, asked_wait=None, chance=1.0
        )
        assert turn is not None
        holds.append(turn.hold)
    assert holds == [8.0, 16.0, 32.0, 300.0]


def test_asked_wait_is_kept_and_an_absurd_one_is_capped_and_told() -> None:
    """What the vendor asks for is waited for; three days become fifteen minutes, with a note of both."""
    turn = after_calls(LANE.evolve(failures=2), failed=1, worked=5, asked_wait=30.0)
    assert turn == LaneChange(failures=2, circuit="closed", hold=30.0, note="the vendor asked for a pause")
    turn = after_calls(LANE, failed=1, worked=0, asked_wait=3 * 86400.0)
    assert turn is not None
    assert turn.hold == LONGEST_WAIT
    assert "259200 s" in turn.note
    assert "900 s" in turn.note
