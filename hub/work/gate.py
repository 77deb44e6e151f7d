"""The gate of a lane: whether anything may be sent now. Its state is the lane's, shared by all workers."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from hub.bonding.judgement.outcome import Outcome
from hub.db.lanes import Lane
from hub.db.outbox import Claim
from hub.db.unit import Unit
from hub.model import CircuitState
from hub.model.journal.accounts import Paused
from hub.work import record
from hub.work.pace import after_calls

log = logging.getLogger("hub.work")


async def pause(unit: Unit, lane: Lane, reason: str) -> None:
    """Pause an account until the operator acts; a paused lane stays as it is."""
    if lane.paused_at is None:
        await unit.lanes.change(lane.account, unit.now, paused_at=unit.now, pause_reason=reason)
        unit.note(f"account:{lane.account}", Paused(reason=reason))
        log.error("account %s is paused: %s", lane.account, reason)


class DispatchGate:
    """The gate for one worker's dispatcher."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._troubled = True  # until the lane was read
        self.again_at = 0.0
        """When the hold of the lane ends, by the monotonic clock; 0 while it is not held."""

    async def hear(self, unit: Unit, outcomes: Sequence[Outcome]) -> bool:
        """Update the lane by the outcomes of calls; returns whether more may be sent."""
        reason = next((outcome.pause for outcome in outcomes if outcome.pause), "")
        failed = sum(outcome.failed for outcome in outcomes)
        worked = sum(outcome.worked for outcome in outcomes)
        if not (reason or failed or self._troubled):
            return True
        lane = await unit.lanes.get(self._account, lock=True)
        assert lane is not None, "lanes are created when the worker starts"
        if reason:
            await pause(unit, lane, reason)
        waits = [outcome.asked_wait for outcome in outcomes if outcome.asked_wait is not None]
        turn = after_calls(lane, failed=failed, worked=worked, asked_wait=max(waits, default=None))
        if turn is not None:
            await record.lane(unit, lane, turn)
        lane = await unit.lanes.get(self._account)
        assert lane is not None, "lanes are never deleted"
        return not await self._shut(unit, lane)

    async def claim(self, unit: Unit, worker: str, wanted: int, seconds: float, *, idle: bool) -> list[Claim]:
        """Lease up to `wanted` bonds; none while the gate is shut, or one to probe an open circuit while `idle`."""
        self.again_at = 0.0
        claims = await unit.outbox.claim(self._account, worker, wanted, seconds)
        if not claims and (lane := await unit.lanes.get(self._account)) and await self._shut(unit, lane):
            probes = lane.circuit is CircuitState.OPEN and lane.paused_at is None and not self.again_at and idle
            if probes and await unit.lanes.probe(self._account, seconds):
                claims = await unit.outbox.claim(self._account, worker, 1, seconds, probing=True)
        return claims

    async def _shut(self, unit: Unit, lane: Lane) -> bool:
        """Whether nothing but the probe of an open circuit may be sent now."""
        left = 0.0 if lane.resume_at is None else await unit.lanes.hold_left(lane.account)
        self.again_at = time.monotonic() + left if left > 0 else 0.0
        shut = left > 0 or lane.paused_at is not None or lane.circuit is not CircuitState.CLOSED
        self._troubled = shut or lane.failures > 0
        return shut
