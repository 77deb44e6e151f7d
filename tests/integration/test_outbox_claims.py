"""The outbox itself: order of claims, disjoint claims, fences, waits, and who is woken."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from desk_kit import Desk
from sqlalchemy import text
from waiting import until

from hub.bonding.outbound import ticket_actions
from hub.bonding.repair import parked
from hub.db.outbox import Claim, ReleasedBond, SettledOperation
from hub.db.storage import WORK
from hub.model import OperationKind, OperationState, Severity
from hub.work.dispatch import Dispatcher
from hub.work.puller import Puller
from hub.work.worker import Worker


async def claim(desk: Desk, many: int, worker: str = "w", seconds: float = 30) -> list[Claim]:
    async with desk.storage.unit() as unit:
        return await unit.outbox.claim("bmc", worker, many, seconds)


async def test_most_severe_first_then_longest_waiting(desk: Desk) -> None:
    """A claim takes S1 before S2, and of one severity whoever waits longest."""
    made = [await desk.escalated(severity=Severity(severity)) for severity in (3, 2, 1, 2, 1)]
    claimed = [one.bond.id for one in await claim(desk, 4)]
    assert claimed == [made[index].id for index in (2, 4, 1, 3)]


async def test_two_claims_at_once_are_disjoint(desk: Desk) -> None:
    """Two workers that claim in the same moment never get the same bond, and neither waits for the other."""
    made = {(await desk.escalated()).id for _ in range(6)}
    async with desk.storage.unit() as first:
        mine = {one.bond.id for one in await first.outbox.claim("bmc", "a", 3, 30)}
        async with asyncio.timeout(5), desk.storage.unit() as second:
            theirs = {one.bond.id for one in await second.outbox.claim("bmc", "b", 10, 30)}
    assert len(mine) == 3
    assert mine | theirs == made
    assert not mine & theirs
    assert await claim(desk, 10) == []


async def test_each_lease_has_a_higher_epoch(desk: Desk) -> None:
    """Whoever takes a bond over holds it under a higher epoch than anybody before."""
    bond = await desk.escalated()
    epochs = []
    for _ in range(3):
        epochs.append((await claim(desk, 1))[0].epoch)
        await desk.execute("UPDATE outbox SET lease_until = now() - interval '1 second'")
    assert epochs == sorted(set(epochs))
    async with desk.storage.unit() as unit:
        leases = [(bond.id, epoch) for epoch in epochs]
        assert await unit.outbox.hold(leases) == {(bond.id, epochs[-1])}
        assert await unit.outbox.extend(leases[:2], 30) == set()


async def test_late_settle_after_a_takeover_writes_nothing(desk: Desk) -> None:
    """A worker that comes back after its lease was taken over changes neither operation nor outbox."""
    bond = await desk.escalated()
    late = desk.dispatcher("late")
    await late.turn(claim=True)
    held = late._hand[bond.id]
    assert held.task is not None
    await held.task
    await desk.execute("UPDATE outbox SET lease_until = now() - interval '1 second'")
    [taken] = await claim(desk, 1, "next")
    before = await desk.row("SELECT state, settled_at FROM operation")
    await late.turn(claim=False)
    assert not late.busy
    assert await desk.row("SELECT state, settled_at FROM operation") == before
    assert await desk.row("SELECT lease_owner, lease_epoch FROM outbox") == ("next", taken.epoch)
    assert "done" not in await desk.events(bond.ticket_number)


async def test_changes_that_wait_leave_as_one(desk: Desk) -> None:
    """Three changes of one bond arrive as one call, with the last value; the others are marked as merged."""
    bond = await desk.opened()
    for severity in (Severity.S3, Severity.S4, Severity.S1):
        await ticket_actions.change(desk.context, bond.ticket_number, severity=severity, who="agent")
    before = desk.sim.ledger.requests["PUT update"]
    await desk.send()
    assert desk.sim.ledger.requests["PUT update"] == before + 1
    states = [one.state for one in await desk.operations(bond) if one.kind is OperationKind.CHANGE_FIELDS]
    assert states == [OperationState.MERGED, OperationState.MERGED, OperationState.DONE]
    assert (await desk.bond(bond)).picture["severity"] == 1


async def test_order_holds_beyond_one_reading(desk: Desk) -> None:
    """More operations than a claim reads at once still leave in order, once each."""
    bond = await desk.escalated()
    bodies = [f"comment {number}" for number in range(70)]
    for body in bodies:
        await desk.say(bond, body)
    await desk.send(seconds=60)
    reference = (await desk.bond(bond)).reference
    assert reference is not None
    assert desk.notes(reference.number) == bodies


async def test_parked_operation_holds_back_only_its_own_bond(desk: Desk) -> None:
    """What the vendor refuses waits for a person with all behind it; other bonds go on; replay lets them go."""
    stuck, other = await desk.opened("stuck"), await desk.opened("other")
    desk.sim.faults.add("refused", operation="note", times=1)
    await desk.say(stuck, "refused at first")
    await desk.say(stuck, "behind it")
    await desk.send()
    await desk.say(other, "goes through")
    await desk.send()
    assert stuck.reference is not None
    assert other.reference is not None
    assert desk.notes(other.reference.number) == ["goes through"]
    assert desk.notes(stuck.reference.number) == []
    operations = [one for one in await desk.operations(stuck) if one.state is OperationState.PARKED]
    assert [one.position for one in operations] == [2]
    assert operations[0].reason
    assert (await desk.bond(stuck)).parked == 1
    await parked.replay(desk.context, operations[0].id, who="agent")
    await desk.send()
    assert desk.notes(stuck.reference.number) == ["refused at first", "behind it"]


async def test_ignored_operation_lets_the_next_one_go(desk: Desk) -> None:
    """When a person decides that a parked comment need not leave, what waits behind it leaves."""
    bond = await desk.opened()
    desk.sim.faults.add("refused", operation="note", times=1)
    await desk.say(bond, "never mind")
    await desk.say(bond, "behind it")
    await desk.send()
    [operation] = [one for one in await desk.operations(bond) if one.state is OperationState.PARKED]
    await parked.ignore(desk.context, operation.id, who="agent")
    await desk.send()
    assert bond.reference is not None
    assert desk.notes(bond.reference.number) == ["behind it"]


async def test_bond_handed_back_with_a_wait_is_left_alone(desk: Desk) -> None:
    """A bond that was handed back for later is not claimed before its time, and is after it."""
    bond = await desk.escalated()
    [held] = await claim(desk, 1)
    async with desk.storage.unit() as unit:
        await unit.outbox.release([ReleasedBond(bond_id=bond.id, epoch=held.epoch, again_in=60)])
    assert await claim(desk, 1) == []
    await desk.execute("UPDATE outbox SET ready_at = ready_at - interval '61 seconds'")
    assert [one.bond.id for one in await claim(desk, 1)] == [bond.id]


async def test_bond_with_nothing_left_goes(desk: Desk) -> None:
    """When all operations of a bond are settled, handing it back takes it out of the outbox."""
    bond = await desk.escalated()
    [held] = await claim(desk, 1)
    async with desk.storage.unit() as unit:
        await unit.outbox.settle(
            [SettledOperation(operation_id=held.operations[0].id, state=OperationState.DONE)], unit.now
        )
        await unit.outbox.release([ReleasedBond(bond_id=bond.id, epoch=held.epoch)])
    assert await desk.row("SELECT count(*) FROM outbox") == (0,)


async def test_comment_added_while_its_bond_is_handed_back_is_not_forgotten(desk: Desk) -> None:
    """A comment that is added in the moment in which a bond's last operation is settled is sent, too."""
    bond = await desk.opened()
    for number in range(12):
        await desk.say(bond, f"comment {number}")
        await asyncio.gather(desk.send(), desk.say(bond, f"beside {number}"))
        await desk.send()
    assert bond.reference is not None
    assert len(desk.notes(bond.reference.number)) == 24
    assert await desk.row("SELECT count(*) FROM outbox") == (0,)


