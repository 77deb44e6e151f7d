"""What people do with parked operations and bonds: edit, replay, ignore, connect, unlink, relink, reconcile."""

from __future__ import annotations

import pytest
from desk_kit import Desk, call_ended, unsettled

from hub.bonding.inbound.reconcile import LOOKS, reconcile
from hub.bonding.judgement.outcome import MOST_TRIES
from hub.bonding.outbound import ticket_actions
from hub.bonding.outbound.escalate import escalate
from hub.bonding.repair import parked
from hub.bonding.repair.link import connect, relink, unlink
from hub.errors import BadInput, Conflict, NotFound, VendorError
from hub.model import Bond, BondState, Operation, OperationState, Severity


async def refused(desk: Desk, body: str = "refused at first") -> tuple[Bond, Operation]:
    """A bond, and its comment that the vendor refused."""
    bond = await desk.opened()
    desk.sim.faults.add("refused", operation="note", times=1)
    await desk.say(bond, body)
    await desk.send()
    [operation] = [one for one in await desk.operations(bond) if one.state is OperationState.PARKED]
    return bond, operation


async def test_edited_operation_leaves_as_mended(desk: Desk) -> None:
    """A parked comment that a person mends leaves with the new text, once."""
    bond, operation = await refused(desk)
    await parked.edit(desk.context, operation.id, {"body": "mended"}, who="agent")
    await parked.replay(desk.context, operation.id, who="agent")
    await desk.send()
    assert bond.reference is not None
    assert desk.notes(bond.reference.number) == ["mended"]
    assert {"edited", "replayed"} <= set(await desk.events(bond.ticket_number))


@pytest.mark.parametrize(
    ("changes", "error"), [({"nonsense": "x"}, BadInput), ({"key": "x"}, BadInput), ({"sha256": "x"}, BadInput)]
)
async def test_edit_takes_only_what_the_kind_carries(
    desk: Desk, changes: dict[str, str], error: type[Exception]
) -> None:
    """Unknown names and what identifies an operation can't be edited."""
    _, operation = await refused(desk)
    with pytest.raises(error):
        await parked.edit(desk.context, operation.id, changes, who="agent")
    assert (await parked.show(desk.context, operation.id)).payload == operation.payload


async def test_only_parked_operations_are_touched(desk: Desk) -> None:
    """What was sent can neither be edited nor replayed nor ignored; what isn't there is not found."""
    bond = await desk.opened()
    [sent] = await desk.operations(bond)
    with pytest.raises(Conflict):
        await parked.replay(desk.context, sent.id, who="agent")
    with pytest.raises(Conflict):
        await parked.ignore(desk.context, sent.id, who="agent")
    with pytest.raises(NotFound):
        await parked.replay(desk.context, 999, who="agent")


async def test_replay_of_a_doubt_looks_first(desk: Desk) -> None:
    """An opening that was parked in doubt and did arrive is found by its key when replayed; no second case."""
    bond = await desk.escalated()
    desk.sim.faults.add("lost_reply", operation="create", times=1)
    hand = desk.dispatcher()
    await call_ended(hand, bond)
    await desk.execute("UPDATE operation SET state = 'parked', error = 'InDoubt'")
    await desk.execute("UPDATE bond SET state = 'in_doubt'")
    await desk.execute("DELETE FROM outbox")
    [operation] = await desk.operations(bond)
    await parked.replay(desk.context, operation.id, who="agent")
    await desk.send()
    assert len(desk.cases(bond.key)) == 1
    assert (await desk.bond(bond)).state is BondState.OPEN


async def test_refused_opening_can_be_replayed_with_all_behind_it(desk: Desk) -> None:
    """A refused opening rejects the bond; replayed, the case is opened and what waited behind follows."""
    bond = await desk.escalated()
    await desk.say(bond, "waits behind")
    desk.sim.faults.add("refused", operation="create", times=1)
    await desk.send()
    assert (await desk.bond(bond)).state is BondState.REJECTED
    assert desk.cases() == []
    operation = (await desk.operations(bond))[0]
    assert operation.state is OperationState.PARKED
    await parked.replay(desk.context, operation.id, who="agent")
    await desk.send()
    after = await desk.bond(bond)
    assert after.reference is not None
    assert desk.notes(after.reference.number) == ["waits behind"]


