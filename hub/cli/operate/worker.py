"""`hub worker`: sends queued operations and fetches updates until it is stopped."""

from __future__ import annotations

import asyncio
import logging

from hub import bootstrap
from hub.bootstrap import Hub
from hub.cli.operate.daemon import serve_hub, stop_on_signals
from hub.cli.shared.options import AsJson
from hub.cli.shared.output import print_result
from hub.cli.shared.runtime import load_settings
from hub.notify.messages import notified_roles
from hub.notify.recipients import roles_without_recipient
from hub.settings import Loaded
from hub.work.watching import Watcher
from hub.work.worker import Worker

log = logging.getLogger("hub.cli")


def worker(as_json: AsJson = False) -> None:
    """Send queued operations to vendors, and fetch their updates.

    Any number of workers can share one database. SIGTERM or Ctrl-C lets calls in progress finish; a second signal stops
    the worker at once. While the database is down, the worker waits for it.
    """
    loaded = load_settings(service=True)
    with asyncio.Runner(loop_factory=_fast_loop()) as runner:
        runner.run(_work(loaded))
    print_result({"stopped": True}, lambda: None, as_json=as_json)


def _fast_loop() -> type[asyncio.AbstractEventLoop] | None:
    """uvloop's event loop; None where uvloop is not installed."""
    try:
        import uvloop  # not on every system
    except ImportError:
        return None
    return uvloop.Loop


async def _work(loaded: Loaded) -> None:
    stopping, settings = stop_on_signals(), loaded.settings

    async def work(hub: Hub) -> None:
        rules = hub.rules()
        if missing := roles_without_recipient(bootstrap.load_people(settings), notified_roles(rules.policy.steps)):
            log.warning("no recipient for %s: notifications on hold", ", ".join(missing))
        async with bootstrap.open_notice_sender(hub, rules) as sender:
            watcher = Watcher(hub.context, rules, sender, idle_seconds=settings.idle_poll_seconds)
            await Worker(
                hub.context,
                watcher=watcher,
                lease_seconds=settings.lease_seconds,
                idle_seconds=settings.idle_poll_seconds,
                grace_seconds=settings.grace_seconds,
                batch=settings.batch,
            ).run(stopping)

    await serve_hub(loaded, "worker", stopping, work)
