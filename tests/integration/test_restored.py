"""After a backup was put back: what the hub has forgotten is looked for at the vendor before it is sent."""

from __future__ import annotations

from desk_kit import Desk

from hub.bonding.outbound.escalate import escalate
from hub.bonding.repair.after_restore import restored
from hub.model import Bond, OperationState


async def forget(desk: Desk, bond: Bond) -> None:
    """Put the bond back to where it stood before it was sent, as a backup would."""
    await desk.execute(f"UPDATE operation SET state = 'ready', attempts = 0, sent_at = NULL WHERE bond_id = {bond.id}")
    await desk.execute(
        f"UPDATE bond SET state = 'requested', case_number = '', case_id = '', picture = '{{}}' WHERE id = {bond.id}"
    )


async def test_what_waited_in_the_backup_is_looked_for_before_it_is_sent(desk: Desk) -> None:
    """An opening that was sent after the backup is found at the vendor: there is still one case."""
    bond = await desk.opened()
    await forget(desk, bond)
    assert await restored(desk.context, who="operator") == 1
    await desk.send()
    assert len(desk.cases(bond.key)) == 1
    assert (await desk.bond(bond)).reference == bond.reference
    assert [one.state for one in await desk.operations(bond)] == [OperationState.DONE]
    assert "restored" in await desk.events("hub")


async def test_an_older_ticket_escalated_again_finds_its_forgotten_case(desk: Desk) -> None:
    """A bond that the backup does not have at all gets the case that the vendor has for it."""
    number = await desk.ticket()
    first = await escalate(desk.context, number, "bmc", {}, who="agent")
    await desk.send()
    for table in ("outbox", "operation", "comment", "attachment", "conflict"):
        await desk.execute(f"DELETE FROM {table} WHERE bond_id = {first.id}")
    await desk.execute(f"DELETE FROM bond WHERE id = {first.id}")
    await restored(desk.context, who="operator")
    again = await escalate(desk.context, number, "bmc", {}, who="agent")
    await desk.send()
    assert again.key == first.key
    assert len(desk.cases(first.key)) == 1
    assert (await desk.bond(again)).reference is not None


async def test_a_ticket_that_came_after_the_restore_is_not_looked_for(desk: Desk) -> None:
    """Only what may have been forgotten costs a look."""
    await restored(desk.context, who="operator")
    bond = await desk.opened()
    assert "looking" not in await desk.events(bond.ticket_number)
    assert len(desk.cases(bond.key)) == 1
