"""The hub's worker, as in production; it stops once it has stored everything that it has to wait for."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from bench.place import loaded
from bench.sides import BenchConnection, Spec, run_role
from hub import bootstrap
from hub.model import Event
from hub.work.worker import Worker


async def main(spec: Spec, bench: BenchConnection) -> None:
    """Work until this many entries of each kind in `until` are committed, or the benchmark closes the connection.

    Reports `ready` at the start, and at the end when each operation was acknowledged, by ticket number.
    """
    seen: Counter[str] = Counter()
    done: list[tuple[str, float]] = []
    stopping = asyncio.Event()
    until: dict[str, int] = spec["until"]

    def told(events: Sequence[Event]) -> None:
        now = time.monotonic()
        for event in events:
            seen[event.kind] += 1
            if event.kind == "done":
                done.append((event.chain, now))
        if all(seen[kind] >= count for kind, count in until.items()):
            stopping.set()

    async with bootstrap.open_hub(loaded(spec["config"])) as hub:
        assert not hub.failed, hub.failed
        hub.storage.listeners.append(told)
        worker = Worker(hub.context, grace_seconds=spec.get("grace", 20.0))
        began = time.monotonic()
        work = asyncio.create_task(worker.run(stopping))
        await worker.ready.wait()
        bench.send(ready=True)
        silence = asyncio.create_task(bench.receive())
        waits = [asyncio.create_task(stopping.wait()), silence]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        if silence.done():
            stopping.set()
        await work
        for wait in waits:
            wait.cancel()
    bench.send(began=began, done=done, seen=seen, resident=psutil.Process().memory_info().rss, peak=_peak())


def _peak() -> int:
    """The most memory that this program was resident with, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    return int(psutil.Process().memory_info().rss)


if __name__ == "__main__":
    run_role(main)
