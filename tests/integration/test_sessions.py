"""Remote support sessions: one key at a time, and a report that comes into the ticket once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

import pytest
from vendor_kit import House, open_house

from hub import sessions
from hub.customers.customers import store_customers
from hub.errors import CaseRefused, NotFound, NotIncluded, VendorUnavailable
from hub.model import Contract, Customer, Visibility
from hub.sla.offer import read_offer


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    """A hub with an appliance and a vendor that has none."""
    accounts = {"site": ("bomgar", "appliance"), "bmc": ("bmc_remedy", "")}
    async with open_house(database_url, accounts) as opened:
        yield opened


async def test_a_key_that_is_still_good_is_given_again(house: House) -> None:
    """Two requests for one ticket make one key; another ticket has its own; both are journalled."""
    first = await house.ticket()
    one = await sessions.start(house.context, first, "site", offer=read_offer(), who="agent")
    again = await sessions.start(house.context, first, "site", offer=read_offer(), who="agent")
    other = await sessions.start(house.context, await house.ticket(), "site", offer=read_offer(), who="agent")
    assert one.session.code == again.session.code != other.session.code
    assert one.session.address
    assert one.session.expires_at is not None
    assert await house.events(first) == ["ticket_added", "session_requested", "session_offered"]


async def test_a_lost_answer_is_journalled_and_asked_for_anew(house: House) -> None:
    """The key whose answer was lost is never used; the next request makes another."""
    number = await house.ticket()
    house.sims["site"].faults.add("lost_reply", method="POST", path="/api/command*", times=1)
    with pytest.raises(VendorUnavailable) as caught:
        await sessions.start(house.context, number, "site", offer=read_offer(), who="agent")
    assert caught.value.in_doubt
    assert "session_failed" in await house.events(number)
    assert (await sessions.start(house.context, number, "site", offer=read_offer(), who="agent")).session.code


async def test_a_report_comes_into_the_ticket_once(house: House) -> None:
    """The session that was held with the key is told with its transcript; its report is one private comment."""
    number = await house.ticket()
    made = await sessions.start(house.context, number, "site", offer=read_offer(), who="agent")
    sim = house.sims["site"]
    lsid = sim.act("join", {"code": made.session.code})
    sim.act("chat", {"lsid": lsid, "text": "Which browser do you use?"})
    sim.act("end", {"lsid": lsid})
    sim.clock.shift(120)
    for _ in range(3):
        await house.pull("site", sessions.SESSIONS)
    async with house.context.storage.unit() as unit:
        ticket = await unit.tickets.get(number)
        assert ticket is not None
        said = await unit.comments.of_ticket(ticket.id)
    assert [(one.origin, one.visibility, one.automatic) for one in said] == [("vendor", Visibility.PRIVATE, True)]
    (held,) = [one for one in await sessions.sessions(house.context, name=number) if one.session.ended_at]
    assert held.reported
    assert "Which browser do you use?" in [one.body for one in held.session.chat]
    assert (await house.events(number)).count("session_reported") == 1
    after = await sessions.start(house.context, number, "site", offer=read_offer(), who="agent")
    assert after.session.code != made.session.code


async def test_what_cannot_be_started_is_named(house: House) -> None:
    """An account without sessions, a ticket that there is not, a session that there is not."""
    with pytest.raises(CaseRefused, match="no remote sessions"):
        await sessions.start(house.context, await house.ticket(), "bmc", offer=read_offer(), who="agent")
    with pytest.raises(NotFound):
        await sessions.start(house.context, "RJR-999999", "site", offer=read_offer(), who="agent")
    with pytest.raises(NotFound):
        await sessions.sessions(house.context, name="RJR-999999")


async def test_the_plan_decides_whether_there_is_a_session(house: House) -> None:
    """Where contracts are kept, a ticket without one gets no key, and the vendor is not asked; a reason overrides it."""
    await house.ticket()
    northwind = Customer(
        number="1",
        name="N",
        contracts=(Contract(number="K", customer="1", plan="fast-track", starts_on=date(2020, 1, 1)),),
    )
    await store_customers(house.context.storage, [northwind], who="ops")
    number = await house.ticket()
    with pytest.raises(NotIncluded, match="no plan"):
        await sessions.start(house.context, number, "site", offer=read_offer(), who="agent")
    assert await house.events(number) == ["ticket_added"]
    made = await sessions.start(
        house.context, number, "site", offer=read_offer(), who="agent", override="an old friend"
    )
    assert made.session.code
    assert await house.events(number) == [
        "ticket_added",
        "entitlement_overridden",
        "session_requested",
        "session_offered",
    ]
    covered = await house.ticket(customer="N")
    assert (await sessions.start(house.context, covered, "site", offer=read_offer(), who="agent")).session.code
