"""memory: whether a worker's memory grows with the number of tickets."""

from __future__ import annotations

from collections import defaultdict
from statistics import median

from bench import process, seed
from bench.crowd import LIVE, SIDES, Crowd
from bench.place import at_hub
from bench.result import Result, Sizes, result, turns

MOST_MB = 200.0
SAYS = "peak memory of a worker with 1,000,000 tickets, divided by 10,000, for the same work; and <= 200 MB"


async def measure(crowd: Crowd, sizes: Sizes) -> Result:
    """A worker reads 100 changes and sends 100 escalations, alternately with few and with many tickets."""
    peaks = defaultdict(list)
    half = LIVE // 2
    for side in turns(SIDES, sizes.memory_rounds):
        await crowd.change()
        config = crowd.hubs[side]
        async with at_hub(config) as hub:
            await seed.due(hub)
            first = crowd.tickets[side] + 1
            crowd.tickets[side] += LIVE
            await seed.waiting(hub, crowd.payload, first, crowd.tickets[side])
        until = {"done": LIVE, "case_changed": half, "vendor_commented": half}
        async with process.start("worker", config=config, until=until) as worker:
            await worker.receive()
            report = await worker.receive()
        peaks[side].append(report["peak"] / 1e6)
    few, many = (median(peaks[side]) for side in SIDES)
    return result(
        "memory",
        SAYS,
        many / few,
        1.1,
        "at most",
        also=max(peaks["many"]) <= MOST_MB,
        goal_mb=MOST_MB,
        few_mb=[round(value, 1) for value in peaks["few"]],
        many_mb=[round(value, 1) for value in peaks["many"]],
        tickets=crowd.tickets,
    )