async def test_connect_ties_a_ticket_to_a_case_that_is_there(desk: Desk) -> None:
    """A case that exists is tied to a ticket; comments go to it, and nothing new is opened."""
    other = await desk.opened()
    assert other.reference is not None
    await unlink(desk.context, other.key, who="agent")
    number = await desk.ticket()
    bond = await connect(desk.context, number, "bmc", other.reference.number, who="agent")
    assert bond.reference == other.reference
    assert bond.state is BondState.OPEN
    await desk.say(bond, "hello")
    await desk.send()
    assert desk.notes(other.reference.number) == ["hello"]
    assert len(desk.cases()) == 1


async def test_connect_refuses_a_case_of_another_ticket(desk: Desk) -> None:
    """A case belongs to one ticket."""
    other = await desk.opened()
    assert other.reference is not None
    with pytest.raises(Conflict, match=other.ticket_number):
        await connect(desk.context, await desk.ticket(), "bmc", other.reference.number, who="agent")


async def test_connect_settles_an_opening_that_waits(desk: Desk) -> None:
    """A person who names the case of a requested bond keeps it from being opened; what waits behind leaves."""
    other = await desk.opened()
    assert other.reference is not None
    await unlink(desk.context, other.key, who="agent")
    bond = await desk.escalated()
    await desk.say(bond, "for the named case")
    await connect(desk.context, bond.ticket_number, "bmc", other.reference.number, who="agent")
    await desk.send()
    assert len(desk.cases()) == 1
    assert desk.notes(other.reference.number) == ["for the named case"]
    states = [one.state for one in await desk.operations(bond)]
    assert states == [OperationState.IGNORED, OperationState.DONE]


async def test_unlink_keeps_back_what_waits(desk: Desk) -> None:
    """An untied bond sends nothing more and takes in no news; tied again it goes on."""
    bond = await desk.opened()
    assert bond.reference is not None
    await desk.say(bond, "never leaves")
    await unlink(desk.context, bond.key, who="agent")
    desk.sim.engineer.answer(bond.reference.number, "unheard for now")
    await desk.send()
    await desk.pull()
    assert desk.notes(bond.reference.number) == []
    assert unsettled(await desk.operations(bond)) == []
    async with desk.storage.unit() as unit:
        assert [one.body for one in await unit.comments.of_ticket(bond.ticket_id)] == ["never leaves"]
    assert (await relink(desk.context, bond.key, who="agent")).state is BondState.OPEN
    await desk.say(bond, "after")
    await desk.send()
    assert desk.notes(bond.reference.number) == ["after"]


async def test_operation_on_its_way_is_not_taken_back(desk: Desk) -> None:
    """Neither unlink nor connect pretends that a call under way did not happen."""
    bond = await desk.opened()
    await desk.say(bond, "on its way")
    desk.sim.faults.add("delay_before", operation="note", seconds=0.3)
    hand = desk.dispatcher()
    await hand.turn(claim=True)
    with pytest.raises(Conflict, match="is being sent"):
        await unlink(desk.context, bond.key, who="agent")
    await desk.send(hand)
    assert (await desk.bond(bond)).state is BondState.OPEN


async def test_missing_case_is_broken_only_after_several_looks(desk: Desk) -> None:
    """404 is looked at three times before a bond is broken, and its case is never opened again by itself."""
    bond = await desk.opened()
    assert bond.reference is not None
    desk.sim.engineer.delete(bond.reference.number)
    seen = []
    for _ in range(LOOKS + 1):
        differences = await reconcile(desk.context, desk.vendor_account, await desk.bond(bond))
        seen.append(((await desk.bond(bond)).state, differences[0].what))
    assert seen == [
        (BondState.OPEN, "case_missing"),
        (BondState.OPEN, "case_missing"),
        (BondState.BROKEN, "case_gone"),
        (BondState.BROKEN, "case_gone"),
    ]
    await desk.send()
    await desk.pull()
    assert len(desk.cases(bond.key)) == 1
    assert (await desk.events(bond.ticket_number)).count("case_gone") == 1


async def test_one_missed_look_is_forgotten(desk: Desk) -> None:
    """A case that is found again starts the count of misses anew."""
    bond = await desk.opened()
    desk.sim.faults.add("missing_entry", times=2)
    for _ in range(2):
        await reconcile(desk.context, desk.vendor_account, await desk.bond(bond))
    desk.sim.faults.clear()
    await reconcile(desk.context, desk.vendor_account, await desk.bond(bond))
    assert await desk.row("SELECT state, missed FROM bond") == ("open", 0)


