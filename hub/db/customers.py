"""Customers and their contracts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db.tables.customers import ContractRow, CustomerRow
from hub.model import Contact, Contract, Customer, Value
from hub.model.journal import kind_of
from hub.model.journal.tickets import EntitlementOverridden

_OVERRIDE = text(
    "SELECT data->>'who' AS who, data->>'reason' AS reason FROM journal WHERE chain = :ticket "
    "AND kind = :kind AND data->>'feature' = :feature ORDER BY position DESC LIMIT 1"
)
_UNCLOSED = text("SELECT DISTINCT customer FROM ticket WHERE status <> 'closed' AND customer <> ''")
_TICKETS = text(
    "SELECT number FROM ticket WHERE status <> 'closed' AND (customer = ANY(:customers) OR contract = ANY(:contracts)) "
    "ORDER BY number"
)
_CUSTOMER, _CONTRACT = CustomerRow.__table__, ContractRow.__table__


class StoredCustomer(Value, frozen=True):
    """A customer with its id, which orders lists."""

    id: int
    customer: Customer


def known_as(name: str) -> str:
    """A name as it is compared: case and spacing ignored."""
    return " ".join(name.split()).casefold()


def _contract(row: Row[Any]) -> Contract:
    values = {name: getattr(row, name) for name in Contract.__struct_fields__}
    return Contract(**{**values, "products": tuple(row.products)})


def _customer(row: Row[Any], contracts: Iterable[Contract]) -> Customer:
    return Customer(
        number=row.number,
        name=row.name,
        language=row.language,
        province=row.province,
        zone=row.zone,
        account_manager=row.account_manager,
        contacts=tuple(Contact(**contact) for contact in row.contacts),
        contracts=tuple(contracts),
    )


class Customers:
    """The customers within one unit of work."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, number: str, *, lock: bool = False) -> Customer | None:
        """The customer with this number; with `lock`, locked until the unit ends."""
        query = select(_CUSTOMER).where(_CUSTOMER.c.number == number)
        rows = await self._with_contracts(query.with_for_update() if lock else query)
        return rows[0].customer if rows else None

    async def named(self, names: Collection[str]) -> list[Customer]:
        """Every customer with one of these as its number or name."""
        if not (wanted := {name for name in names if name.strip()}):
            return []
        folded = [known_as(name) for name in wanted]
        numbers = [name.strip() for name in wanted]
        query = select(_CUSTOMER).where(or_(_CUSTOMER.c.number.in_(numbers), _CUSTOMER.c.known_as.in_(folded)))
        return [stored.customer for stored in await self._with_contracts(query)]

    async def page(self, *, after: int = 0, limit: int = 50, find: str = "") -> list[StoredCustomer]:
        """Oldest first; the next page continues after the last id of this one."""
        query = select(_CUSTOMER).where(_CUSTOMER.c.id > after).order_by(_CUSTOMER.c.id).limit(limit)
        if find:
            query = query.where(
                or_(_CUSTOMER.c.known_as.contains(known_as(find), autoescape=True), _CUSTOMER.c.number == find)
            )
        return await self._with_contracts(query)

    async def _with_contracts(self, query: Any) -> list[StoredCustomer]:
        rows = list(await self._connection.execute(query))
        contracts: dict[str, list[Contract]] = {row.number: [] for row in rows}
        for contract in await self._contracts(_CONTRACT.c.customer.in_(list(contracts))) if rows else ():
            contracts[contract.customer].append(contract)
        return [StoredCustomer(id=row.id, customer=_customer(row, contracts[row.number])) for row in rows]

    async def contracts(self, numbers: Sequence[str]) -> dict[str, Contract]:
        """The existing ones of these contracts, by number."""
        contracts = await self._contracts(_CONTRACT.c.number.in_(numbers)) if numbers else []
        return {contract.number: contract for contract in contracts}

    async def any_contract(self) -> bool:
        """Whether any contract exists."""
        return bool(await self._connection.scalar(text("SELECT EXISTS (SELECT FROM contract)")))

    async def override(self, ticket: str, feature: str) -> tuple[str, str] | None:
        """Who last overrode the plan to allow a ticket this feature, and the reason."""
        row = (
            await self._connection.execute(
                _OVERRIDE, {"kind": kind_of(EntitlementOverridden), "ticket": ticket, "feature": feature}
            )
        ).one_or_none()
        return (row.who, row.reason) if row else None

    async def _contracts(self, where: Any) -> list[Contract]:
        query = select(_CONTRACT).where(where).order_by(_CONTRACT.c.starts_on, _CONTRACT.c.number)
        return [_contract(row) for row in await self._connection.execute(query)]

    async def tickets_of(self, customers: Iterable[Customer]) -> list[str]:
        """Numbers of open tickets whose plan may depend on these customers, by name or by a chosen contract."""
        customers = list(customers)
        names = {customer.number for customer in customers} | {known_as(customer.name) for customer in customers}
        written = [row.customer for row in await self._connection.execute(_UNCLOSED)]
        values = {
            "customers": [name for name in written if name.strip() in names or known_as(name) in names],
            "contracts": [contract.number for customer in customers for contract in customer.contracts],
        }
        return list(await self._connection.scalars(_TICKETS, values))

    async def store(self, customer: Customer, now: datetime) -> None:
        """Store or update a customer, without its contracts."""
        values = customer.plain()
        del values["contracts"]
        statement = insert(CustomerRow).values(**values, known_as=known_as(customer.name), updated_at=now)
        updates = {name: statement.excluded[name] for name in (*values, "known_as", "updated_at")}
        await self._connection.execute(statement.on_conflict_do_update(index_elements=["number"], set_=updates))

    async def store_contract(
        self, contract: Contract, now: datetime, follow_up_on: date, *, plan_changed: bool
    ) -> None:
        """Store or update a contract; its customer must exist.

        The next follow-up is stored for a new contract, and for one whose plan changed.
        """
        values = {name: getattr(contract, name) for name in Contract.__struct_fields__}
        values |= {"products": list(contract.products), "updated_at": now}
        calls = {"follow_up_on": follow_up_on, "follow_up_reminded_at": None}
        updates = values | calls if plan_changed else values
        statement = insert(ContractRow).values(**values, **calls)
        await self._connection.execute(statement.on_conflict_do_update(index_elements=["number"], set_=updates))
