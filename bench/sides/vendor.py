"""The simulated vendor in a process of its own: no faults, any number of calls at once, a ledger without values."""

from __future__ import annotations

from bench.sides import Bench, Spec, play
from hub.simulators.arsystem import Options
from hub.simulators.kit import serve
from plugins.bmc_remedy.simulator import simulator


async def main(spec: Spec, bench: Bench) -> None:
    """Serve until the benchmark falls silent."""
    options = Options(one_in_flight=False, latency=spec.get("latency", 0.0), lean_ledger=True)
    async with serve(simulator(options)) as served:
        bench.say(url=served.url)
        while await bench.hear() is not None:
            pass


if __name__ == "__main__":
    play(main)
