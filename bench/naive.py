"""naive: how the hub compares with what one would write without it."""

from __future__ import annotations

from bench.race import Times, middle, rates
from bench.result import Result, Sizes, result

SIDES = ("hub", "naive")
SAYS = "escalations a second of the hub's worker over those of a plain loop with httpx as it comes"


def judge(times: Times, sizes: Sizes) -> Result:
    """The hub's rate over the plain loop's."""
    ratio = middle(times["naive"]) / middle(times["hub"])
    return result("naive", SAYS, ratio, 1.5, "at least", **rates(times, sizes.escalations, *SIDES))
