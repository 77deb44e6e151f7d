"""Waiting for whichever comes first."""

from __future__ import annotations

import asyncio


async def either(first: asyncio.Event, second: asyncio.Event, seconds: float) -> None:
    """Wait for one of two events, at most so long."""
    waits = [asyncio.ensure_future(first.wait()), asyncio.ensure_future(second.wait())]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
