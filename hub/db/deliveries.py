"""Ids of accepted deliveries, kept for some days so that a repeat has no effect."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db.tables.knowledge import DeliveryRow

DAYS = 7
"""How long an id is kept; senders repeat for hours at most."""


class Deliveries:
    """The deliveries within one unit of work."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def take(self, account: str, delivery_id: str) -> bool:
        """Store a delivery's id; False when it was stored before."""
        statement = insert(DeliveryRow).values(account=account, id=delivery_id).on_conflict_do_nothing()
        return (await self._connection.execute(statement.returning(DeliveryRow.id))).first() is not None

    async def delete_old(self) -> int:
        """Delete ids older than `DAYS`; returns how many."""
        statement = text("DELETE FROM delivery WHERE received_at < now() - make_interval(days => :days)")
        return (await self._connection.execute(statement, {"days": DAYS})).rowcount
