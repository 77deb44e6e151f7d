"""Where the engine's parts meet: what one transaction, call or ticket may do to the others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from desk_kit import Desk, break_commits, call_ended, open_desk, unsettled, wait_for_lock
from waiting import until

from hub.bonding.inbound.apply import apply_news
from hub.bonding.inbound.reconcile import reconcile
from hub.bonding.outbound import ticket_actions
from hub.bonding.outbound.escalate import escalate
from hub.errors import Conflict, HubError, StorageUnavailable
from hub.model import BondState, OperationState, Severity, StreamKind, Visibility
from hub.work.puller import Puller
from hub.work.timetable import timetable


async def test_page_read_before_our_change_takes_nothing_back(desk: Desk) -> None:
    """A page that was read before our change arrived, and is stored after it, does not undo the change."""
    bond = await desk.opened()
    assert bond.reference is not None
    await desk.pull()
    desk.sim.clock.shift(60)
    desk.sim.engineer.take(bond.reference.number)
    async with desk.storage.unit() as unit:
        read_at = unit.now
    page = await desk.vendor_account.vendor.changed_cases(desk.vendor_account.account, {})
    await ticket_actions.change(desk.context, bond.ticket_number, severity=Severity.S1, who="agent")
    await desk.send()
    async with desk.storage.unit() as unit:
        await apply_news(unit, desk.vendor_account, page.items, read_at=read_at)
    await desk.pull()
    async with desk.storage.unit() as unit:
        ticket = await unit.tickets.get(bond.ticket_number)
    assert ticket is not None
    assert ticket.severity is Severity.S1
    assert (await desk.bond(bond)).picture["severity"] == 1


async def test_doubt_counts_from_when_it_arose(database_url: str) -> None:
    """However long a call took, what is not found is not sent again before the vendor's search can have caught up."""
    async with open_desk(database_url, settle_seconds=600) as desk:
        bond = await desk.escalated()
        hand = desk.dispatcher()
        desk.sim.faults.add("lost_reply", operation="create", times=1)
        desk.sim.faults.add("slow_index", operation="create", seconds=600)
        held = await call_ended(hand, bond)
        [(_, outcome)] = hand._outcomes
        early = outcome.operation.created_at - timedelta(hours=1)
        hand._outcomes = [(held, outcome.evolve(operation=outcome.operation.evolve(sent_at=early)))]
        await desk.execute("UPDATE operation SET sent_at = sent_at - interval '1 hour'")
        await desk.send(hand)
        await desk.execute("UPDATE outbox SET ready_at = now()")
        await desk.send()
        assert [one.state for one in await desk.operations(bond)] == [OperationState.IN_DOUBT]
        assert len(desk.cases(bond.key)) == 1


async def test_takeover_waits_as_if_sent_just_now(database_url: str) -> None:
    """Who takes over an operation on its way counts from the takeover: its sender may have written until then."""
    async with open_desk(database_url, settle_seconds=600) as desk:
        bond = await desk.escalated()
        hand = desk.dispatcher()
        desk.sim.faults.add("lost_reply", operation="create", times=1)
        desk.sim.faults.add("slow_index", operation="create", seconds=600)
        await call_ended(hand, bond)  # its outcome dies with it
        await desk.execute("UPDATE outbox SET lease_until = now() - interval '1 second'")
        await desk.execute("UPDATE operation SET sent_at = sent_at - interval '1 hour'")
        await desk.send()
        await desk.execute("UPDATE outbox SET ready_at = now()")
        await desk.send()
        assert [one.state for one in await desk.operations(bond)] == [OperationState.IN_DOUBT]
        assert len(desk.cases(bond.key)) == 1


async def test_change_and_news_of_one_ticket_do_not_deadlock(desk: Desk) -> None:
    """A change by an agent and news from the vendor take ticket and bond in one order."""
    bond = await desk.opened()
    assert bond.reference is not None
    await desk.pull()
    desk.sim.clock.shift(60)
    desk.sim.engineer.set_severity(bond.reference.number, 1)
    page = await desk.vendor_account.vendor.changed_cases(desk.vendor_account.account, {})

    async def news() -> None:
        async with desk.storage.unit() as unit:
            await apply_news(unit, desk.vendor_account, page.items, read_at=unit.now)

    async with desk.storage.unit() as unit:
        await unit.tickets.get(bond.ticket_number, lock=True)
        storing = asyncio.create_task(news())
        await wait_for_lock(desk)
        await unit.bonds.lock(bond.id)
    await storing
    assert (await desk.bond(bond)).picture["severity"] == 1


async def test_slow_file_from_the_vendor_holds_up_no_news(desk: Desk) -> None:
    """While a file is fetched slowly, news that tells of another file is stored at once."""
    bond = await desk.opened()
    assert bond.reference is not None
    number = bond.reference.number
    desk.sim.engineer.attach(number, "slow.txt", b"slow" * 1000)
    await desk.pull([StreamKind.CASES])
    desk.sim.faults.add("delay_before", operation="download*", seconds=3, times=1)
    desk.sim.faults.add("delay_before", operation="attachment*", seconds=3, times=1)
    fetching = asyncio.create_task(desk.pull([StreamKind.FILES]))
    puller = Puller(desk.context, desk.vendor_account, "other", lease_seconds=30, idle_seconds=1)
    try:
        await _in_flight(desk)
        desk.sim.engineer.attach(number, "next.txt", b"next")
        await desk.execute("UPDATE stream SET due_at = now() WHERE kind = 'cases'")
        async with asyncio.timeout(2):
            read = await puller.once(asyncio.Event())
        assert read is not None
        assert read[1].tally.attachments == 1
    finally:
        await asyncio.gather(fetching, return_exceptions=True)


