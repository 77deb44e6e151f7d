"""A vendor that stores another value than it was given: the hub takes its word for the case, and keeps ours."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from vendor_kit import House, open_house

from hub.bonding.inbound.reconcile import reconcile
from hub.bonding.outbound import ticket_actions
from hub.bonding.outbound.escalate import escalate
from hub.model import Bond, Severity

DESK = "cards"


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    """A hub with an account at Entrust's Digital Card desk, which has severity 1 only where production is down."""
    async with open_house(database_url, {DESK: ("entrust", "digital_card")}) as opened:
        yield opened


async def opened(house: House, severity: Severity) -> Bond:
    """The bond of a new ticket, opened at the desk without an outage."""
    number = await house.ticket(severity=severity)
    await escalate(house.context, number, DESK, {"outage": "none"}, who="agent")
    await house.send(DESK)
    return await bond(house, number)


async def bond(house: House, number: str) -> Bond:
    async with house.context.storage.unit() as unit:
        return (await unit.bonds.find(number))[0]


async def severity(house: House, number: str) -> Severity:
    """The ticket's."""
    async with house.context.storage.unit() as unit:
        return (await unit.tickets.named(number)).severity


async def rounds(house: House, tied: Bond) -> None:
    """Let the hub send, read and compare three times, after something happened to the case each time."""
    assert tied.reference is not None
    for _ in range(3):
        house.sims[DESK].clock.shift(60)
        house.sims[DESK].touch(tied.reference.number)
        await house.send(DESK)
        await house.pull(DESK, "cases")
        await reconcile(house.context, house.vendor_account(DESK), await bond(house, tied.ticket_number))
    await house.send(DESK)


def writes(house: House) -> int:
    """How many calls that write have come in at the desk."""
    counted = house.sims[DESK].ledger.requests
    return sum(count for name, count in counted.items() if not name.startswith("GET "))


def priority(house: House, tied: Bond) -> int:
    """What the desk holds: 4 is severity 1."""
    assert tied.reference is not None
    return int(house.sims[DESK].state.tickets.get(tied.reference.number).values["priority"])


@pytest.mark.parametrize("raised", [False, True], ids=["opened with it", "raised to it"])
async def test_a_severity_that_the_vendor_stores_otherwise_goes_back_and_forth_never(
    house: House, raised: bool
) -> None:
    """The ticket keeps severity 1, the case 2, and the vendor is written to no more; its own later change counts."""
    tied = await opened(house, Severity.S3 if raised else Severity.S1)
    if raised:
        await ticket_actions.change(house.context, tied.ticket_number, severity=Severity.S1, who="agent")
    await house.send(DESK)
    wrote = writes(house)
    assert wrote == 1 + raised
    await rounds(house, tied)
    assert await severity(house, tied.ticket_number) is Severity.S1
    assert (writes(house), priority(house, tied)) == (wrote, 3)
    assert (await bond(house, tied.ticket_number)).picture["severity"] == 2

    house.sims[DESK].clock.shift(60)
    assert tied.reference is not None
    house.sims[DESK].act("set_severity", {"number": tied.reference.number, "severity": 4})
    await rounds(house, tied)
    assert await severity(house, tied.ticket_number) is Severity.S4
    assert (writes(house), priority(house, tied)) == (wrote, 1)
