"""Steps of the policy that were taken: what is to be told to whom, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db.watched import NoticeRow
from hub.model import Json, Value

_N = NoticeRow.__table__


class Notice(Value, frozen=True):
    """One step that was taken; it is told or done later, by whoever comes first."""

    key: str  # one step happens once
    ticket: str
    step: str
    do: str  # notify, raise or escalate
    since: datetime  # when it fell due
    due_at: datetime  # when it may be done: after quiet hours
    clock: str = ""
    whom: tuple[str, ...] = ()
    data: dict[str, Json] = {}  # ids, times and shares; never a text of the ticket's
    state: str = "ready"  # ready, done, dropped or parked
    reason: str = ""
    id: int = 0
    settled_at: datetime | None = None


def _notice(row: Row[Any]) -> Notice:
    values = {name: getattr(row, name) for name in Notice.__struct_fields__}
    return Notice(**{**values, "whom": tuple(row.whom)})


class Notices:
    """The notices within one unit of work."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, notices: Sequence[Notice], now: datetime) -> list[str]:
        """Take steps; returns the keys of those that nobody had taken before."""
        if not notices:
            return []
        rows = [
            {
                name: getattr(one, name) for name in one.__struct_fields__ if name not in {"id", "whom"}
            } | {"whom": list(one.whom), "created_at": now}
            for one in notices
        ]  # fmt: skip
        made = insert(NoticeRow).values(rows).on_conflict_do_nothing(index_elements=["key"])
        return list((await self._connection.execute(made.returning(_N.c.key))).scalars())

    async def taken(self, tickets: Sequence[str]) -> Mapping[str, frozenset[str]]:
        """The keys of the steps that were taken, by ticket."""
        rows = await self._connection.execute(
            select(_N.c.ticket, _N.c.key).where(_N.c.ticket.in_(list(tickets)))
        )
        found: dict[str, set[str]] = {}
        for ticket, key in rows:
            found.setdefault(ticket, set()).add(key)
        return {ticket: frozenset(keys) for ticket, keys in found.items()}

    async def claim(self, now: datetime, limit: int) -> list[Notice]:
        """What is to be done, oldest first, held until the transaction ends."""
        asked = select(_N).where(_N.c.state == "ready", _N.c.due_at <= now).order_by(_N.c.due_at, _N.c.id)
        rows = await self._connection.execute(asked.limit(limit).with_for_update(skip_locked=True))
        return [_notice(row) for row in rows]

    async def change(self, ids: Sequence[int], **values: Any) -> None:
        """Set columns of notices."""
        await self._connection.execute(update(NoticeRow).where(NoticeRow.id.in_(list(ids))).values(**values))

    async def of_ticket(self, ticket: str) -> list[Notice]:
        """A ticket's notices, oldest first."""
        rows = await self._connection.execute(select(_N).where(_N.c.ticket == ticket).order_by(_N.c.id))
        return [_notice(row) for row in rows]
