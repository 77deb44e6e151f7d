"""Clocks as last computed, for lists, breaches and scorecards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db.tables.clocks import ClockRow
from hub.model import Severity, Value

_CLOCK = ClockRow.__table__


class StoredClock(Value, frozen=True):
    """One clock of one ticket."""

    ticket: str
    name: str  # response, or the bond's key
    kind: str  # response or vendor
    severity: Severity
    goal: str
    version: str  # of the offer and the calendar used
    started_at: datetime
    account: str = ""
    vendor: str = ""
    plan: str = ""
    deadline: datetime | None = None  # None while paused
    answered_at: datetime | None = None
    used_seconds: int = 0  # in the goal's own unit, until the answer or the last update
    rounds: int = 0  # requests for information by the vendor
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
        """Store clocks as computed now."""
        if not clocks:
            return
        rows = [{**_columns(clock), "severity": int(clock.severity), "proof": list(clock.proof)} for clock in clocks]
        statement = insert(ClockRow)
        columns = {column.name: statement.excluded[column.name] for column in _CLOCK.columns if not column.primary_key}
        await self._connection.execute(
            statement.on_conflict_do_update(index_elements=["ticket", "name"], set_=columns), rows
        )

    async def running(self, *, until: datetime | None = None, limit: int = 50) -> list[StoredClock]:
        """Clocks without an answer, next deadline first; those past it are breaches."""
        query = select(_CLOCK).where(_CLOCK.c.answered_at.is_(None), _CLOCK.c.deadline.is_not(None))
        if until is not None:
            query = query.where(_CLOCK.c.deadline <= until)
        rows = await self._connection.execute(query.order_by(_CLOCK.c.deadline, _CLOCK.c.ticket).limit(limit))
        return [_clock(row) for row in rows]

    async def between(
        self, start: datetime, end: datetime, *, after: tuple[datetime, str, str] | None = None, limit: int = 1000
    ) -> list[StoredClock]:
        """Clocks that started in a period, in order."""
        query = select(_CLOCK).where(_CLOCK.c.started_at >= start, _CLOCK.c.started_at < end)
        order = (_CLOCK.c.started_at, _CLOCK.c.ticket, _CLOCK.c.name)
        if after is not None:
            query = query.where(tuple_(*order) > after)
        return [_clock(row) for row in await self._connection.execute(query.order_by(*order).limit(limit))]
