"""Stores customers and contracts, records their changes, and finds the contract of a ticket."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from hub.db.customers import StoredCustomer
from hub.db.storage import Storage
from hub.db.unit import Unit
from hub.errors import BadInput, Conflict, NotFound
from hub.model import Contract, Coverage, Customer, Ticket, Value
from hub.model.journal.accounts import ContractAdded, ContractChanged, CustomerAdded, CustomerChanged
from hub.model.journal.tickets import TicketChanged
from hub.sla.contracts import day_of, find_coverage, months_after, next_follow_up

BATCH = 500
"""Tickets per query."""


class TicketCoverage(Value, frozen=True):
    """A ticket and the contract that covers it, or why none does."""

    ticket: Ticket
    coverage: Coverage


@dataclass
class StoreCounts:
    """How many customers were stored; a changed contract counts as a changed customer."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0


async def contract_of(unit: Unit, ticket: Ticket, plans: Collection[str]) -> Coverage:
    """The ticket's plan and contract, or why it has none; `plans` are the offer's."""
    return (await contracts_of(unit, [ticket], plans))[0]


async def contracts_of(unit: Unit, tickets: Sequence[Ticket], plans: Collection[str]) -> list[Coverage]:
    """For each of the tickets, its plan and contract, or why it has none."""
    customers = await unit.customers.named({ticket.customer for ticket in tickets if not ticket.contract})
    chosen = await unit.customers.contracts([ticket.contract for ticket in tickets if ticket.contract])
    return [find_coverage(ticket, customers, chosen, plans) for ticket in tickets]


async def coverage(storage: Storage, number: str, plans: Collection[str]) -> Coverage:
    """The contract that covers a ticket, or why none does. Raises NotFound."""
    async with storage.unit() as unit:
        return await contract_of(unit, await unit.tickets.named(number), plans)


async def without_contract(
    storage: Storage, plans: Collection[str], *, before: int | None = None, limit: int = 50
) -> tuple[list[TicketCoverage], int | None]:
    """Tickets that are not closed and that no contract covers, newest first, and the `before` of the next page."""
    uncovered: list[TicketCoverage] = []
    async with storage.unit() as unit:
        while page := await unit.tickets.unclosed(before=before, limit=BATCH):
            for ticket, covered in zip(page, await contracts_of(unit, page, plans), strict=True):
                before = ticket.id
                if not covered.contract:
                    uncovered.append(TicketCoverage(ticket=ticket, coverage=covered))
                if len(uncovered) == limit:
                    return uncovered, before
    return uncovered, None


async def customers(storage: Storage, *, after: int = 0, limit: int = 50, find: str = "") -> list[StoredCustomer]:
    """Customers with their contracts, oldest first; for the next page pass the last id as `after`."""
    async with storage.unit() as unit:
        return await unit.customers.page(after=after, limit=limit, find=find)


async def customer(storage: Storage, number: str) -> Customer:
    """One customer. Raises NotFound."""
    async with storage.unit() as unit:
        return await _customer(unit, number)


async def store_customers(storage: Storage, customers: Sequence[Customer], *, who: str) -> StoreCounts:
    """Add or update customers with their contracts, all or none; contracts that are not given stay.

    Raises Conflict when a contract belongs to another customer.
    """
    counts = StoreCounts()
    async with storage.unit() as unit:
        for customer in sorted(customers, key=lambda customer: customer.number):  # in one order, against deadlocks
            await _store(unit, customer, counts, who)
    return counts


async def add_customer(storage: Storage, customer: Customer, *, who: str) -> Customer:
    """Add a customer. Raises Conflict when its number is taken."""
    async with storage.unit() as unit:
        if await unit.customers.get(customer.number):
            raise Conflict(
                f"customer {customer.number} already exists", next_step="change it with `hub customers edit`"
            )
        await _store(unit, customer, StoreCounts(), who)
    return customer


async def edit_customer(storage: Storage, number: str, changes: dict[str, object], *, who: str) -> Customer:
    """Change fields of a customer. Raises NotFound."""
    async with storage.unit() as unit:
        stored = await _customer(unit, number, lock=True)
        changed = stored.evolve(**changes)
        await _store(unit, changed, StoreCounts(), who)
    return changed


async def edit_contract(storage: Storage, number: str, changes: dict[str, object], *, who: str) -> Contract:
    """Change fields of a contract. Raises NotFound, and BadInput when it would end before it starts."""
    async with storage.unit() as unit:
        contract = await _contract(unit, number)
        customer = await _customer(unit, contract.customer, lock=True)
        (contract,) = (locked for locked in customer.contracts if locked.number == number)
        changed = contract.evolve(**changes)
        await _store(unit, customer.evolve(contracts=(changed,)), StoreCounts(), who)
    return changed


