"""Conflicts: fields changed on both sides, for a person to decide."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db.tables.bonds import BondRow, ConflictRow
from hub.model import Json, Value


class StoredConflict(Value, frozen=True):
    """A conflict as the hub keeps it."""

    id: int
    bond_id: int
    ticket_number: str
    case_number: str
    field: str
    base: Json
    ours: Json
    theirs: Json
    choice: str
    created_at: datetime
    resolved_at: datetime | None = None


def _conflict(row: Any) -> StoredConflict:
    return StoredConflict(**{name: getattr(row, name) for name in StoredConflict.__struct_fields__})


def _select() -> Any:
    return select(ConflictRow.__table__, BondRow.ticket_number, BondRow.case_number).join(
        BondRow, BondRow.id == ConflictRow.bond_id
    )


class Conflicts:
    """The conflicts within one unit of work."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, bond_id: int, field: str, base: Json, ours: Json, theirs: Json) -> bool:
        """Open a conflict, or update the open one; True when it is new."""
        statement = (
            insert(ConflictRow)
            .values(bond_id=bond_id, field=field, base=base, ours=ours, theirs=theirs)
            .on_conflict_do_nothing()
            .returning(ConflictRow.id)
        )
        if (await self._connection.execute(statement)).first():
            return True
        is_open = ConflictRow.resolved_at.is_(None)
        await self._connection.execute(
            update(ConflictRow)
            .where(ConflictRow.bond_id == bond_id, ConflictRow.field == field, is_open)
            .values(ours=ours, theirs=theirs)
        )
        return False

    async def open(self, *, after: int = 0, limit: int = 100) -> list[StoredConflict]:
        """Undecided conflicts, oldest first; the next page continues after the last id."""
        query = _select().where(ConflictRow.resolved_at.is_(None), ConflictRow.id > after)
        return [_conflict(row) for row in await self._connection.execute(query.order_by(ConflictRow.id).limit(limit))]

    async def get(self, conflict_id: int) -> StoredConflict | None:
        """One conflict."""
        row = (await self._connection.execute(_select().where(ConflictRow.id == conflict_id))).one_or_none()
        return _conflict(row) if row else None

    async def resolve(self, conflict_id: int, choice: str, now: datetime) -> None:
        """Store who won."""
        await self._connection.execute(
            update(ConflictRow).where(ConflictRow.id == conflict_id).values(choice=choice, resolved_at=now)
        )
