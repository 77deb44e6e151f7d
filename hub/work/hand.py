"""A bond in a worker's hand: its lease, and what comes next on it."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from hub.db.outbox import Claim
from hub.errors import LeaseLost
from hub.model import Bond, Operation

MARGIN = 0.8
"""The part of a lease in which a write may still begin; the rest is for the call's way to the vendor."""


@dataclass
class LeasedBond:
    """One bond under our lease."""

    bond: Bond
    epoch: int
    until: float  # by the monotonic clock
    waiting: deque[Operation] = field(default_factory=deque)
    task: asyncio.Task[None] | None = None
    asked_at: datetime | None = None  # by the database's clock; before what is in the air was sent

    @classmethod
    def of(cls, claim: Claim, until: float) -> LeasedBond:
        """A fresh claim, whose lease counts from before it was asked for."""
        return cls(bond=claim.bond, epoch=claim.epoch, until=until, waiting=deque(claim.operations))

    @property
    def lease(self) -> tuple[int, int]:
        """Bond and epoch."""
        return self.bond.id, self.epoch

    def may_write(self) -> None:
        """Refuse to begin a write when the lease may be over: somebody else may have taken the bond."""
        if time.monotonic() > self.until:
            raise LeaseLost(f"the lease on bond {self.bond.key} has run out; another worker goes on")


def lease_end(seconds: float) -> float:
    """Until when a lease that is asked for now allows writes, by the monotonic clock."""
    return time.monotonic() + seconds * MARGIN
