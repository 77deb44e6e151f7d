"""Reads the streams of cases of several hubs in one process, one run at a time, as the worker's puller does."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack

from bench.place import loaded
from bench.sides import BenchConnection, Spec, run_role
from hub import bootstrap
from hub.bonding.inbound.streams import CASES
from hub.work.puller import Puller


async def main(spec: Spec, bench: BenchConnection) -> None:
    """For each message, read the named hub's stream to its end; report how long it took and what was new."""
    never = asyncio.Event()
    async with AsyncExitStack() as stack:
        pullers = {}
        for name, config in spec["configs"].items():
            hub = await stack.enter_async_context(bootstrap.open_hub(loaded(config)))
            vendor_account = hub.context.vendor_account(spec["account"])
            pullers[name] = Puller(hub.context, vendor_account, f"bench-{name}", lease_seconds=30, idle_seconds=5)
        bench.send(ready=True)
        while (word := await bench.receive()) is not None:
            began = time.monotonic()
            read = await pullers[word["of"]].once(never, at_once=True)
            seconds = time.monotonic() - began
            assert read is not None, "the stream can't be read now"
            assert read[0].kind == CASES, "another stream was due before"
            run = read[1]
            bench.send(
                seconds=seconds,
                pages=run.pages,
                items=run.items,
                cases=run.tally.cases,
                comments=run.tally.comments,
                unknown=run.tally.unknown,
            )


if __name__ == "__main__":
    run_role(main)
