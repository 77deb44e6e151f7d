"""The simulated vendor in its own process, without faults or limits, and with a ledger without values."""

from __future__ import annotations

from bench.sides import BenchConnection, Spec, run_role
from hub.simulators.arsystem import Options
from hub.simulators.kit import serve
from plugins.bmc_remedy.simulator import simulator


async def main(spec: Spec, bench: BenchConnection) -> None:
    """Serve until the benchmark closes the connection."""
    options = Options(one_in_flight=False, latency=spec.get("latency", 0.0), lean_ledger=True)
    async with serve(simulator(options)) as served:
        bench.send(url=served.url)
        while await bench.receive() is not None:
            pass


if __name__ == "__main__":
    run_role(main)
