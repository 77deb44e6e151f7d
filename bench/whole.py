"""whole: the way from a ticket to its acknowledged case, asking for it included."""

from __future__ import annotations

from bench.race import Times, middle, rates
from bench.result import Result, Sizes, result

SIDES = ("bare", "whole")
SAYS = "tickets a second from asking, each in its own durable transaction, to the acknowledged case, over the bare loop"


def judge(times: Times, sizes: Sizes) -> Result:
    """The whole way's rate over the bare loop's."""
    ratio = middle(times["bare"]) / middle(times["whole"])
    return result("whole", SAYS, ratio, 0.4, "at least", **rates(times, sizes.escalations, *SIDES))
