"""Comments on tickets, ours and the vendors'."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db.tables.tickets import CommentRow
from hub.model import Value, Visibility


class StoredComment(Value, frozen=True):
    """A comment as the hub keeps it."""

    id: int
    ticket_id: int
    bond_id: int | None
    origin: str  # rjr or vendor
    author: str
    body: str
    visibility: Visibility
    automatic: bool
    reference: str
    key: str
    fingerprint: str
    created_at: datetime


def _comment(row: Any) -> StoredComment:
    return StoredComment(**{**row._mapping, "visibility": Visibility(row.visibility)})  # noqa: SLF001


class Comments:
    """The comments within one unit of work."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, **values: Any) -> int | None:
        """Store a comment and return its id; None when the bond already has the vendor's reference."""
        statement = insert(CommentRow).values(**values).on_conflict_do_nothing().returning(CommentRow.id)
        return (await self._connection.execute(statement)).scalar_one_or_none()

    async def of_ticket(self, ticket_id: int) -> list[StoredComment]:
        """All comments of a ticket, oldest first."""
        query = select(CommentRow.__table__).where(CommentRow.ticket_id == ticket_id)
        return [
            _comment(row)
            for row in await self._connection.execute(query.order_by(CommentRow.created_at, CommentRow.id))
        ]

    async def of_bonds(self, bond_ids: Sequence[int]) -> dict[int, list[StoredComment]]:
        """The comments on each bond."""
        by_bond: dict[int, list[StoredComment]] = {}
        query = select(CommentRow.__table__).where(CommentRow.bond_id.in_(bond_ids))
        for row in await self._connection.execute(query.order_by(CommentRow.id)):
            by_bond.setdefault(row.bond_id, []).append(_comment(row))
        return by_bond

    async def name(self, comment_id: int, reference: str) -> None:
        """Store the vendor's reference of one of our comments."""
        await self._connection.execute(
            update(CommentRow)
            .where(CommentRow.id == comment_id, CommentRow.reference == "")
            .values(reference=reference)
        )

    async def change(self, comment_id: int, **values: Any) -> None:
        """Set columns of one comment."""
        await self._connection.execute(update(CommentRow).where(CommentRow.id == comment_id).values(**values))
