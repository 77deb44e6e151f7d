"""Waits for a fact, with a deadline: the only place where a test may sleep."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Any

PATIENCE = 30.0
"""Seconds until a fact that was waited for must be true."""
PAUSE = 0.01
"""Seconds between two looks; a look that costs much wants more."""


async def until(fact: Callable[[], Any], *, seconds: float = PATIENCE, pause: float = PAUSE) -> Any:
    """The first true value that `fact` returns; it is called again and again, and awaited if it is a coroutine.

    Raises `TimeoutError` when it stays false.
    """
    async with asyncio.timeout(seconds):
        while True:
            found = fact()
            if inspect.isawaitable(found):
                found = await found
            if found:
                return found
            await asyncio.sleep(pause)


def wait_until(fact: Callable[[], Any], *, seconds: float = PATIENCE) -> Any:
    """The same without an event loop."""
    deadline = time.monotonic() + seconds
    while not (found := fact()):
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(PAUSE)
    return found


async def let_pass(seconds: float) -> None:
    """Let the running event loop's clock jump ahead, and what became due on it happen."""
    loop = asyncio.get_running_loop()
    moved = loop.time() + seconds - time.monotonic()
    loop.time = lambda: time.monotonic() + moved  # type: ignore[method-assign]
    await asyncio.sleep(0)
