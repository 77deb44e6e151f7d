"""flat: whether reading news takes longer with more tickets."""

from __future__ import annotations

from collections import defaultdict
from statistics import median

from bench import process
from bench.crowd import LIVE, SIDES, Crowd
from bench.place import ACCOUNT
from bench.result import Result, Sizes, result, turns

SAYS = "time to read 100 changed cases with 1,000,000 tickets, divided by 10,000; the same number of vendor requests"


async def measure(crowd: Crowd, sizes: Sizes) -> Result:
    """Both hubs read the same changes alternately, from the vendor to the commit."""
    seconds, requests = defaultdict(list), defaultdict(list)
    half = LIVE // 2
    async with process.start("pull", configs=crowd.hubs, account=ACCOUNT) as reader:
        await reader.receive()
        for side in SIDES:  # the first run reads what there is
            await reader.send(of=side)
            await reader.receive()
        rounds = max(2, 2 * sizes.rounds)
        for at, side in enumerate(turns(SIDES, rounds)):
            if at % 2 == 0:
                await crowd.change()
            before = await crowd.vendor.requests()
            await reader.send(of=side)
            report = await reader.receive()
            assert (report["cases"], report["comments"]) == (half, half), f"{side} took in {report}"
            seconds[side].append(report["seconds"])
            requests[side].append(await crowd.vendor.requests() - before)
    few, many = (median(seconds[side]) for side in SIDES)
    return result(
        "flat",
        SAYS,
        many / few,
        1.2,
        "at most",
        also=requests["few"] == requests["many"],
        tickets=crowd.tickets,
        changes=LIVE,
        few_ms=[round(1000 * value, 1) for value in seconds["few"]],
        many_ms=[round(1000 * value, 1) for value in seconds["many"]],
        few_requests=requests["few"],
        many_requests=requests["many"],
        fill_seconds=crowd.fill_seconds,
    )
