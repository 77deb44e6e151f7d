"""Escalates tickets, each in a durable transaction of its own, as the hub's interfaces do."""

from __future__ import annotations

import asyncio
import time

from bench.place import loaded
from bench.sides import BenchConnection, Spec, run_role
from hub import bootstrap
from hub.bonding.outbound.escalate import escalate


async def main(spec: Spec, bench: BenchConnection) -> None:
    """Escalate the tickets named: `at_once` of them at a time, or `per_second` of them if that is given.

    Waits for a message before it begins; reports when each was requested, by ticket number.
    """
    async with bootstrap.open_hub(loaded(spec["config"])) as hub:
        waiting = iter(spec["numbers"])
        asked: list[tuple[str, float]] = []

        async def one(number: str) -> None:
            asked.append((number, time.monotonic()))
            await escalate(hub.context, number, spec["account"], {}, who="bench")

        async def seat() -> None:
            for number in waiting:
                await one(number)

        bench.send(ready=True)
        await bench.receive()
        began = time.monotonic()
        if pace := spec.get("per_second"):
            tasks = []
            for at, number in enumerate(waiting):
                await asyncio.sleep(max(0.0, began + at / pace - time.monotonic()))
                tasks.append(asyncio.create_task(one(number)))
            await asyncio.gather(*tasks)
        else:
            await asyncio.gather(*(seat() for _ in range(spec["at_once"])))
        bench.send(began=began, ended=time.monotonic(), asked=asked)


if __name__ == "__main__":
    run_role(main)