async def add_contract(storage: Storage, contract: Contract, *, who: str) -> Contract:
    """Add a contract to a customer. Raises NotFound, and Conflict when its number is taken."""
    async with storage.unit() as unit:
        customer = await _customer(unit, contract.customer, lock=True)
        if await unit.customers.contracts([contract.number]):
            raise Conflict(
                f"contract {contract.number} already exists", next_step="change it with `hub contracts edit`"
            )
        await _store(unit, customer.evolve(contracts=(contract,)), StoreCounts(), who)
    return contract


async def assign(storage: Storage, number: str, contract: str, *, who: str) -> Ticket:
    """Set a ticket's contract; empty to find it by customer, product and day. Raises NotFound."""
    async with storage.unit() as unit:
        ticket = await unit.tickets.named(number, lock=True)
        if contract:
            await _contract(unit, contract)
        if contract == ticket.contract:
            return ticket
        await unit.tickets.change(ticket.id, {"contract": contract}, unit.now)
        changed = TicketChanged(by=who, fields=("contract",), contract=contract, before=ticket.contract)
        unit.note(number, changed)
        return ticket.evolve(contract=contract)


async def _customer(unit: Unit, number: str, *, lock: bool = False) -> Customer:
    customer = await unit.customers.get(number, lock=lock)
    if customer is None:
        raise NotFound(f"no customer has number {number}", next_step="see `hub customers list`")
    return customer


async def _contract(unit: Unit, number: str) -> Contract:
    contracts = await unit.customers.contracts([number])
    if not contracts:
        raise NotFound(f"no contract has number {number}", next_step="see `hub customers show`")
    return contracts[number]


async def _store(unit: Unit, customer: Customer, counts: StoreCounts, who: str) -> None:
    chain = f"customer:{customer.number}"
    before = await unit.customers.get(customer.number, lock=True)
    fields = _changed(before, customer, leave=("contracts",)) if before else []
    if before is None or fields:
        await unit.customers.store(customer, unit.now)
        unit.note(chain, CustomerChanged(who=who, fields=tuple(fields)) if before else CustomerAdded(who=who))
    touched = await _store_contracts(unit, customer, before, who)
    if before is None:
        counts.added += 1
    elif fields or touched:
        counts.changed += 1
    else:
        counts.unchanged += 1
        return
    versions = [customer] if before is None else [before, customer]
    await unit.watches.schedule(await unit.customers.tickets_of(versions), unit.now)


async def _store_contracts(unit: Unit, customer: Customer, stored: Customer | None, who: str) -> bool:
    here = {contract.number: contract for contract in stored.contracts} if stored else {}
    numbers = [contract.number for contract in customer.contracts]
    others = await unit.customers.contracts([number for number in numbers if number not in here])
    touched = False
    for contract in customer.contracts:
        if other := others.get(contract.number):
            raise Conflict(
                f"contract {contract.number} belongs to customer {other.customer}, not to {customer.number}",
                next_step="give the new contract a number of its own; nothing was stored",
            )
        if contract.ends_on is not None and contract.ends_on < contract.starts_on:
            raise BadInput(f"contract {contract.number} ends before it starts", next_step="correct its dates")
        before = here.get(contract.number)
        if contract == before:
            continue
        touched = True
        plan_changed = before is not None and before.plan != contract.plan
        today = day_of(unit.now, customer)
        call = months_after(today) if plan_changed else next_follow_up(contract.starts_on, today)
        await unit.customers.store_contract(contract, unit.now, call, plan_changed=plan_changed)
        unit.note(f"customer:{customer.number}", _contract_entry(before, contract, who))
    return touched


def _contract_entry(before: Contract | None, contract: Contract, who: str) -> ContractAdded | ContractChanged:
    added = ContractAdded(
        contract=contract.number, who=who, plan=contract.plan, starts_on=contract.starts_on, ends_on=contract.ends_on
    )
    if before is None:
        return added
    return ContractChanged(
        contract=added.contract,
        who=who,
        plan=added.plan,
        starts_on=added.starts_on,
        ends_on=added.ends_on,
        fields=tuple(_changed(before, contract)),
        before=before.plan,
    )


def _changed(before: Customer | Contract, after: Customer | Contract, leave: Collection[str] = ()) -> list[str]:
    fields = (name for name in after.__struct_fields__ if name not in leave)
    return [name for name in fields if getattr(before, name) != getattr(after, name)]
