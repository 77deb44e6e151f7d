"""naive: how the hub compares with a script that a user would write instead."""

from __future__ import annotations

from bench.race import Times, middle, rates
from bench.result import Result, Sizes, result

SIDES = ("hub", "naive")
SAYS = "escalations per second of the hub's worker, divided by those of a script with plain httpx"


def judge(times: Times, sizes: Sizes) -> Result:
    """The hub's rate divided by the plain loop's."""
    ratio = middle(times["naive"]) / middle(times["hub"])
    return result("naive", SAYS, ratio, 1.5, "at least", **rates(times, sizes.escalations, *SIDES))
