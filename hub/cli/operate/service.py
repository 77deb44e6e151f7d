"""What the hub's services share: an orderly end on a signal, and patience with a database that is away."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from hub.bootstrap import Hub
    from hub.settings import Loaded

log = logging.getLogger("hub.cli")

LONGEST_WAIT = 5.0
"""Seconds between two tries to reach the database at the start."""


def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM and Ctrl-C set; a second signal ends the process at once."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop, stopping, number)
    return stopping


def _stop(stopping: asyncio.Event, number: int) -> None:
    if stopping.is_set():
        typer.echo("stopped at once; what was under way is looked into by whoever takes it over", err=True)
        os._exit(128 + number)
    stopping.set()


async def serve_hub(loaded: Loaded, what: str, stopping: asyncio.Event, work: Callable[[Hub], Awaitable[None]]) -> None:
    """Open the hub, as soon as its database answers, and do the service's work until it ends or is told to stop."""
    from hub import bootstrap
    from hub.errors import StorageUnavailable
    from hub.work.pace import backoff

    trouble = 0
    plugins = bootstrap.load_plugins(loaded.settings)
    while not stopping.is_set():
        try:
            async with bootstrap.open_hub(loaded, plugins=plugins) as hub:
                for failed in hub.failed:
                    log.error("%s can't be used: %s (%s)", failed.name, failed.reason, failed.where)
                for note in loaded.notes:
                    log.warning("%s", note)
                await work(hub)
                return
        except StorageUnavailable as error:
            trouble += 1
            log.warning("the %s waits for the database: %s", what, error)
            wait = backoff(trouble, first=0.25, longest=LONGEST_WAIT)
            try:
                await asyncio.wait_for(stopping.wait(), wait)
            except TimeoutError:
                continue
