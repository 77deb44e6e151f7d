"""drain: how much of the bare loop's rate remains when every step is durable."""

from __future__ import annotations

from bench.race import Times, middle, rates
from bench.result import Result, Sizes, result

SIDES = ("bare", "hub")
SAYS = "escalations per second of the hub's worker, each step durable, divided by those of the bare loop"


def judge(times: Times, sizes: Sizes) -> Result:
    """The hub's rate divided by the bare loop's."""
    ratio = middle(times["bare"]) / middle(times["hub"])
    return result("drain", SAYS, ratio, 0.7, "at least", **rates(times, sizes.escalations, *SIDES))