async def test_new_work_is_told_to_listeners(desk: Desk) -> None:
    """Enqueuing wakes whoever listens, with the account's name."""
    heard: asyncio.Queue[tuple[str, str]] = asyncio.Queue()

    async def listen() -> None:
        async with aclosing(desk.storage.listen()) as notices:  # type: ignore[type-var]
            async for notice in notices:
                heard.put_nowait(notice)

    listening = asyncio.create_task(listen())
    try:
        await until(lambda: desk.row("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN hub%%'"))
        await desk.escalated()
        async with asyncio.timeout(5):
            assert await heard.get() == (WORK, "bmc")
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def test_seats_of_several_workers_stay_within_the_lane(desk: Desk) -> None:
    """Three workers together never call the vendor more often at once than the account allows."""
    stopping = asyncio.Event()
    workers = [Worker(desk.context, lease_seconds=2, idle_seconds=0.05, grace_seconds=5) for _ in range(3)]
    bonds = [await desk.escalated(f"number {number}") for number in range(30)]
    desk.sim.latency = 0.02
    running = [asyncio.create_task(one.run(stopping)) for one in workers]

    async def all_sent() -> bool:
        seats = await desk.row("SELECT coalesce(sum(seats), 0) FROM lane_share WHERE until > now()")
        assert seats[0] <= 4
        return (await desk.row("SELECT count(*) FROM outbox"))[0] == 0

    try:
        await until(all_sent)
    finally:
        stopping.set()
        await asyncio.gather(*running)
    assert {key: len(desk.cases(key)) for key in (one.key for one in bonds)} == {one.key: 1 for one in bonds}
    assert await desk.row("SELECT count(*) FROM lane_share") == (0,)


