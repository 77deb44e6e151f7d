"""whole: the path from a ticket to its acknowledged case, including the request to escalate."""

from __future__ import annotations

from bench.race import Times, middle, rates
from bench.result import Result, Sizes, result

SIDES = ("bare", "whole")
SAYS = "tickets per second from the durable request to the acknowledged case, divided by those of the bare loop"


def judge(times: Times, sizes: Sizes) -> Result:
    """The rate of the whole path divided by the bare loop's."""
    ratio = middle(times["bare"]) / middle(times["whole"])
    return result("whole", SAYS, ratio, 0.4, "at least", **rates(times, sizes.escalations, *SIDES))