async def _in_flight(desk: Desk) -> None:
    await until(lambda: any(desk.sim.ledger.in_flight.values()))


async def test_slow_upload_holds_up_no_news_of_its_ticket(desk: Desk) -> None:
    """While an agent's file comes in slowly, news of the same ticket is stored."""
    bond = await desk.opened()
    assert bond.reference is not None
    await desk.pull()
    desk.sim.clock.shift(60)
    desk.sim.engineer.set_severity(bond.reference.number, 1)
    half, rest = asyncio.Event(), asyncio.Event()

    async def content() -> AsyncIterator[bytes]:
        yield b"first half, "
        half.set()
        await rest.wait()
        yield b"second half"

    uploading = asyncio.create_task(
        ticket_actions.attach(
            desk.context, bond.ticket_number, "a.txt", "text/plain", content(), Visibility.VENDOR, who="agent"
        )
    )
    try:
        await half.wait()
        async with asyncio.timeout(3):
            await desk.pull([StreamKind.CASES])
    finally:
        rest.set()
        await asyncio.gather(uploading, return_exceptions=True)
    assert (await desk.bond(bond)).picture["severity"] == 1
    assert uploading.result().goes_to == ("bmc",)


async def test_transaction_left_open_by_a_stopped_worker_ends(desk: Desk) -> None:
    """A worker that stands still amid a transaction holds up the others only until the server ends it."""
    bond = await desk.opened()
    seen = await desk.row("SELECT setting::int FROM pg_settings WHERE name = 'idle_in_transaction_session_timeout'")
    assert 0 < seen[0] <= 15_000
    with pytest.raises(StorageUnavailable):  # noqa: PT012 - the block is the unit
        async with desk.storage.unit() as unit:
            await unit.connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 50")
            await unit.bonds.lock(bond.id)
            async with asyncio.timeout(5):
                async with desk.storage.unit() as other:
                    await other.bonds.lock(bond.id)
            await unit.bonds.lock(bond.id)
    await desk.say(bond, "and works again")
    await desk.send()
    assert unsettled(await desk.operations(bond)) == []


async def test_two_escalations_at_once_make_one_bond(desk: Desk) -> None:
    """Of two escalations of one ticket at the same moment one is made and the other is a conflict."""
    for _ in range(8):
        number = await desk.ticket()
        both = await asyncio.gather(
            *(escalate(desk.context, number, "bmc", {}, who="agent") for _ in range(2)), return_exceptions=True
        )
        assert sorted(type(one) for one in both if isinstance(one, BaseException)) == [Conflict]
    await desk.send()
    assert len(desk.cases()) == 8


async def test_broken_bond_whose_case_is_back_heals(desk: Desk) -> None:
    """A bond that was broken by looks that missed is whole again once its case can be read."""
    bond = await desk.opened()
    await desk.execute("UPDATE bond SET state = 'broken', missed = 3")
    await reconcile(desk.context, desk.vendor_account, await desk.bond(bond))
    after = await desk.bond(bond)
    assert after.state is BondState.OPEN
    assert after.reference == bond.reference


async def test_commit_with_a_lost_answer_doubles_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a turn was committed and its answer lost, what it meant to send is looked for, and leaves in order."""
    bond = await desk.opened()
    for number in range(3):
        await desk.say(bond, f"comment {number}")
    hand = desk.dispatcher()
    await call_ended(hand, bond)
    break_commits(desk, monkeypatch, {1}, after=True)
    with pytest.raises(HubError):
        await hand.turn(claim=True)

    async def settled() -> bool:
        await desk.send(hand)
        await desk.execute("UPDATE outbox SET ready_at = now()")
        return not unsettled(await desk.operations(bond))

    await until(settled)
    assert bond.reference is not None
    assert desk.notes(bond.reference.number) == [f"comment {number}" for number in range(3)]


async def test_one_account_paused_leaves_another_alone(database_url: str) -> None:
    """A refused login pauses its own account; the other account's cases are opened."""
    async with open_desk(database_url, accounts=("bmc", "other")) as desk:
        desk.sim.faults.add("http_403", operation="create", times=1)
        mine = await desk.escalated()
        theirs = await desk.escalated(to="other")
        await desk.send()
        await desk.send(desk.dispatcher(account="other"))
        async with desk.storage.unit() as unit:
            lanes = {lane.account: lane for lane in await unit.lanes.all()}
        assert lanes["bmc"].paused_at is not None
        assert lanes["other"].paused_at is None
        assert desk.cases(mine.key) == []
        assert len(desk.cases(theirs.key)) == 1


async def test_a_timetable_that_ends_amid_a_call_raises_no_alarm(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever is called for at that moment is not called; nothing of it is a fault that an operator is to read."""
    asked, over = asyncio.Event(), asyncio.Event()

    async def hang(*_: object) -> bool:
        asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            over.set()
        return True

    monkeypatch.setattr("hub.db.streams.Streams.request", hang)
    scheduler = timetable(desk.context)
    for job in scheduler.get_jobs():
        job.modify(next_run_time=datetime.now(UTC))
    scheduler.start()
    async with asyncio.timeout(10):
        await asked.wait()
        scheduler.shutdown(wait=False)
        await over.wait()
    for _ in range(5):
        await asyncio.sleep(0)  # the scheduler hears of it in the next rounds
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []
