"""What clocks said when they were last looked at: for lists, breaches and scorecards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db.tables.clocks import ClockRow
from hub.model import Severity, Value

_C = ClockRow.__table__


class StoredClock(Value, frozen=True):
    """One clock of one ticket."""

    ticket: str
    name: str  # response, or the bond's key
    kind: str  # response or vendor
    severity: Severity
    goal: str
    version: str  # of the offer and of the calendar that it was counted by
    started_at: datetime
    account: str = ""
    vendor: str = ""
    plan: str = ""
    deadline: datetime | None = None  # None while time stands still
    answered_at: datetime | None = None
    used_seconds: int = 0  # in the goal's own unit, until the answer or the last look
    rounds: int = 0  # questions of the vendor
    proof: tuple[int, ...] = ()  # positions in the ticket's journal


def _clock(row: Row[Any]) -> StoredClock:
    values = {name: getattr(row, name) for name in StoredClock.__struct_fields__}
    return StoredClock(**{**values, "severity": Severity(row.severity), "proof": tuple(row.proof)})


def _columns(clock: StoredClock) -> dict[str, Any]:
    return {name: getattr(clock, name) for name in clock.__struct_fields__}


class Clocks:
    """The clocks within one unit of work."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def store(self, clocks: Sequence[StoredClock]) -> None:
        """Keep what clocks say now."""
        if not clocks:
            return
        rows = [{**_columns(one), "severity": int(one.severity), "proof": list(one.proof)} for one in clocks]
        made = insert(ClockRow)
        fresh = {column.name: made.excluded[column.name] for column in _C.columns if not column.primary_key}
        await self._connection.execute(made.on_conflict_do_update(index_elements=["ticket", "name"], set_=fresh), rows)

    async def running(self, *, until: datetime | None = None, limit: int = 50) -> list[StoredClock]:
        """Clocks that wait for an answer, the next deadline first; those past it are breaches."""
        asked = select(_C).where(_C.c.answered_at.is_(None), _C.c.deadline.is_not(None))
        if until is not None:
            asked = asked.where(_C.c.deadline <= until)
        rows = await self._connection.execute(asked.order_by(_C.c.deadline, _C.c.ticket).limit(limit))
        return [_clock(row) for row in rows]

    async def between(
        self, start: datetime, end: datetime, *, after: tuple[datetime, str, str] | None = None, limit: int = 1000
    ) -> list[StoredClock]:
        """Clocks that began in a stretch of time, in order."""
        asked = select(_C).where(_C.c.started_at >= start, _C.c.started_at < end)
        order = (_C.c.started_at, _C.c.ticket, _C.c.name)
        if after is not None:
            asked = asked.where(tuple_(*order) > after)
        return [_clock(row) for row in await self._connection.execute(asked.order_by(*order).limit(limit))]
