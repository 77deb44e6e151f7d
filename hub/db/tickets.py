"""Tickets of the hub's desk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, text, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db.tables.bonds import BondRow
from hub.db.tables.tickets import TicketRow
from hub.errors import NotFound
from hub.model import Contact, Severity, Ticket, TicketDraft, TicketStatus

_TICKET = TicketRow.__table__
_FOR_ESCALATION = text(
    "SELECT ticket.*, (SELECT count(*) FROM bond b WHERE b.ticket_id = ticket.id AND b.account = :account) AS bonds "
    "FROM ticket WHERE number = :number"
)


def ticket_of(row: Row[Any]) -> Ticket:
    """Converts a row to a ticket."""
    return Ticket(
        id=row.id,
        number=row.number,
        title=row.title,
        description=row.description,
        severity=Severity(row.severity),
        status=TicketStatus(row.status),
        source=row.source,
        source_id=row.source_id,
        product=row.product,
        vendor=row.vendor,
        customer=row.customer,
        contract=row.contract,
        contact=Contact(**row.contact),
        language=row.language,
        fields=row.fields,
        created_at=row.created_at,
        updated_at=row.updated_at,
        answered_at=row.answered_at,
    )


def no_ticket(number: str) -> NotFound:
    """The error for an unknown ticket number."""
    return NotFound(f"there is no ticket {number}", next_step="see `hub tickets list`")


class Tickets:
    """The tickets within one unit of work."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, draft: TicketDraft, prefix: str, fingerprint: str, now: datetime) -> Ticket:
        """Store a new ticket; its number is the prefix and the next id."""
        values = {
            name: value
            for name, value in draft.plain().items()
            if name
            in {"title", "description", "source", "source_id", "severity", "product", "vendor"}
            | {"customer", "contact", "language", "status", "fields"}
        }
        next_id = (
            await self._connection.execute(text("SELECT nextval(pg_get_serial_sequence('ticket', 'id'))"))
        ).scalar_one()
        row = await self._connection.execute(
            insert(TicketRow)
            .values(
                **values,
                id=next_id,
                number=f"{prefix}-{next_id:06d}",
                fingerprint=fingerprint,
                created_at=draft.created_at or now,
                updated_at=now,
            )
            .returning(_TICKET)
        )
        return ticket_of(row.one())

    async def by_source(self, source: str, source_ids: Sequence[str]) -> dict[str, tuple[Ticket, str]]:
        """The stored tickets of a desk with their fingerprints, by their number there."""
        rows = await self._connection.execute(
            select(_TICKET).where(TicketRow.source == source, TicketRow.source_id.in_(source_ids))
        )
        return {row.source_id: (ticket_of(row), row.fingerprint) for row in rows}

    async def get(self, number: str, *, lock: bool = False) -> Ticket | None:
        """The ticket with this number."""
        query = select(_TICKET).where(TicketRow.number == number)
        row = (await self._connection.execute(query.with_for_update(key_share=True) if lock else query)).one_or_none()
        return ticket_of(row) if row else None

    async def named(self, number: str, *, lock: bool = False) -> Ticket:
        """The ticket with this number. Raises NotFound."""
        ticket = await self.get(number, lock=lock)
        if ticket is None:
            raise no_ticket(number)
        return ticket

    async def for_escalation(self, number: str, account: str) -> tuple[Ticket, int] | None:
        """The ticket with this number, and how many bonds it has ever had with the account."""
        row = (await self._connection.execute(_FOR_ESCALATION, {"number": number, "account": account})).one_or_none()
        return (ticket_of(row), row.bonds) if row else None

    async def lock_of_cases(self, account: str, numbers: Sequence[str]) -> None:
        """Lock the tickets of an account's cases until the transaction ends, always in the same order.

        A case that is being opened is found by its bond's key.
        """
        ours = select(BondRow.ticket_id).where(BondRow.account == account)
        linked = ours.where(BondRow.case_number.in_(numbers), BondRow.case_number != "")
        opening = ours.where(BondRow.key.in_(numbers), BondRow.case_number == "")
        query = select(TicketRow.id).where(TicketRow.id.in_(union_all(linked, opening)))
        await self._connection.execute(query.order_by(TicketRow.id).with_for_update(key_share=True))

    async def by_id(self, ticket_id: int, *, lock: bool = False) -> Ticket:
        """The ticket with this id, which must exist."""
        query = select(_TICKET).where(TicketRow.id == ticket_id)
        return ticket_of(
            (await self._connection.execute(query.with_for_update(key_share=True) if lock else query)).one()
        )

    async def change(
        self, ticket_id: int, changes: dict[str, Any], now: datetime, fingerprint: str | None = None
    ) -> None:
        """Set fields, and record when each was changed."""
        stamp = dict.fromkeys(changes, now.isoformat())
        extra = {} if fingerprint is None else {"fingerprint": fingerprint}
        await self._connection.execute(
            update(TicketRow)
            .where(TicketRow.id == ticket_id)
            .values(**changes, **extra, updated_at=now, touched=TicketRow.touched.op("||")(stamp))
        )

    async def answered(self, ticket_id: int, at: datetime) -> bool:
        """Record our first answer to the customer; False when there was one already."""
        statement = update(TicketRow).where(TicketRow.id == ticket_id, TicketRow.answered_at.is_(None))
        return bool((await self._connection.execute(statement.values(answered_at=at))).rowcount)

    async def touched(self, ticket_id: int) -> dict[str, datetime]:
        """When each field was last changed in the hub."""
        touched = await self._connection.scalar(select(TicketRow.touched).where(TicketRow.id == ticket_id))
        return {field: datetime.fromisoformat(at) for field, at in (touched or {}).items()}

    async def numbers_since(self, since: datetime) -> list[str]:
        """The numbers of the tickets submitted since then, oldest first."""
        query = select(TicketRow.number).where(TicketRow.created_at >= since).order_by(TicketRow.id)
        return list((await self._connection.execute(query)).scalars())

    async def page(
        self, *, before: int | None = None, limit: int = 50, vendor: str = "", status: str = "", find: str = ""
    ) -> list[Ticket]:
        """Newest first; the next page continues before the last id of this one."""
        query = select(_TICKET).order_by(TicketRow.id.desc()).limit(limit)
        if before is not None:
            query = query.where(TicketRow.id < before)
        if vendor:
            query = query.where(TicketRow.vendor == vendor)
        if status:
            query = query.where(TicketRow.status == status)
        if find:
            query = query.where(TicketRow.title.icontains(find, autoescape=True))
        return [ticket_of(row) for row in await self._connection.execute(query)]

    async def unclosed(self, *, before: int | None = None, limit: int = 500) -> list[Ticket]:
        """Tickets that are not closed, newest first; the next page continues before the last id."""
        query = select(_TICKET).where(TicketRow.status != TicketStatus.CLOSED.value)
        if before is not None:
            query = query.where(TicketRow.id < before)
        rows = await self._connection.execute(query.order_by(TicketRow.id.desc()).limit(limit))
        return [ticket_of(row) for row in rows]
