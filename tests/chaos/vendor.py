"""The simulated vendor as a process of its own: `python -m tests.chaos.vendor`; prints its address."""

from __future__ import annotations

from hub.simulators.arsystem import Options
from hub.simulators.kit import run
from plugins.bmc_remedy.simulator import simulator

LATENCY = 0.005

if __name__ == "__main__":
    run(simulator(Options(one_in_flight=False, latency=LATENCY), seed=20))
