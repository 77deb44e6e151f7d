"""Deliveries that were taken, remembered for some days, so that a repeat has no effect."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db.tables.knowledge import DeliveryRow

DAYS = 7
"""How long an id is remembered; senders repeat for hours at the most."""


class Deliveries:
    """The deliveries within one unit of work."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def take(self, account: str, delivery_id: str) -> bool:
        """Remember a delivery; False when it was taken before."""
        added = insert(DeliveryRow).values(account=account, id=delivery_id).on_conflict_do_nothing()
        return (await self._connection.execute(added.returning(DeliveryRow.id))).first() is not None

    async def forget_old(self) -> int:
        """Forget those of days ago; how many."""
        old = text("DELETE FROM delivery WHERE received_at < now() - make_interval(days => :days)")
        return (await self._connection.execute(old, {"days": DAYS})).rowcount
