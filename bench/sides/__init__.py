"""The benchmark's child processes: vendor, the hub's worker, and the loops that it is compared with."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from bench.process import LONGEST_LINE

Spec = dict[str, Any]


class BenchConnection:
    """The connection of a child process to the benchmark."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader

    async def receive(self) -> Spec | None:
        """The next message, or None at the end."""
        line = await self._reader.readline()
        message: Spec | None = msgspec.json.decode(line) if line else None
        return message

    def send(self, **words: Any) -> None:
        """Send a message."""
        sys.stdout.buffer.write(msgspec.json.encode(words) + b"\n")
        sys.stdout.buffer.flush()


Role = Callable[[Spec, BenchConnection], Awaitable[None]]


def run_role(role: Role, *, fast: bool = True) -> None:
    """Run a role to its end, on uvloop like the hub, or on asyncio's own loop like a script."""
    if fast and sys.platform != "win32":
        import uvloop

        uvloop.run(_run_role(role))
    else:
        asyncio.run(_run_role(role))


async def _run_role(role: Role) -> None:
    reader = asyncio.StreamReader(limit=LONGEST_LINE)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin.buffer)
    bench = BenchConnection(reader)
    if (spec := await bench.receive()) is not None:
        await role(spec, bench)
