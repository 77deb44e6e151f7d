"""Bonds: which ticket and case belong together, and how they stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, Select, func, literal_column, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db.literals import ids
from hub.db.tables.core import LIVE_BOND, PENDING, BondRow
from hub.model import Bond, BondState, CaseReference, Json, Severity, StreamKind

_B = BondRow.__table__
_LIVE = text(LIVE_BOND)
NEVER = datetime.fromtimestamp(0, UTC)
"""The time of comparison of a bond whose case may hold what was not heard."""

_MARK = text(
    """
    UPDATE bond SET reconciled_at = :never FROM stream s
    WHERE bond.id = ANY(CAST(:bonds AS bigint[])) AND s.account = :account AND s.kind = :stream
      AND (s.lease_until IS NOT NULL OR s.finished_at >= :since) RETURNING 1
    """
)
_LOCK_MANY = text("SELECT * FROM bond WHERE id = ANY(CAST(:ids AS bigint[])) ORDER BY id FOR UPDATE")


def _counted() -> Select[Any]:
    of_bond = f"FROM operation o WHERE o.bond_id = bond.id AND o.{PENDING}"
    return select(
        _B,
        literal_column(f"(SELECT count(*) {of_bond})").label("waiting"),
        literal_column(f"(SELECT count(*) {of_bond} AND o.state = 'parked')").label("parked"),
    )


def bond_of(row: Row[Any]) -> Bond:
    """The bond that a row holds."""
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

    async def _all(self, asked: Select[Any]) -> list[Bond]:
        return [bond_of(row) for row in await self._connection.execute(asked)]

    async def add(self, **values: Any) -> int | None:
        """Store a new bond and return its id; None when the ticket has a live bond with this account."""
        added = (
            insert(BondRow)
            .values(**values)
            .on_conflict_do_nothing(index_elements=["ticket_id", "account"], index_where=_LIVE)
        )
        return (await self._connection.execute(added.returning(BondRow.id))).scalar_one_or_none()

    async def count(self, ticket_id: int, account: str) -> int:
        """How many bonds the ticket has ever had with this account."""
        asked = select(func.count()).where(BondRow.ticket_id == ticket_id, BondRow.account == account)
        return int(await self._connection.scalar(asked) or 0)

    async def lock(self, bond_id: int) -> Bond:
        """The bond, held until the transaction ends; must exist."""
        asked = select(_B).where(BondRow.id == bond_id).with_for_update()
        return bond_of((await self._connection.execute(asked)).one())

    async def lock_many(self, bond_ids: Sequence[int]) -> dict[int, Bond]:
        """These bonds by id, held until the transaction ends; bonds are held before their outbox rows."""
        rows = await self._connection.execute(_LOCK_MANY, {"ids": ids(bond_ids)})
        return {row.id: bond_of(row) for row in rows}

    async def of_ticket(self, ticket_id: int) -> list[Bond]:
        """All bonds of a ticket, oldest first."""
        return await self._all(_counted().where(BondRow.ticket_id == ticket_id).order_by(BondRow.id))

    async def find(self, name: str) -> list[Bond]:
        """The bonds that a person means by a bond's key, a case number or a ticket number."""
        named = (BondRow.key == name) | (BondRow.case_number == name) | (BondRow.ticket_number == name)
        return await self._all(_counted().where(named).order_by(BondRow.id))

    async def of_cases(self, account: str, numbers: Sequence[str]) -> list[Bond]:
        """The bonds of an account whose cases have these numbers, held until the transaction ends."""
        asked = select(_B).where(BondRow.account == account, BondRow.case_number.in_(numbers))
        return await self._all(asked.where(BondRow.case_number != "").order_by(BondRow.id).with_for_update())

    async def being_opened(self, account: str, keys: Sequence[str]) -> list[Bond]:
        """The bonds of an account with these keys whose case is not known yet, held until the transaction ends."""
        asked = select(_B).where(BondRow.account == account, BondRow.key.in_(keys), BondRow.case_number == "")
        return await self._all(asked.order_by(BondRow.id).with_for_update())

    async def due(self, account: str, before: datetime, limit: int, *, busy: bool) -> list[Bond]:
        """Live bonds with a case that were not compared since `before`, longest ago first."""
        asked = select(_B).where(
            BondRow.account == account,
            _LIVE,
            BondRow.case_number != "",
            func.coalesce(BondRow.reconciled_at, BondRow.created_at) < before,
        )
        if not busy:  # what may have been missed is looked at all the same
            idle = text("NOT EXISTS (SELECT FROM outbox x WHERE x.bond_id = bond.id)")
            asked = asked.where(or_(BondRow.reconciled_at == NEVER, idle))
        return await self._all(asked.order_by(BondRow.reconciled_at.asc().nulls_first()).limit(limit))

    async def page(
        self, *, before: int | None = None, limit: int = 50, account: str = "", state: str = ""
    ) -> list[Bond]:
        """Newest first, by key: ask for those before the last id of the page before."""
        asked = _counted().order_by(BondRow.id.desc()).limit(limit)
        if before is not None:
            asked = asked.where(BondRow.id < before)
        if account:
            asked = asked.where(BondRow.account == account)
        if state:
            asked = asked.where(BondRow.state == state)
        return await self._all(asked)

    async def change(self, bond_id: int, now: datetime, **values: Any) -> None:
        """Set columns of one bond."""
        await self._connection.execute(update(BondRow).where(BondRow.id == bond_id).values(**values, updated_at=now))

    async def tie(
        self, bond_id: int, state: BondState, reference: CaseReference, picture: dict[str, Json], now: datetime
    ) -> None:
        """Give the bond its case."""
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
        """Remember when the cases of these bonds were first seen at the vendor."""
        first = update(BondRow).where(BondRow.id.in_(bond_ids), BondRow.stored_at.is_(None))
        await self._connection.execute(first.values(stored_at=now))

    async def answered(self, bond_id: int, at: datetime) -> bool:
        """Remember the first answer of a person at the vendor; whether it was the first."""
        first = update(BondRow).where(BondRow.id == bond_id, BondRow.answered_at.is_(None))
        return bool((await self._connection.execute(first.values(answered_at=at))).rowcount)

    async def mark_missed_news(
        self, account: str, bond_ids: Sequence[int], stream: StreamKind, since: datetime
    ) -> bool:
        """Have bonds that just got their cases compared, if the stream was read since they were asked for.

        News of a case that belonged to no bond yet was passed over. Returns whether there is any to compare.
        """
        asked = {"account": account, "bonds": list(bond_ids), "stream": stream, "since": since, "never": NEVER}
        return (await self._connection.execute(_MARK, asked)).first() is not None

    async def miss(self, bond_id: int, now: datetime) -> int:
        """Count one more look that did not find the case; returns how many in a row."""
        missed = (
            update(BondRow).where(BondRow.id == bond_id).values(missed=BondRow.missed + 1, updated_at=now)
        ).returning(BondRow.missed)
        return int((await self._connection.execute(missed)).scalar_one())
