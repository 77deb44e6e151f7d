"""Facts about quarantine: one item costs only itself, what failed for a passing reason is fetched again, people see it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from vendor_kit import House, open_house

from hub.bonding.inbound.quarantine import LONGEST_WAIT, SOON, next_wait
from hub.bonding.outbound.escalate import escalate
from hub.bonding.repair import quarantine
from hub.db.quarantine import QuarantinedItem
from hub.errors import NotFound
from hub.model import Bond

DESK = "cards"


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    """A hub with an account whose vendor's comments are read case by case."""
    async with open_house(database_url, {DESK: ("entrust", "digital_card")}) as opened:
        yield opened


async def two_answered(house: House) -> tuple[Bond, Bond]:
    """Two bonds, whose cases the vendor has answered since they were read last."""
    numbers = [await house.ticket(f"Screen {name} stays black") for name in ("one", "two")]
    for number in numbers:
        await escalate(house.context, number, DESK, {"outage": "none"}, who="agent")
    await house.send(DESK)
    await house.pull(DESK, "cases")
    house.sims[DESK].clock.shift(300)
    async with house.context.storage.unit() as unit:
        first, second = [(await unit.bonds.find(number))[0] for number in numbers]
    for bond in (first, second):
        assert bond.reference is not None
        house.sims[DESK].act("answer", {"number": bond.reference.number, "text": f"About {bond.reference.number}"})
    return first, second


def break_comments(house: House, bond: Bond, kind: str) -> None:
    """Let the call for one case's comments fail."""
    assert bond.reference is not None
    house.sims[DESK].faults.add(kind, operation="notes", path=f"*/{bond.reference.id or bond.reference.number}/*")


async def answers(house: House, bond: Bond) -> int:
    """How many comments of the vendor's the bond's ticket has."""
    async with house.context.storage.unit() as unit:
        return len([comment for comment in await unit.comments.of_ticket(bond.ticket_id) if comment.origin == "vendor"])


async def items(house: House) -> list[QuarantinedItem]:
    return await quarantine.quarantined(house.context.storage)


async def make_due(house: House) -> None:
    async with house.context.storage.engine.begin() as connection:
        await connection.exec_driver_sql(
            "UPDATE quarantine SET due_at = now() - interval '1 second' WHERE due_at > now()"
        )


async def test_a_passing_fault_of_one_case_is_made_up_for(house: House) -> None:
    """The other case's answer arrives at once, the account goes on, and the late answer follows without a new change."""
    first, second = await two_answered(house)
    break_comments(house, first, "http_503")
    await house.pull(DESK, "cases")
    assert (await answers(house, first), await answers(house, second)) == (0, 1)
    [item] = await items(house)
    assert first.reference is not None
    assert (item.reference, item.tries) == (first.reference.number, 0)
    assert item.due_at is not None

    await make_due(house)
    await house.pull(DESK, "cases")  # still failing
    [item] = await items(house)
    assert item.tries == 1
    assert item.due_at is not None

    house.sims[DESK].faults.clear()
    await make_due(house)
    await house.pull(DESK, "cases")
    assert await answers(house, first) == 1
    assert await items(house) == []
    assert (await house.events(f"account:{DESK}"))[-2:] == ["quarantined", "quarantine_left"]


async def test_a_lasting_fault_waits_for_a_person(house: House) -> None:
    """A refused case has no next try until a person asks for one; dismissing takes it out unread."""
    first, second = await two_answered(house)
    for bond in (first, second):
        break_comments(house, bond, "http_403")
    await house.pull(DESK, "cases")
    assert {(item.due_at, item.tries) for item in await items(house)} == {(None, 0)}
    assert first.reference is not None
    assert second.reference is not None
    storage = house.context.storage
    [retried] = await quarantine.retry(storage, first.reference.number)
    assert retried.reference == first.reference.number
    await house.pull(DESK, "cases")
    tries = {item.reference: item.tries for item in await items(house)}
    assert tries[first.reference.number] > tries[second.reference.number]
    await quarantine.dismiss(storage, second.reference.number, who="ann")
    assert [item.reference for item in await items(house)] == [first.reference.number]
    with pytest.raises(NotFound, match="quarantine"):
        await quarantine.show(storage, second.reference.number)


async def test_an_item_that_reads_well_later_leaves_by_itself(house: House) -> None:
    """When a page brings the item again and it can be read, it is stored and leaves the quarantine."""
    first, second = await two_answered(house)
    break_comments(house, first, "http_403")
    await house.pull(DESK, "cases")
    assert len(await items(house)) == 1
    house.sims[DESK].faults.clear()
    await house.pull(DESK, "cases")  # the next reading overlaps with the last
    assert await items(house) == []
    assert (await answers(house, first), await answers(house, second)) == (1, 1)


def test_waits_grow_within_bounds() -> None:
    """For half an hour an item is fetched again within a minute each time, later every quarter of an hour."""
    waits = [next_wait(tries) for tries in range(1, 60)]
    assert waits == sorted(waits)
    assert (waits[0], waits[5], waits[-1]) == (timedelta(seconds=30), SOON, LONGEST_WAIT)
    assert sum((wait for wait in waits if wait <= SOON), timedelta()) > timedelta(minutes=25)
