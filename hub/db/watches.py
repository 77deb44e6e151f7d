"""Watches: when each ticket's clocks are due for a check, and who owns the ticket."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db.tables.clocks import WatchRow
from hub.model import MOVING, Level, Value
from hub.model.journal import Entry
from hub.model.journal.cases import CaseChanged, CaseFound, Connected, FirstAnswer, Relinked, Unlinked, VendorCommented
from hub.model.journal.operations import OperationDone
from hub.model.journal.tickets import TicketAdded, TicketChanged

TIMED: tuple[type[Entry], ...] = (
    TicketAdded,
    TicketChanged,
    FirstAnswer,
    OperationDone,
    CaseChanged,
    CaseFound,
    VendorCommented,
    Connected,
    Relinked,
    Unlinked,
)
"""Kinds of a ticket's journal entries that its clocks depend on."""


def is_timed(entry: Entry) -> bool:
    """Whether an entry may change a ticket's clocks; most completed operations do not."""
    return isinstance(entry, TIMED) and not (isinstance(entry, OperationDone) and entry.kind not in MOVING)


_SCHEDULE = text(
    """
    INSERT INTO watch (ticket, due_at)
    SELECT number, :at FROM unnest(CAST(:numbers AS text[])) AS number ORDER BY number
    ON CONFLICT (ticket) DO UPDATE SET due_at = least(watch.due_at, excluded.due_at)
    """
)
CLAIM = "SELECT * FROM watch WHERE due_at <= :now ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED"
"""The query that the watch repeats for as long as the hub runs."""


class TicketWatch(Value, frozen=True):
    """A ticket's next check, owner, level and acknowledgement."""

    ticket: str
    due_at: datetime | None = None  # None: nothing becomes due with time
    owner: str = ""
    level: Level = Level.L1
    acknowledged_at: datetime | None = None
    snoozed_until: datetime | None = None


def _watch(row: Row[Any]) -> TicketWatch:
    return TicketWatch(
        ticket=row.ticket,
        due_at=row.due_at,
        owner=row.owner,
        level=Level(row.level),
        acknowledged_at=row.acknowledged_at,
        snoozed_until=row.snoozed_until,
    )


class Watches:
    """The watches within one unit of work."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def schedule(self, numbers: Sequence[str], at: datetime) -> None:
        """Schedule a check of these tickets, at that time or earlier."""
        await self._connection.execute(_SCHEDULE, {"numbers": list(numbers), "at": at})

    async def claim(self, now: datetime, limit: int) -> list[TicketWatch]:
        """The longest due tickets, locked until the transaction ends; those locked by another worker are skipped."""
        return [_watch(row) for row in await self._connection.execute(text(CLAIM), {"now": now, "limit": limit})]

    async def get(self, ticket: str, *, lock: bool = False) -> TicketWatch:
        """The watch of a ticket; empty when it has none yet."""
        query = text(f"SELECT * FROM watch WHERE ticket = :ticket {'FOR UPDATE' if lock else ''}")
        row = (await self._connection.execute(query, {"ticket": ticket})).one_or_none()
        return _watch(row) if row else TicketWatch(ticket=ticket)

    async def of(self, tickets: Collection[str]) -> dict[str, TicketWatch]:
        """The existing watches of these tickets."""
        query = text("SELECT * FROM watch WHERE ticket = ANY(:tickets)")
        rows = await self._connection.execute(query, {"tickets": list(tickets)})
        return {row.ticket: _watch(row) for row in rows}

    async def change(self, ticket: str, **values: Any) -> None:
        """Set columns of one watch."""
        await self._connection.execute(update(WatchRow).where(WatchRow.ticket == ticket).values(**values))
