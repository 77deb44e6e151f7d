"""neighbour: whether a hanging vendor delays another vendor's tickets."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from statistics import median

from bench import process, seed
from bench.place import Config, Place, VendorSide, at_hub
from bench.result import Result, Sizes, percentile, result, turns

SAYS = "99th percentile from request to acknowledged case while another vendor hangs, divided by the same without it"
HANGING, WELL = "hanging", "well"
QUEUE = 500
FOREVER = 3600.0
SETTLED = 2.0
"""Seconds until the worker has started and occupied every seat at the hanging vendor."""


async def measure(place: Place, sizes: Sizes) -> Result:
    """Escalate to one vendor at an even rate, while the queue of the other is alternately hanging and empty."""
    count = int(sizes.neighbour_pace * sizes.neighbour_seconds)
    waits: dict[str, list[float]] = defaultdict(list)
    rounds: dict[str, list[float]] = defaultdict(list)
    async with place.vendor() as bad, place.vendor() as good:
        for operation in ("create", "query"):  # after its login, with every seat taken
            await bad.fault(kind="delay_before", operation=operation, seconds=FOREVER)
        alone = await place.hub({HANGING: bad, WELL: good})
        async with at_hub(alone) as hub:
            await seed.rest(hub)
            payload = await seed.first_packet(hub, WELL)
            numbers = await seed.tickets(hub, 2, count + 1)
        beside = place.copy(alone)
        async with at_hub(beside) as hub:
            await seed.waiting(hub, payload, count + 2, count + 1 + QUEUE, account=HANGING)
        hubs = {"alone": alone, "beside": beside}
        for side in turns(("alone", "beside"), sizes.neighbour_rounds):
            seconds = await _round(place, hubs[side], good, numbers, sizes.neighbour_pace)
            waits[side] += seconds
            rounds[side].append(round(1000 * percentile(seconds, 0.99), 2))
        for config in hubs.values():
            place.drop(config)
    p99 = {side: 1000 * percentile(waits[side], 0.99) for side in hubs}
    return result(
        "neighbour",
        SAYS,
        p99["beside"] / p99["alone"],
        1.5,
        "at most",
        escalations=len(waits["alone"]),
        per_second=sizes.neighbour_pace,
        hanging_queue=QUEUE,
        alone_p99_ms=round(p99["alone"], 2),
        beside_p99_ms=round(p99["beside"], 2),
        alone_median_ms=round(1000 * median(waits["alone"]), 2),
        beside_median_ms=round(1000 * median(waits["beside"]), 2),
        p99_ms_by_round=rounds,
    )


async def _round(place: Place, start: Config, good: VendorSide, numbers: list[str], pace: float) -> list[float]:
    """Seconds from the request to the acknowledged case, for each escalation."""
    await good.reset()
    config = place.copy(start)
    spec = {"config": config, "account": WELL, "numbers": numbers, "per_second": pace}
    async with process.start("enqueue", **spec) as desk:
        await desk.receive()
        until = {"done": len(numbers) + 1}  # the packet that was the sample goes too
        async with process.start("worker", config=config, until=until, grace=0.5) as worker:
            await worker.receive()
            await asyncio.sleep(SETTLED)
            await desk.send(go=True)
            asked, finished = await desk.receive(), await worker.receive()
    place.drop(config)
    done = dict(finished["done"])
    return [done[number] - at for number, at in asked["asked"]]
