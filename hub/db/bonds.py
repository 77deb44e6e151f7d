"""Bonds: which ticket and case belong together, and their state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, Select, func, literal_column, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db.literals import ids
from hub.db.tables.bonds import LIVE_BOND, BondRow
from hub.db.tables.outbox import PENDING
from hub.model import Bond, BondState, CaseReference, Json, Severity, StreamKind

_BOND = BondRow.__table__
_LIVE = text(LIVE_BOND)
NEVER = datetime.fromtimestamp(0, UTC)
"""The last comparison of a bond whose case may have updates that the hub missed."""

_SCHEDULE_COMPARISON = text(
    """
    UPDATE bond SET reconciled_at = :never FROM stream s
    WHERE bond.id = ANY(CAST(:bonds AS bigint[])) AND s.account = :account AND s.kind = :stream
      AND (s.lease_until IS NOT NULL OR s.finished_at >= :since) RETURNING 1
    """
)
_LOCK_MANY = text("SELECT * FROM bond WHERE id = ANY(CAST(:ids AS bigint[])) ORDER BY id FOR UPDATE")


def _with_counts() -> Select[Any]:
    of_bond = f"FROM operation o WHERE o.bond_id = bond.id AND o.{PENDING}"
    return select(
        _BOND,
        literal_column(f"(SELECT count(*) {of_bond})").label("waiting"),
        literal_column(f"(SELECT count(*) {of_bond} AND o.state = 'parked')").label("parked"),
    )


def bond_of(row: Row[Any]) -> Bond:
    """Converts a row to a bond."""
    return Bond(
        id=row.id,
        key=row.key,
        ticket_id=row.ticket_id,
        ticket_number=row.ticket_number,
        account=row.account,
        vendor=row.vendor,
        state=BondState(row.state),
        severity=Severity(row.severity),
        reference=CaseReference(number=row.case_number, id=row.case_id) if row.case_number else None,
        picture=row.picture,
        created_at=row.created_at,
        updated_at=row.updated_at,
        waiting=getattr(row, "waiting", 0),
        parked=getattr(row, "parked", 0),
        delivered_at=row.delivered_at,
        stored_at=row.stored_at,
        answered_at=row.answered_at,
    )


class Bonds:
    """The bonds within one unit of work."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def _all(self, query: Select[Any]) -> list[Bond]:
        return [bond_of(row) for row in await self._connection.execute(query)]

    async def add(self, **values: Any) -> int | None:
        """Store a new bond and return its id; None when the ticket has a live bond with this account."""
        statement = (
            insert(BondRow)
            .values(**values)
            .on_conflict_do_nothing(index_elements=["ticket_id", "account"], index_where=_LIVE)
        )
        return (await self._connection.execute(statement.returning(BondRow.id))).scalar_one_or_none()

    async def count(self, ticket_id: int, account: str) -> int:
        """How many bonds the ticket has ever had with this account."""
        query = select(func.count()).where(BondRow.ticket_id == ticket_id, BondRow.account == account)
        return int(await self._connection.scalar(query) or 0)

    async def lock(self, bond_id: int) -> Bond:
        """The bond, locked until the transaction ends; must exist."""
        query = select(_BOND).where(BondRow.id == bond_id).with_for_update()
        return bond_of((await self._connection.execute(query)).one())

    async def lock_many(self, bond_ids: Sequence[int]) -> dict[int, Bond]:
        """These bonds by id, locked until the transaction ends; lock bonds before their outbox rows."""
        rows = await self._connection.execute(_LOCK_MANY, {"ids": ids(bond_ids)})
        return {row.id: bond_of(row) for row in rows}

    async def of_ticket(self, ticket_id: int) -> list[Bond]:
        """All bonds of a ticket, oldest first."""
        return await self._all(_with_counts().where(BondRow.ticket_id == ticket_id).order_by(BondRow.id))

    async def find(self, name: str) -> list[Bond]:
        """The bonds with this bond key, case number or ticket number."""
        matches = (BondRow.key == name) | (BondRow.case_number == name) | (BondRow.ticket_number == name)
        return await self._all(_with_counts().where(matches).order_by(BondRow.id))

    async def of_cases(self, account: str, numbers: Sequence[str]) -> list[Bond]:
        """The bonds of an account whose cases have these numbers, locked until the transaction ends."""
        query = select(_BOND).where(BondRow.account == account, BondRow.case_number.in_(numbers))
        return await self._all(query.where(BondRow.case_number != "").order_by(BondRow.id).with_for_update())

    async def being_opened(self, account: str, keys: Sequence[str]) -> list[Bond]:
        """The bonds of an account with these keys that have no case yet, locked until the transaction ends."""
        query = select(_BOND).where(BondRow.account == account, BondRow.key.in_(keys), BondRow.case_number == "")
        return await self._all(query.order_by(BondRow.id).with_for_update())

    async def due(self, account: str, before: datetime, limit: int, *, busy: bool) -> list[Bond]:
        """Live bonds with a case that were last compared before `before`, longest ago first."""
        query = select(_BOND).where(
            BondRow.account == account,
            _LIVE,
            BondRow.case_number != "",
            func.coalesce(BondRow.reconciled_at, BondRow.created_at) < before,
        )
        if not busy:  # missed updates are compared all the same
            idle = text("NOT EXISTS (SELECT FROM outbox x WHERE x.bond_id = bond.id)")
            query = query.where(or_(BondRow.reconciled_at == NEVER, idle))
        return await self._all(query.order_by(BondRow.reconciled_at.asc().nulls_first()).limit(limit))

    async def page(
        self, *, before: int | None = None, limit: int = 50, account: str = "", state: str = ""
    ) -> list[Bond]:
        """Newest first; the next page continues before the last id of this one."""
        query = _with_counts().order_by(BondRow.id.desc()).limit(limit)
        if before is not None:
            query = query.where(BondRow.id < before)
        if account:
            query = query.where(BondRow.account == account)
        if state:
            query = query.where(BondRow.state == state)
        return await self._all(query)

    async def change(self, bond_id: int, now: datetime, **values: Any) -> None:
        """Set columns of one bond."""
        await self._connection.execute(update(BondRow).where(BondRow.id == bond_id).values(**values, updated_at=now))

    async def link(
        self, bond_id: int, state: BondState, reference: CaseReference, picture: dict[str, Json], now: datetime
    ) -> None:
        """Link the bond to its case."""
        await self.change(
            bond_id,
            now,
            state=state,
            case_number=reference.number,
            case_id=reference.id,
            picture=picture,
            missed=0,
            reconciled_at=NEVER,
            stored_at=func.coalesce(BondRow.stored_at, now),
        )

    async def stored(self, bond_ids: Sequence[int], now: datetime) -> None:
        """Record when the cases of these bonds were first seen at the vendor."""
        statement = update(BondRow).where(BondRow.id.in_(bond_ids), BondRow.stored_at.is_(None))
        await self._connection.execute(statement.values(stored_at=now))

    async def answered(self, bond_id: int, at: datetime) -> bool:
        """Record the first answer of a person at the vendor; False when there was one already."""
        statement = update(BondRow).where(BondRow.id == bond_id, BondRow.answered_at.is_(None))
        return bool((await self._connection.execute(statement.values(answered_at=at))).rowcount)

    async def schedule_comparison(
        self, account: str, bond_ids: Sequence[int], stream: StreamKind, since: datetime
    ) -> bool:
        """Schedule a comparison of bonds that just got their cases, if the stream was read since `since`.

        An update of a case that belonged to no bond yet was skipped. Returns whether a comparison is needed.
        """
        values = {"account": account, "bonds": list(bond_ids), "stream": stream, "since": since, "never": NEVER}
        return (await self._connection.execute(_SCHEDULE_COMPARISON, values)).first() is not None

    async def count_miss(self, bond_id: int, now: datetime) -> int:
        """Count a lookup that did not find the case; returns how many in a row."""
        statement = (
            update(BondRow).where(BondRow.id == bond_id).values(missed=BondRow.missed + 1, updated_at=now)
        ).returning(BondRow.missed)
        return int((await self._connection.execute(statement)).scalar_one())
