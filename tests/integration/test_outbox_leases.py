"""Leases on bonds: who may write back, and for how long a write may begin."""

from __future__ import annotations

import asyncio
import time

import pytest
from desk_kit import Desk, break_commits, call_ended, wait_for_lock
from waiting import until

from hub.bonding.judgement.outcome import done
from hub.errors import LeaseLost, StorageUnavailable
from hub.model import OperationState
from hub.work.hand import MARGIN


async def test_flow_of_one_case(desk: Desk) -> None:
    """An escalation, two comments and a change arrive once each and in order."""
    bond = await desk.escalated()
    await desk.say(bond, "first")
    await desk.say(bond, "second")
    await desk.send()
    after = await desk.bond(bond)
    assert after.reference is not None
    assert desk.cases(bond.key) == [after.reference.number]
    assert desk.notes(after.reference.number) == ["first", "second"]
    assert await desk.faults() == []


@pytest.mark.parametrize("order", [1, -1])
async def test_late_outcome_beside_a_fresh_one_is_dropped(desk: Desk, order: int) -> None:
    """Of two outcomes that one worker has for one bond, the one under the older epoch writes nothing."""
    bond = await desk.escalated()
    hand = desk.dispatcher()
    desk.sim.faults.add("delay_before", seconds=60)
    await hand.turn(claim=True)
    old = hand._hand[bond.id]
    await desk.execute("UPDATE outbox SET lease_until = now() - interval '1 second'")
    await hand.turn(claim=True)
    fresh = hand._hand[bond.id]
    assert fresh.epoch > old.epoch
    operation = (await desk.operations(bond))[0]
    for held in (old, fresh):
        assert held.task is not None
        held.task.cancel()
        await asyncio.gather(held.task, return_exceptions=True)
    hand._outcomes = [
        (fresh, done(operation)),
        (old, done(operation).evolve(state=OperationState.READY, again_in=60.0)),
    ][::order]
    await hand.turn(claim=False)
    assert (await desk.operations(bond))[0].state is OperationState.DONE
    assert "ready" not in await desk.events(bond.ticket_number)


async def test_fresh_hold_survives_the_end_of_an_older_one(desk: Desk) -> None:
    """A bond that came back under a higher epoch stays in hand when the older hold on it ends."""
    bond = await desk.escalated()
    hand = desk.dispatcher()
    desk.sim.faults.add("delay_before", seconds=60)
    await hand.turn(claim=True)
    old = hand._hand[bond.id]
    await desk.execute("UPDATE outbox SET lease_until = now() - interval '1 second'")
    await hand.turn(claim=True)
    fresh = hand._hand[bond.id]
    assert old.task is not None
    await asyncio.wait({old.task}, timeout=5)
    assert old.task.done(), "the call of the older hold is given up"
    await hand.turn(claim=False)
    assert hand._hand[bond.id] is fresh
    assert fresh.task is not None
    fresh.task.cancel()
    await asyncio.gather(fresh.task, return_exceptions=True)


async def test_order_survives_a_commit_that_fails(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the turn that acknowledges one comment is lost, the next comment still leaves before the third."""
    bond = await desk.opened()
    for number in range(4):
        await desk.say(bond, f"comment {number}")
    hand = desk.dispatcher()
    await call_ended(hand, bond)
    break_commits(desk, monkeypatch, {1})
    with pytest.raises(StorageUnavailable):
        await hand.turn(claim=True)
    await desk.send(hand)
    assert bond.reference is not None
    assert desk.notes(bond.reference.number) == [f"comment {number}" for number in range(4)]


async def test_outcome_that_cannot_be_stored_holds_up_no_other(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """An outcome that the database refuses lets its lease run out; the bond is not kept for ever."""
    bond = await desk.opened()
    await desk.say(bond, "hello")
    hand = desk.dispatcher()
    held = await call_ended(hand, bond)
    [(_, outcome)] = hand._outcomes
    hand._outcomes = [(held, outcome.evolve(reference="a\0b"))]
    await hand.turn(claim=False)
    assert not hand.busy


async def test_lease_counts_from_before_its_transaction(desk: Desk) -> None:
    """A claim that waited long within its transaction allows writes only for what is left of the lease."""
    bond = await desk.opened()
    await desk.say(bond, "first")
    hand = desk.dispatcher(lease=10.0)
    await call_ended(hand, bond)
    other = await desk.escalated()
    async with desk.storage.unit() as unit:
        await unit.bonds.lock(bond.id)
        turn = asyncio.create_task(hand.turn(claim=True))
        await wait_for_lock(desk)
        waiting = time.monotonic()
    await turn
    assert hand._hand[other.id].until <= waiting + 10.0 * MARGIN
    await desk.send(hand)


async def test_write_after_the_lease_is_refused_and_stored_nowhere(desk: Desk) -> None:
    """A worker whose lease ran out begins no write; whoever takes the bond over opens the one case."""
    bond = await desk.escalated()
    hand = desk.dispatcher()
    desk.sim.faults.add("delay_before", operation="login", seconds=0.3, times=1)
    await hand.turn(claim=True)
    held = hand._hand[bond.id]
    held.until = 0.0
    with pytest.raises(LeaseLost):
        held.may_write()
    assert held.task is not None
    await held.task
    assert desk.cases() == []
    await hand.turn(claim=False)
    assert not hand.busy
    assert (await desk.operations(bond))[0].state is OperationState.SENDING
    await desk.execute("UPDATE outbox SET lease_until = now() - interval '1 second'")

    async def sent() -> list[str]:
        await desk.send(desk.dispatcher())
        return desk.cases(bond.key)

    await until(sent)
    assert len(desk.cases(bond.key)) == 1