async def test_stopping_worker_hands_everything_back(desk: Desk) -> None:
    """A worker that is told to stop amid calls leaves no lease and nothing on its way."""
    for number in range(6):
        await desk.escalated(f"number {number}")
    desk.sim.faults.add("delay_before", operation="create", seconds=0.3)
    stopping = asyncio.Event()
    worker = Worker(desk.context, lease_seconds=30, idle_seconds=0.05, grace_seconds=10)
    running = asyncio.create_task(worker.run(stopping))
    await until(lambda: desk.sim.ledger.requests["POST create"])
    stopping.set()
    await running
    assert await desk.row("SELECT count(*) FROM outbox WHERE lease_until IS NOT NULL") == (0,)
    assert await desk.row("SELECT count(*) FROM operation WHERE state IN ('sending', 'in_doubt')") == (0,)
    opened = (await desk.row("SELECT count(*) FROM bond WHERE case_number <> ''"))[0]
    assert opened == len(desk.cases()) >= 1


async def test_paused_lane_sends_and_reads_nothing(desk: Desk) -> None:
    """Nothing of a paused account leaves and none of its streams is read until it goes on."""
    await desk.escalated()
    await desk.execute("UPDATE lane SET paused_at = now()")
    calls = desk.calls()
    await desk.send()
    puller = Puller(desk.context, desk.vendor_account, "p", lease_seconds=30, idle_seconds=1)
    assert await puller.once(asyncio.Event()) is None
    assert desk.calls() == calls
    await desk.execute("UPDATE lane SET paused_at = NULL")
    await desk.send()
    assert len(desk.cases()) == 1


async def test_circuit_opens_and_one_call_probes(desk: Desk) -> None:
    """After five failures nothing leaves until the wait is over; then one bond tries, and success lets all go."""
    desk.hurry()
    await desk.opened("logged in")
    for number in range(12):
        await desk.escalated(f"number {number}")
    desk.sim.faults.add("http_503")
    before = desk.sim.ledger.requests["POST create"]
    hand = desk.dispatcher(seats=1)
    await _until_open(desk, hand)
    tried = desk.calls()
    assert desk.sim.ledger.requests["POST create"] - before <= 6
    await hand.turn(claim=True)
    assert not hand.busy
    assert desk.calls() == tried
    await desk.execute("UPDATE lane SET resume_at = now() - interval '1 second'")
    await desk.execute("UPDATE outbox SET ready_at = now()")
    await hand.turn(claim=True)
    assert len(hand._hand) == 1
    desk.sim.faults.clear()
    async with asyncio.timeout(10):
        while len(desk.cases()) < 13:
            await desk.execute("UPDATE outbox SET ready_at = now()")
            await desk.execute("UPDATE lane SET resume_at = now() - interval '1 second'")
            await desk.send(hand)
    assert (await desk.row("SELECT circuit, failures FROM lane"))[0] == "closed"


async def _until_open(desk: Desk, hand: Dispatcher) -> None:
    async with asyncio.timeout(10):
        while (await desk.row("SELECT circuit FROM lane"))[0] != "open":
            await desk.execute("UPDATE outbox SET ready_at = now()")
            await hand.turn(claim=True)
            tasks = [held.task for held in hand._hand.values() if held.task is not None]
            if tasks:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    tasks = [held.task for held in hand._hand.values() if held.task is not None]
    await asyncio.gather(*tasks)
    await hand.turn(claim=False)


async def test_asked_pause_holds_all_workers_and_no_other_bond(desk: Desk) -> None:
    """After 429 with a wait nothing of the account leaves before the time, by whichever worker."""
    for number in range(3):
        await desk.escalated(f"number {number}")
    desk.sim.faults.add("retry_after_seconds", operation="create", seconds=60, times=1)
    await desk.send(desk.dispatcher(seats=1))
    calls = desk.calls()
    await desk.send(desk.dispatcher("another"))
    assert desk.calls() == calls
    left = await desk.row("SELECT extract(epoch FROM resume_at - now()) FROM lane")
    assert 50 < left[0] <= 60


async def test_absurd_wait_is_capped_and_shown(desk: Desk) -> None:
    """A vendor that asks for three days gets fifteen minutes, and the lane says so."""
    await desk.escalated()
    desk.sim.faults.add("retry_after_absurd", operation="create", times=1)
    await desk.send(desk.dispatcher(seats=1))
    left, note = await desk.row("SELECT extract(epoch FROM resume_at - now()), note FROM lane")
    assert 800 < left <= 900
    assert "capped at 900 s" in note


async def test_ages_tell_what_waits(desk: Desk) -> None:
    """For each account the outbox tells how many bonds wait and how many are under lease."""
    for _ in range(3):
        await desk.escalated()
    await claim(desk, 1)
    async with desk.storage.unit() as unit:
        [age] = await unit.outbox.ages()
        oldest = await unit.connection.scalar(text("SELECT min(waits_since) FROM outbox"))
    assert (age["account"], age["waiting"], age["leased"], age["oldest"]) == ("bmc", 3, 1, oldest)
