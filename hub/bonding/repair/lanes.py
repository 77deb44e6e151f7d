"""Pauses and resumes an account at a person's request."""

from __future__ import annotations

from hub.context import HubContext
from hub.db.lanes import Lane
from hub.db.unit import Unit
from hub.errors import Conflict
from hub.model import CircuitState
from hub.model.journal.accounts import Paused, Resumed


async def pause(context: HubContext, name: str, reason: str, *, who: str) -> Lane:
    """Send nothing to an account and read nothing from it until it is resumed; calls in progress finish.

    Raises NotFound for an unknown account, Conflict when it is already paused.
    """
    async with context.storage.unit() as unit:
        lane = await _lane(unit, context, name)
        if lane.paused_at is not None:
            raise Conflict(
                f"account {lane.account} is already paused: {lane.pause_reason}",
                next_step=f"resume it with `hub lanes resume {lane.account}`",
            )
        await unit.lanes.change(lane.account, unit.now, paused_at=unit.now, pause_reason=reason)
        unit.note(f"account:{lane.account}", Paused(who=who))
        await unit.lanes.wake(lane.account)
        return await _lane(unit, context, lane.account)


async def resume(context: HubContext, name: str, *, who: str) -> Lane:
    """Resume an account: clears the pause and the hold, resets the circuit breaker, and wakes the workers."""
    async with context.storage.unit() as unit:
        lane = await _lane(unit, context, name)
        await unit.lanes.change(
            lane.account,
            unit.now,
            paused_at=None,
            pause_reason="",
            circuit=CircuitState.CLOSED,
            failures=0,
            resume_at=None,
            note="",
        )
        unit.note(f"account:{lane.account}", Resumed(who=who))
        await unit.lanes.wake(lane.account)
        return await _lane(unit, context, lane.account)


async def _lane(unit: Unit, context: HubContext, name: str) -> Lane:
    """The lane, locked; created if no worker has seen the account yet."""
    lane = await unit.lanes.get(name, lock=True)
    if lane is None:
        vendor_account = context.vendor_account(name)
        await unit.lanes.ensure(vendor_account.name, vendor_account.info.name)
        lane = await unit.lanes.get(vendor_account.name, lock=True)
    assert lane is not None, "the lane was made above"
    return lane
