"""backlog: whether a long queue slows the worker down."""

from __future__ import annotations

from collections import defaultdict
from statistics import median

from bench import process, seed
from bench.place import ACCOUNT, Config, Place, VendorSide, at_hub
from bench.result import Result, Sizes, result, turns

SAYS = "escalations per second with 100,000 waiting, divided by those with 1,000 waiting"
WARM, TIMED = 0.1, 0.9
"""The part of the short queue in which the rate is measured: after the start-up, before seats run idle."""


async def measure(place: Place, sizes: Sizes) -> Result:
    """Send the same number of escalations from a long and from a short queue, alternately."""
    counts = {"long": sizes.backlog, "short": sizes.few_waiting}
    rates: dict[str, list[float]] = defaultdict(list)
    async with place.vendor() as vendor:
        hubs = {side: await _queue(place, vendor, count) for side, count in counts.items()}
        for side in turns(("short", "long"), sizes.rounds):
            await vendor.reset()
            config = hubs[side] if side == "long" else place.copy(hubs[side])
            rates[side].append(await _rate(config, sizes.few_waiting))
            if side == "short":
                place.drop(config)
        for config in hubs.values():
            place.drop(config)
    long, short = median(rates["long"]), median(rates["short"])
    return result(
        "backlog",
        SAYS,
        long / short,
        0.9,
        "at least",
        waiting=counts,
        long_per_second=[round(value, 1) for value in rates["long"]],
        short_per_second=[round(value, 1) for value in rates["short"]],
    )


async def _queue(place: Place, vendor: VendorSide, count: int) -> Config:
    config = await place.hub({ACCOUNT: vendor})
    async with at_hub(config) as hub:
        await seed.rest(hub)
        await seed.waiting(hub, await seed.first_packet(hub), 2, count)
    return config


async def _rate(config: Config, count: int) -> float:
    first, last = int(count * WARM), int(count * TIMED)
    async with process.start("worker", config=config, until={"done": last}) as worker:
        await worker.receive()
        done = (await worker.receive())["done"]
    return float((last - first) / (done[last - 1][1] - done[first - 1][1]))
