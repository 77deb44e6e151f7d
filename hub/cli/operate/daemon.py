"""What long-running commands share: a clean stop on a signal, and retries while the database is down."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable

import typer

from hub import bootstrap
from hub.bootstrap import Hub
from hub.errors import StorageUnavailable
from hub.settings import Loaded
from hub.work.pace import backoff

log = logging.getLogger("hub.cli")

LONGEST_WAIT = 5.0
"""Seconds between two attempts to reach the database at the start."""


def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM and Ctrl-C set; a second signal ends the process at once."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop, stopping, number)
    return stopping


def _stop(stopping: asyncio.Event, number: int) -> None:
    if stopping.is_set():
        typer.echo("stopped at once; unfinished work will be recovered by another worker", err=True)
        os._exit(128 + number)
    stopping.set()


async def serve_hub(loaded: Loaded, name: str, stopping: asyncio.Event, work: Callable[[Hub], Awaitable[None]]) -> None:
    """Open the hub as soon as its database answers, and run `work` until it returns or `stopping` is set."""
    attempts = 0
    plugins = bootstrap.load_plugins(loaded.settings)
    while not stopping.is_set():
        try:
            async with bootstrap.open_hub(loaded, plugins=plugins) as hub:
                for failure in hub.failed:
                    log.error("can't use %s: %s (%s)", failure.name, failure.reason, failure.where)
                for note in loaded.notes:
                    log.warning("%s", note)
                await work(hub)
                return
        except StorageUnavailable as error:
            attempts += 1
            log.warning("the %s is waiting for the database: %s", name, error)
            wait = backoff(attempts, first=0.25, longest=LONGEST_WAIT)
            try:
                await asyncio.wait_for(stopping.wait(), wait)
            except TimeoutError:
                continue
