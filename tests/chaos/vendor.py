"""A simulated vendor as a process of its own: `python -m tests.chaos.vendor NAME [PLATFORM]`; prints its account.

The first line that it prints is JSON: the address that steers it, and the settings of an account that fits it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from hub.simulators.arsystem import Options
from hub.simulators.kit import serve
from hub.vendors import load
from plugins.bmc_remedy.simulator import simulator as remedy

LATENCY = 0.005
"""Seconds that the first vendor takes for a call, so that several are under way when something dies."""


def simulated(name: str, platform: str) -> Any:
    """The vendor's simulator; the first vendor's serves several calls at once, so that workers get in each other's way."""
    if name == "bmc_remedy":
        return remedy(Options(one_in_flight=False, latency=LATENCY), seed=20)
    made = load(strict=True).vendors[name].simulator(platform)
    made.latency = LATENCY
    return made


async def main(name: str, platform: str = "") -> None:
    """Serve until killed."""
    simulator = simulated(name, platform)
    async with serve(simulator) as served:
        account = {"vendor": name, **simulator.account(served.url)}
        sys.stdout.write(json.dumps({"url": served.control, "account": account}) + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
