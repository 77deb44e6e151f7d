"""Customers and contracts as the hub keeps them."""

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
    "SELECT number FROM ticket WHERE status <> 'closed' AND (customer = ANY(:told) OR contract = ANY(:contracts)) "
    "ORDER BY number"
)
_C, _A = CustomerRow.__table__, ContractRow.__table__


class StoredCustomer(Value, frozen=True):
    """A customer, and its place in the list."""

    id: int
    customer: Customer


def known_as(name: str) -> str:
    """A name as it is looked for: letter case and blanks aside."""
    return " ".join(name.split()).casefold()


def _contract(row: Row[Any]) -> Contract:
    told = {name: getattr(row, name) for name in Contract.__struct_fields__}
    return Contract(**{**told, "products": tuple(row.products)})


def _customer(row: Row[Any], contracts: Iterable[Contract]) -> Customer:
    return Customer(
        number=row.number,
        name=row.name,
        language=row.language,
        province=row.province,
        zone=row.zone,
        account_manager=row.account_manager,
        contacts=tuple(Contact(**one) for one in row.contacts),
        contracts=tuple(contracts),
    )


class Customers:
    """The customers within one unit of work."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, number: str, *, lock: bool = False) -> Customer | None:
        """The customer with this number; with `lock`, nobody else changes it until the unit ends."""
        asked = select(_C).where(_C.c.number == number)
        found = await self._with_contracts(asked.with_for_update() if lock else asked)
        return found[0].customer if found else None

    async def named(self, names: Collection[str]) -> list[Customer]:
        """Every customer that has one of these as its number or name."""
        if not (wanted := {name for name in names if name.strip()}):
            return []
        folded = [known_as(name) for name in wanted]
        numbers = [name.strip() for name in wanted]
        asked = select(_C).where(or_(_C.c.number.in_(numbers), _C.c.known_as.in_(folded)))
        return [one.customer for one in await self._with_contracts(asked)]

    async def page(self, *, after: int = 0, limit: int = 50, find: str = "") -> list[StoredCustomer]:
        """In the order in which they came; the next page is what comes after the last one's id."""
        asked = select(_C).where(_C.c.id > after).order_by(_C.c.id).limit(limit)
        if find:
            asked = asked.where(or_(_C.c.known_as.contains(known_as(find), autoescape=True), _C.c.number == find))
        return await self._with_contracts(asked)

    async def _with_contracts(self, asked: Any) -> list[StoredCustomer]:
        rows = list(await self._connection.execute(asked))
        contracts: dict[str, list[Contract]] = {row.number: [] for row in rows}
        for one in await self._contracts(_A.c.customer.in_(list(contracts))) if rows else ():
            contracts[one.customer].append(one)
        return [StoredCustomer(id=row.id, customer=_customer(row, contracts[row.number])) for row in rows]

    async def contracts(self, numbers: Sequence[str]) -> dict[str, Contract]:
        """These contracts, by number; those that there are not are left out."""
        found = await self._contracts(_A.c.number.in_(numbers)) if numbers else []
        return {one.number: one for one in found}

    async def any_contract(self) -> bool:
        """Whether there is one at all."""
        return bool(await self._connection.scalar(text("SELECT EXISTS (SELECT FROM contract)")))

    async def override(self, ticket: str, feature: str) -> tuple[str, str] | None:
        """Who last allowed a ticket a feature against its plan, and why."""
        row = (
            await self._connection.execute(
                _OVERRIDE, {"kind": kind_of(EntitlementOverridden), "ticket": ticket, "feature": feature}
            )
        ).one_or_none()
        return (row.who, row.reason) if row else None

    async def _contracts(self, where: Any) -> list[Contract]:
        asked = select(_A).where(where).order_by(_A.c.starts_on, _A.c.number)
        return [_contract(row) for row in await self._connection.execute(asked)]

    async def tickets_of(self, customers: Iterable[Customer]) -> list[str]:
        """The numbers of unclosed tickets whose plan may hang on these customers, by their names or by a choice."""
        known = list(customers)
        names = {one.number for one in known} | {known_as(one.name) for one in known}
        told = [row.customer for row in await self._connection.execute(_UNCLOSED)]
        asked = {
            "told": [one for one in told if one.strip() in names or known_as(one) in names],
            "contracts": [one.number for customer in known for one in customer.contracts],
        }
        return list(await self._connection.scalars(_TICKETS, asked))

    async def store(self, customer: Customer, now: datetime) -> None:
        """Store a customer, its contracts left out, or bring it up to date."""
        told = customer.plain()
        del told["contracts"]
        made = insert(CustomerRow).values(**told, known_as=known_as(customer.name), updated_at=now)
        kept = {name: made.excluded[name] for name in (*told, "known_as", "updated_at")}
        await self._connection.execute(made.on_conflict_do_update(index_elements=["number"], set_=kept))

    async def store_contract(
        self, contract: Contract, now: datetime, follow_up_on: date, *, plan_changed: bool
    ) -> None:
        """Store a contract, or bring it up to date; its customer must exist.

        The day of the next follow-up is kept with a new contract, and with one whose plan changed.
        """
        told = {name: getattr(contract, name) for name in Contract.__struct_fields__}
        told |= {"products": list(contract.products), "updated_at": now}
        calls = {"follow_up_on": follow_up_on, "follow_up_reminded_at": None}
        kept = told | calls if plan_changed else told
        made = insert(ContractRow).values(**told, **calls)
        await self._connection.execute(made.on_conflict_do_update(index_elements=["number"], set_=kept))
