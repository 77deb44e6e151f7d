"""One worker as a process of its own: `python -m tests.chaos.worker FILE LEASE`; the database comes by environment."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from pathlib import Path

from hub import bootstrap
from hub.settings import load
from hub.work.worker import Worker


async def main(place: Path, lease: float) -> None:
    """Work until SIGTERM."""
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    async with bootstrap.open_hub(load(place)) as hub:
        worker = Worker(hub.parts, lease_seconds=lease, idle_seconds=0.5, grace_seconds=5)
        logging.getLogger("hub.chaos").info("worker %s begins", worker.id)
        await worker.run(stopping)


if __name__ == "__main__":
    logging.basicConfig(level=logging.DEBUG, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for noisy in ("asyncio", "apscheduler", "sqlalchemy"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    asyncio.run(main(Path(sys.argv[1]), float(sys.argv[2])))
