"""`hub worker`: sends what waits and reads what is new, until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from typing import TYPE_CHECKING

import typer

from hub.cli.options import AsJson

if TYPE_CHECKING:
    from hub.settings import Loaded

log = logging.getLogger("hub.cli")

LONGEST_WAIT = 5.0
"""Seconds between two tries to reach the database at the start."""


def worker(as_json: AsJson = False) -> None:
    """Send what waits and read what is new, beside any number of other workers on the same database.

    SIGTERM or Ctrl-C lets it finish what is under way; a second one ends it at once. A database that is away, at the
    start or later, is waited for.
    """
    from hub.cli.output import tell
    from hub.cli.shell import settings

    loaded = settings(service=True)
    with asyncio.Runner(loop_factory=_fast_loop()) as runner:
        runner.run(_work(loaded))
    tell({"stopped": True}, lambda: None, as_json=as_json)


def _fast_loop() -> type[asyncio.AbstractEventLoop] | None:
    """uvloop's loop where there is one."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.Loop


async def _work(loaded: Loaded) -> None:
    from hub import bootstrap
    from hub.errors import StorageUnavailable
    from hub.work.pace import backoff
    from hub.work.worker import Worker

    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop, stopping, number)
    chosen, trouble = loaded.settings, 0
    plugins = bootstrap.load_plugins(chosen)
    while not stopping.is_set():
        try:
            async with bootstrap.open_hub(loaded, plugins=plugins) as hub:
                for failed in hub.failed:
                    log.error("%s can't be used: %s (%s)", failed.name, failed.reason, failed.where)
                for note in loaded.notes:
                    log.warning("%s", note)
                await Worker(
                    hub.parts, lease_seconds=chosen.lease_seconds, idle_seconds=chosen.idle_poll_seconds,
                    grace_seconds=chosen.grace_seconds, batch=chosen.batch,
                ).run(stopping)  # fmt: skip
                return
        except StorageUnavailable as error:
            trouble += 1
            log.warning("the worker waits for the database: %s", error)
            with_wait = backoff(trouble, first=0.25, longest=LONGEST_WAIT)
            try:
                await asyncio.wait_for(stopping.wait(), with_wait)
            except TimeoutError:
                continue


def _stop(stopping: asyncio.Event, number: int) -> None:
    if stopping.is_set():
        typer.echo("stopped at once; what was under way is looked into by whoever takes it over", err=True)
        os._exit(128 + number)
    stopping.set()
