"""How workers share a lane, when its circuit breaker opens, and how long to wait. Pure."""

from __future__ import annotations

import random
from collections.abc import Mapping

from hub.db.lanes import Lane
from hub.model import CircuitState, Value

OPENS_AFTER = 5
"""Failures in a row that open the circuit breaker."""

LONGEST_WAIT = 15 * 60.0
"""Seconds; longer waits that a vendor asks for are capped, and shown."""


def fair_seats(concurrency: int, worker: str, shares: Mapping[str, int]) -> int:
    """The seats that a worker may take, given the seats of all live workers.

    All get the same share, and the first by name get what is left over. A worker that joins waits until the others have
    given up seats, so that the sum never exceeds the lane's concurrency.
    """
    workers = sorted({*shares, worker})
    part, rest = divmod(concurrency, len(workers))
    fair = part + (1 if workers.index(worker) < rest else 0)
    taken = sum(seats for name, seats in shares.items() if name != worker)
    return max(0, min(fair, concurrency - taken))


def budget_part(requests_per_minute: int | None, seats: int, concurrency: int) -> float | None:
    """The share of a lane's budget for some of its seats; requests per minute."""
    return None if requests_per_minute is None else requests_per_minute * seats / concurrency


def backoff(attempts: int, *, first: float = 1.0, longest: float = LONGEST_WAIT, chance: float | None = None) -> float:
    """Seconds to wait after a number of attempts: exponential with full jitter, at least a tenth of `first`."""
    ceiling = min(longest, first * 2.0 ** min(max(attempts - 1, 0), 30))
    return max(first / 10, ceiling * (random.random() if chance is None else chance))  # noqa: S311 - jitter


class LaneChange(Value, frozen=True):
    """A lane's new state after calls."""

    failures: int
    circuit: CircuitState
    hold: float | None = None  # seconds until the next try; None leaves the hold as it is
    note: str = ""


def after_calls(
    lane: Lane, *, failed: int, worked: int, asked_wait: float | None, chance: float | None = None
) -> LaneChange | None:
    """A lane's new state after calls that worked or that failed at the vendor; None when nothing changes.

    `asked_wait` is the longest wait that the vendor asked for, in seconds.
    """
    if asked_wait is not None:
        hold = min(asked_wait, LONGEST_WAIT)
        note = "the vendor asked for a pause"
        if asked_wait > LONGEST_WAIT:
            note = f"the vendor asked to wait {asked_wait:.0f} s; capped at {LONGEST_WAIT:.0f} s"
        return LaneChange(failures=lane.failures, circuit=lane.circuit, hold=hold, note=note)
    if worked:
        return (
            LaneChange(failures=0, circuit=CircuitState.CLOSED)
            if lane.failures or lane.circuit is not CircuitState.CLOSED
            else None
        )
    if not failed:
        return None
    failures = lane.failures + failed
    if failures < OPENS_AFTER and lane.circuit is CircuitState.CLOSED:
        return LaneChange(failures=failures, circuit=CircuitState.CLOSED)
    return LaneChange(
        failures=failures,
        circuit=CircuitState.OPEN,
        hold=backoff(failures - OPENS_AFTER + 2, first=2.0, longest=300.0, chance=chance),
        note="the vendor does not answer; one call tries again after the wait",
    )
