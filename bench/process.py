"""Child processes of the benchmark, which exchange one JSON object per line."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec

LONGEST_LINE = 64 * 1024 * 1024
PATIENCE = 300.0
"""Seconds after which a silent child fails the benchmark."""


class Child:
    """One running child process."""

    def __init__(self, role: str, process: asyncio.subprocess.Process) -> None:
        self._role, self._process = role, process

    async def receive(self) -> dict[str, Any]:
        """The next message from the child; raises RuntimeError when the child ends without one."""
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), PATIENCE)
        if not line:
            raise RuntimeError(
                f"process {self._role} ended with exit code {await self._process.wait()}; see its output above"
            )
        message: dict[str, Any] = msgspec.json.decode(line)
        return message

    async def send(self, **words: Any) -> None:
        """Send a message to the child."""
        assert self._process.stdin is not None
        self._process.stdin.write(msgspec.json.encode(words) + b"\n")
        await self._process.stdin.drain()

    async def end(self) -> None:
        """Close the child's input, which ends it, and wait for it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), 60)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


@asynccontextmanager
async def start(role: str, **spec: Any) -> AsyncIterator[Child]:
    """A child process that runs until the block ends; `role` is a module in `bench.sides`."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        f"bench.sides.{role}",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LONGEST_LINE,
    )
    child = Child(role, process)
    try:
        await child.send(**spec)
        yield child
    finally:
        await child.end()


async def run(role: str, **spec: Any) -> dict[str, Any]:
    """The message that a child process sends when its work is done."""
    async with start(role, **spec) as child:
        return await child.receive()
