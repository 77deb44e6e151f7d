"""The processes of the benchmark, each with one part: vendor, hub's worker, and the loops it is compared with."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from bench.process import LONGEST_LINE

Spec = dict[str, Any]


class Bench:
    """The benchmark, as a side hears it and answers."""

    def __init__(self, ears: asyncio.StreamReader) -> None:
        self._ears = ears

    async def hear(self) -> Spec | None:
        """What is said next, or None once nothing will be."""
        line = await self._ears.readline()
        message: Spec | None = msgspec.json.decode(line) if line else None
        return message

    def say(self, **words: Any) -> None:
        """Answer."""
        sys.stdout.buffer.write(msgspec.json.encode(words) + b"\n")
        sys.stdout.buffer.flush()


Part = Callable[[Spec, Bench], Awaitable[None]]


def play(part: Part, *, fast: bool = True) -> None:
    """Play a part to its end, on uvloop as the hub does, or on asyncio's own loop as scripts do."""
    if fast and sys.platform != "win32":
        import uvloop

        uvloop.run(_play(part))
    else:
        asyncio.run(_play(part))


async def _play(part: Part) -> None:
    ears = asyncio.StreamReader(limit=LONGEST_LINE)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(ears), sys.stdin.buffer)
    bench = Bench(ears)
    if (spec := await bench.hear()) is not None:
        await part(spec, bench)