@pytest.mark.parametrize("fault", ["http_403", "http_503"])
async def test_refusal_to_read_says_nothing_about_the_case(desk: Desk, fault: str) -> None:
    """403 and 5xx never count as a missing case."""
    bond = await desk.opened()
    desk.hurry()
    desk.sim.faults.add(fault)
    for _ in range(LOOKS + 1):
        with pytest.raises(VendorError):
            await reconcile(desk.context, desk.vendor_account, await desk.bond(bond))
    assert await desk.row("SELECT state, missed FROM bond") == ("open", 0)


async def test_reconcile_brings_what_no_news_told(desk: Desk) -> None:
    """A comment and a severity that no stream told of are taken in; a second look finds no difference."""
    bond = await desk.opened()
    assert bond.reference is not None
    desk.sim.clock.shift(60)
    desk.sim.engineer.answer(bond.reference.number, "unheard of")
    desk.sim.engineer.set_severity(bond.reference.number, 1)
    found = await reconcile(desk.context, desk.vendor_account, await desk.bond(bond))
    assert {one.what for one in found} >= {"severity", "comment_new"}
    assert await reconcile(desk.context, desk.vendor_account, await desk.bond(bond)) == []
    async with desk.storage.unit() as unit:
        assert [one.body for one in await unit.comments.of_ticket(bond.ticket_id)] == ["unheard of"]
        ticket = await unit.tickets.get(bond.ticket_number)
    assert ticket is not None
    assert ticket.severity is Severity.S1


async def test_escalating_again_is_a_conflict_until_the_bond_ends(desk: Desk) -> None:
    """A ticket with an open bond is not escalated twice; after unlinking it may be, under a new key."""
    bond = await desk.opened()
    with pytest.raises(Conflict):
        await escalate(desk.context, bond.ticket_number, "bmc", {}, who="agent")
    await unlink(desk.context, bond.key, who="agent")
    again = await escalate(desk.context, bond.ticket_number, "bmc", {}, who="agent")
    await desk.send()
    assert again.key != bond.key
    assert [len(desk.cases(key)) for key in (bond.key, again.key)] == [1, 1]


async def test_closed_ticket_is_not_escalated(desk: Desk) -> None:
    """A ticket that is closed opens no case."""
    bond = await desk.opened()
    await ticket_actions.close(desk.context, bond.ticket_number, "done", who="agent")
    await desk.send()
    with pytest.raises(Conflict, match="closed"):
        await escalate(desk.context, bond.ticket_number, "bmc", {}, who="agent")


async def test_ignored_comment_lets_what_waits_behind_it_go_on(desk: Desk) -> None:
    """A parked comment that a person ignores never leaves, and the next one does."""
    bond, operation = await refused(desk)
    await desk.say(bond, "the next")
    await parked.ignore(desk.context, operation.id, who="agent")
    await desk.send()
    assert bond.reference is not None
    assert desk.notes(bond.reference.number) == ["the next"]


async def test_ignored_opening_takes_along_what_waits_for_the_case(desk: Desk) -> None:
    """Without its opening a bond has no case, so nothing of it waits for ever where no list shows it."""
    desk.sim.faults.add("refused", operation="create", times=1)
    bond = await desk.escalated()
    await desk.say(bond, "for a case that never was")
    await desk.send()
    opening, _ = await desk.operations(bond)
    assert opening.state is OperationState.PARKED
    await parked.ignore(desk.context, opening.id, who="agent")
    assert {one.state for one in await desk.operations(bond)} == {OperationState.IGNORED}
    assert desk.cases(bond.key) == []


async def test_a_doubt_that_never_settles_ends_with_a_person(desk: Desk) -> None:
    """An operation that was sent and lost as often as it may be is parked for the operator."""
    bond = await desk.escalated()
    await desk.execute(
        f"UPDATE operation SET attempts = {MOST_TRIES}, state = 'in_doubt', sent_at = now() - interval '1 h'"
    )
    await desk.send()
    [opening] = await desk.operations(bond)
    assert (opening.state, opening.who_acts) == (OperationState.PARKED, "operator")
    assert desk.cases(bond.key) == []
