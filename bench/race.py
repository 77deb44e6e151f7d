"""The race: the hub, the bare loop and a user's script send the same escalations to one vendor, alternately."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from bench import process, seed
from bench.place import ACCOUNT, CONCURRENCY, Config, Place, VendorSide, at_hub
from bench.result import Sizes, turns

Times = dict[str, list[float]]
"""The seconds of each round, by side."""


class Race:
    """One vendor, and hubs in the initial state of each side."""

    def __init__(self, vendor: VendorSide, place: Place, count: int) -> None:
        self._vendor, self._place, self._count = vendor, place, count
        self._payload: dict[str, Any] = {}
        self._queued: Config = {}
        self._fresh: Config = {}
        self._numbers: list[str] = []

    async def prepare(self) -> None:
        """Create a hub with all escalations waiting, and a hub with only the tickets."""
        vendors = {ACCOUNT: self._vendor}
        self._queued = await self._place.hub(vendors)
        async with at_hub(self._queued) as hub:
            await seed.rest(hub)
            self._payload = await seed.first_packet(hub)
            await seed.waiting(hub, self._payload, 2, self._count)
        self._fresh = await self._place.hub(vendors)
        async with at_hub(self._fresh) as hub:
            await seed.rest(hub)
            self._numbers = await seed.tickets(hub, 1, self._count)
            await seed.analyze(hub)

    async def run(self, side: str) -> float:
        """Have a side open all cases at an empty vendor; returns its seconds, after checking what was stored."""
        await self._vendor.reset()
        seconds: float = await getattr(self, f"_{side}")()
        ledger = await self._vendor.ledger()
        keys = {entry["key"] for entry in ledger["entries"] if entry["kind"] == "case"}
        cases = sum(entry["kind"] == "case" for entry in ledger["entries"])
        assert cases == len(keys) == self._count, f"{side}: {cases} cases with {len(keys)} keys"
        asked = await self._vendor.requests()
        assert asked == 2 * self._count, f"{side}: {asked} requests for {self._count} cases, not two each"
        return seconds

    async def _bare(self) -> float:
        return await self._loop("bare")

    async def _naive(self) -> float:
        return await self._loop("plain")

    async def _loop(self, role: str) -> float:
        report = await process.run(role, config=self._queued, account=ACCOUNT, payload=self._payload, count=self._count)
        assert report["opened"] == self._count
        return float(report["seconds"])

    async def _hub(self) -> float:
        config = self._place.copy(self._queued)
        report = await self._worked(config)
        return float(report["done"][-1][1] - report["began"])

    async def _whole(self) -> float:
        config = self._place.copy(self._fresh)
        spec = {"config": config, "account": ACCOUNT, "numbers": self._numbers, "at_once": CONCURRENCY}
        async with process.start("enqueue", **spec) as desk:
            await desk.receive()
            async with process.start("worker", config=config, until={"done": self._count}) as worker:
                await worker.receive()
                await desk.send(go=True)
                asked, report = await desk.receive(), await worker.receive()
        await self._settled(config)
        return float(report["done"][-1][1] - asked["began"])

    async def _worked(self, config: Config) -> dict[str, Any]:
        async with process.start("worker", config=config, until={"done": self._count}) as worker:
            await worker.receive()
            report = await worker.receive()
        await self._settled(config)
        return report

    async def _settled(self, config: Config) -> None:
        """Check that the hub knows each of the cases, and drop its database."""
        async with at_hub(config) as hub, hub.storage.unit() as unit:
            asked = (
                "SELECT (SELECT count(DISTINCT case_number) FROM bond WHERE state = 'open' AND case_number <> ''), "
                "(SELECT count(*) FROM operation WHERE state = 'done'), (SELECT count(*) FROM outbox)"
            )
            counts = tuple((await unit.connection.execute(text(asked))).one())
        assert counts == (self._count, self._count, 0), f"cases, operations done and waiting: {counts}"
        self._place.drop(config)


async def race(place: Place, sizes: Sizes, sides: Sequence[str]) -> Times:
    """The seconds that each side took, round by round."""
    times: Times = defaultdict(list)
    async with place.vendor() as vendor:
        course = Race(vendor, place, sizes.escalations)
        await course.prepare()
        for side in turns(sides, sizes.rounds):
            times[side].append(await course.run(side))
    return dict(times)


def rates(times: Times, count: int, *sides: str) -> dict[str, Any]:
    """The raw figures: seconds of each round, and median escalations per second."""
    raw: dict[str, Any] = {"escalations": count}
    for side in sides:
        raw[f"{side}_seconds"] = [round(seconds, 3) for seconds in times[side]]
        raw[f"{side}_per_second"] = round(count / middle(times[side]), 1)
    return raw


def middle(seconds: Sequence[float]) -> float:
    """The median."""
    ordered = sorted(seconds)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
