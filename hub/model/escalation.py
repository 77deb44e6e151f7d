"""The escalation: the decision to raise a ticket's level."""

from __future__ import annotations

from enum import StrEnum

from hub.model.base import Value


class Level(StrEnum):
    """The support level that works on a ticket."""

    L1 = "L1"
    L2 = "L2"
    L3 = "L3"


class Escalation(Value, frozen=True):
    """Who raised a ticket, why, and where to."""

    who: str
    why: str
    level: Level = Level.L2
    account: str = ""  # empty: within RjR


class Clock(Value, frozen=True):
    """One service-level clock of a ticket."""

    name: str
    share: float  # of the allowed time used; 1.0 is the deadline
