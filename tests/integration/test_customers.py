"""Customers and contracts: kept once, changed with an entry, found for tickets."""

from __future__ import annotations

from datetime import date

import pytest

from hub.customers import customers
from hub.db import journal
from hub.db.storage import Storage
from hub.desk.store import add_ticket
from hub.errors import BadInput, Conflict, NotFound
from hub.model import Contact, Contract, Coverage, Customer, Severity, TicketDraft

PLANS = {"fast-track", "continuous"}
CONTRACT = Contract(number="K-1", customer="100", plan="fast-track", starts_on=date(2020, 1, 1))
NORTHWIND = Customer(
    number="100",
    name="Northwind Traders",
    language="fr",
    province="QC",
    zone="America/Toronto",
    account_manager="carla",
    contacts=(Contact(name="Ana", email="ana@northwind.example"),),
    contracts=(CONTRACT,),
)


async def events(storage: Storage, chain: str) -> list[tuple[str, dict[str, object]]]:
    async with storage.unit() as unit:
        return [(one.kind, one.data) for one in await journal.read(unit.connection, chain)]


async def covered(storage: Storage, number: str) -> Coverage:
    async with storage.unit() as unit:
        ticket = await unit.tickets.get(number)
        assert ticket is not None
        return await customers.contract_of(unit, ticket, PLANS)


async def ticket(storage: Storage, customer: str = "northwind traders") -> str:
    draft = TicketDraft(title="T", severity=Severity.S2, customer=customer, product="Helix")
    return (await add_ticket(storage, "RJR", draft, who="agent")).number


async def test_a_second_time_does_nothing(storage: Storage) -> None:
    """The same customers again change nothing and write no entry; no name stands in the journal."""
    first = await customers.store_customers(storage, [NORTHWIND], who="ops")
    again = await customers.store_customers(storage, [NORTHWIND], who="ops")
    assert (first.added, again.unchanged) == (1, 1)
    told = await events(storage, "customer:100")
    assert [kind for kind, _ in told] == ["customer_added", "contract_added"]
    assert "Northwind" not in str(told)
    async with storage.unit() as unit:
        assert await unit.customers.get("100") == NORTHWIND
        assert [one.customer for one in await unit.customers.page(find="WIND trad")] == [NORTHWIND]


async def test_a_change_says_what_was_before(storage: Storage) -> None:
    """A new plan is journalled with the old one; what a file does not tell stays."""
    await customers.store_customers(storage, [NORTHWIND], who="ops")
    later = NORTHWIND.evolve(name="Northwind", contracts=())
    assert (await customers.store_customers(storage, [later], who="ops")).changed == 1
    await customers.edit_contract(storage, "K-1", {"plan": "continuous"}, who="ops")
    kind, data = (await events(storage, "customer:100"))[-1]
    assert (kind, data["plan"], data["before"], data["fields"]) == (
        "contract_changed",
        "continuous",
        "fast-track",
        ["plan"],
    )


async def test_all_or_none_is_stored(storage: Storage) -> None:
    """A contract that belongs to another customer stops the whole of it."""
    await customers.store_customers(storage, [NORTHWIND], who="ops")
    other = Customer(number="200", name="Contoso", contracts=(CONTRACT.evolve(customer="200"),))
    with pytest.raises(Conflict, match="belongs to customer 100"):
        await customers.store_customers(storage, [Customer(number="150", name="Fabrikam"), other], who="ops")
    async with storage.unit() as unit:
        assert await unit.customers.get("150") is None
    with pytest.raises(Conflict, match="already"):
        await customers.add_contract(storage, CONTRACT, who="ops")
    with pytest.raises(BadInput, match="before it starts"):
        await customers.edit_contract(storage, "K-1", {"ends_on": date(2019, 1, 1)}, who="ops")
    for missing in (
        customers.edit_customer(storage, "9", {"name": "x"}, who="ops"),
        customers.edit_contract(storage, "K-9", {"plan": "x"}, who="ops"),
        customers.assign(storage, "RJR-999999", "", who="ops"),
    ):
        with pytest.raises(NotFound):
            await missing


async def test_a_ticket_finds_its_contract_and_an_operator_may_choose(storage: Storage) -> None:
    """By customer and day; the operator's choice holds, is journalled, and can be taken back."""
    number = await ticket(storage)
    assert (await covered(storage, number)).why == "the ticket's customer is unknown"
    await customers.store_customers(storage, [NORTHWIND], who="ops")
    assert (await covered(storage, number)).plan == "fast-track"
    special = CONTRACT.evolve(number="K-2", plan="continuous", products=("Remote",))
    await customers.add_contract(storage, special, who="ops")
    await customers.assign(storage, number, "K-2", who="ops")
    await customers.assign(storage, number, "K-2", who="ops")
    assert (await covered(storage, number)).plan == "continuous"
    told = [data for kind, data in await events(storage, number) if kind == "ticket_changed"]
    assert [(one["contract"], one["before"]) for one in told] == [("K-2", "")]
    await customers.assign(storage, number, "", who="ops")
    assert (await covered(storage, number)).contract == "K-1"
    with pytest.raises(NotFound):
        await customers.assign(storage, number, "K-9", who="ops")


async def test_an_edited_customer_is_found_by_its_new_name(storage: Storage) -> None:
    """The name that desks write is looked for as it is now."""
    await customers.store_customers(storage, [NORTHWIND], who="ops")
    await customers.edit_customer(storage, "100", {"name": "Norðvindur ehf."}, who="ops")
    assert (await covered(storage, await ticket(storage, "NORÐVINDUR  EHF."))).contract == "K-1"
    assert not (await covered(storage, await ticket(storage))).contract


async def test_the_tickets_that_hang_on_a_customer_are_found(storage: Storage) -> None:
    """By number, by name in any case, and by a contract that was chosen; others' and closed ones are not."""
    await customers.store_customers(storage, [NORTHWIND], who="ops")
    wanted = [await ticket(storage, name) for name in ("100", " NORTHWIND  traders ", "Contoso")]
    await customers.assign(storage, wanted[-1], "K-1", who="ops")
    await ticket(storage, "Contoso")
    closed = await ticket(storage, "100")
    async with storage.unit() as unit:
        found = await unit.tickets.get(closed)
        assert found is not None
        await unit.tickets.change(found.id, {"status": "closed"}, unit.now)
        assert await unit.customers.tickets_of([NORTHWIND]) == wanted
        assert await unit.customers.tickets_of([NORTHWIND.evolve(number="7", name="x", contracts=())]) == []
