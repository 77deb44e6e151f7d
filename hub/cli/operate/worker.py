"""`hub worker`: sends what waits and reads what is new, until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from hub.cli.operate.service import serve_hub, stop_on_signals
from hub.cli.shared.options import AsJson

if TYPE_CHECKING:
    from hub.bootstrap import Hub
    from hub.settings import Loaded

log = logging.getLogger("hub.cli")


def worker(as_json: AsJson = False) -> None:
    """Send what waits and read what is new, beside any number of other workers on the same database.

    SIGTERM or Ctrl-C lets it finish what is under way; a second one ends it at once. A database that is away, at the
    start or later, is waited for.
    """
    from hub.cli.shared.output import tell
    from hub.cli.shared.shell import settings

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
    from hub.notify.messages import roles
    from hub.notify.recipients import unset
    from hub.work.watching import Watcher
    from hub.work.worker import Worker

    stopping, chosen = stop_on_signals(), loaded.settings

    async def work(hub: Hub) -> None:
        rules = hub.rules()
        if nobody := unset(bootstrap.people_of(chosen), roles(rules.policy.steps)):
            log.warning("nobody is set for %s: what they should be told is parked", ", ".join(nobody))
        async with bootstrap.open_teller(hub, rules) as tell:
            watcher = Watcher(hub.context, rules, tell, idle_seconds=chosen.idle_poll_seconds)
            await Worker(
                hub.context,
                watcher=watcher,
                lease_seconds=chosen.lease_seconds,
                idle_seconds=chosen.idle_poll_seconds,
                grace_seconds=chosen.grace_seconds,
                batch=chosen.batch,
            ).run(stopping)

    await serve_hub(loaded, "worker", stopping, work)
