"""A bond that a worker has leased, with its waiting operations."""

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
"""The part of a lease in which a write may start; the rest is for the call itself."""


@dataclass
class LeasedBond:
    """One bond that we lease."""

    bond: Bond
    epoch: int
    until: float  # by the monotonic clock
    waiting: deque[Operation] = field(default_factory=deque)
    task: asyncio.Task[None] | None = None
    asked_at: datetime | None = None  # by the database's clock; before the operation in flight was sent

    @classmethod
    def of(cls, claim: Claim, until: float) -> LeasedBond:
        """A new claim; its lease counts from before the claim."""
        return cls(bond=claim.bond, epoch=claim.epoch, until=until, waiting=deque(claim.operations))

    @property
    def lease(self) -> tuple[int, int]:
        """Bond and epoch."""
        return self.bond.id, self.epoch

    def may_write(self) -> None:
        """Raise LeaseLost when the lease may be over, since another worker may have the bond."""
        if time.monotonic() > self.until:
            raise LeaseLost(f"the lease on bond {self.bond.key} has expired; another worker takes over")


def lease_end(seconds: float) -> float:
    """When a lease claimed now stops allowing writes, by the monotonic clock."""
    return time.monotonic() + seconds * MARGIN
