"""deadlines: how long recomputing the deadlines of many open clocks takes, as after a change of the offer."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from bench.place import Place
from bench.result import Result, Sizes, result, spread
from hub.model import Severity
from hub.sla.clock import Changed, ClockEvent, Paused, Resumed, Started, run_clock, terms_of
from hub.sla.offer import read_offer

SAYS = "seconds for the deadlines of 100,000 open clocks over two years of calendar, on one core"
BEGIN, DAYS = datetime(2026, 1, 1, tzinfo=UTC), 730


async def measure(place: Place, sizes: Sizes) -> Result:  # noqa: ARG001 - no database has a part in it
    """Each round reads the offer again, so that its calendar has cached no day yet."""
    histories = list(_histories(sizes.clocks))
    seconds = []
    for _ in range(sizes.rounds):
        began = time.perf_counter()
        terms = terms_of(read_offer())
        deadlines = [run_clock(history, terms).deadline for history in histories]
        seconds.append(time.perf_counter() - began)
        assert all(deadlines), "an open clock has no deadline"
    figures = spread(seconds)
    return result(
        "deadlines",
        SAYS,
        figures["median"],
        5.0,
        "at most",
        unit="s",
        clocks=len(histories),
        days=DAYS,
        clock_events=sum(map(len, histories)),
        seconds=figures["all"],
    )


def _histories(count: int) -> Iterator[list[ClockEvent]]:
    """Clocks of every plan and severity; every third was changed, every fifth was paused for 30 hours."""
    chance = random.Random(1)
    plans, severities = sorted(read_offer().plans), list(Severity)
    for number in range(count):
        at = BEGIN + timedelta(seconds=chance.randrange(DAYS * 86_400))
        history: list[ClockEvent] = [Started(at=at, severity=chance.choice(severities), plan=chance.choice(plans))]
        if number % 3 == 0:
            history.append(Changed(at=at + timedelta(minutes=20), severity=chance.choice(severities)))
        if number % 5 == 0:
            stop = at + timedelta(minutes=30)
            history += [Paused(at=stop, why="waiting"), Resumed(at=stop + timedelta(hours=30))]
        yield history
