"""Notices: policy steps that were taken, whom they notify, and the outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db.tables.clocks import NoticeRow
from hub.model import Json, NoticeState, Value

_NOTICE = NoticeRow.__table__

PART = ">"
"""In a key, separates the notice from its recipient."""


class Notice(Value, frozen=True):
    """One step that was taken; a worker sends or carries it out later."""

    key: str  # a step is taken once
    ticket: str
    step: str
    do: Literal["notify", "raise", "escalate"]
    since: datetime  # when it became due
    due_at: datetime  # when it may be sent or done: after quiet hours
    clock: str = ""
    whom: tuple[str, ...] = ()
    data: dict[str, Json] = {}  # ids, times and shares; never the ticket's texts
    state: NoticeState = NoticeState.READY
    recipient: str = ""  # who gets it; empty while only roles are known
    message: str = ""  # the message that contains it; one of its notices is ready, the rest merged
    reason: str = ""
    id: int = 0
    settled_at: datetime | None = None


def _notice(row: Row[Any]) -> Notice:
    values = {name: getattr(row, name) for name in Notice.__struct_fields__}
    return Notice(**{**values, "whom": tuple(row.whom), "state": NoticeState(row.state)})


class Notices:
    """The notices within one unit of work."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, notices: Sequence[Notice], now: datetime) -> list[str]:
        """Store steps as taken; returns the keys of those that were new."""
        if not notices:
            return []
        rows = [
            {name: getattr(notice, name) for name in notice.__struct_fields__ if name not in {"id", "whom"}}
            | {"whom": list(notice.whom), "created_at": now}
            for notice in notices
        ]
        statement = insert(NoticeRow).values(rows).on_conflict_do_nothing(index_elements=["key"])
        return list((await self._connection.execute(statement.returning(_NOTICE.c.key))).scalars())

    async def taken(self, tickets: Sequence[str]) -> Mapping[str, frozenset[str]]:
        """The keys of the steps taken, by ticket, as the policy names them."""
        query = select(_NOTICE.c.ticket, _NOTICE.c.key).where(
            _NOTICE.c.ticket.in_(list(tickets)), _NOTICE.c.recipient == ""
        )
        rows = await self._connection.execute(query)
        by_ticket: dict[str, set[str]] = {}
        for ticket, key in rows:
            by_ticket.setdefault(ticket, set()).add(key.removeprefix(f"{ticket}:"))
        return {ticket: frozenset(keys) for ticket, keys in by_ticket.items()}

    async def claim(self, now: datetime, limit: int) -> list[Notice]:
        """Due notices, oldest first, locked until the transaction ends."""
        query = (
            select(_NOTICE)
            .where(_NOTICE.c.state == NoticeState.READY, _NOTICE.c.due_at <= now)
            .order_by(_NOTICE.c.due_at, _NOTICE.c.id)
        )
        rows = await self._connection.execute(query.limit(limit).with_for_update(skip_locked=True))
        return [_notice(row) for row in rows]

    async def change(self, ids: Sequence[int], *, state: NoticeState | None = None, **values: Any) -> None:
        """Set columns of notices."""
        values |= {"state": state} if state else {}
        await self._connection.execute(update(NoticeRow).where(NoticeRow.id.in_(list(ids))).values(**values))

    async def of_ticket(self, ticket: str) -> list[Notice]:
        """A ticket's notices, oldest first."""
        rows = await self._connection.execute(select(_NOTICE).where(_NOTICE.c.ticket == ticket).order_by(_NOTICE.c.id))
        return [_notice(row) for row in rows]

    async def hold(self, recipient: str) -> None:
        """Lock a recipient until the transaction ends, so that only one message is made."""
        await self._connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"notice:{recipient}"}
        )

    async def get(self, notice_id: int) -> Notice | None:
        """One notice."""
        row = (await self._connection.execute(select(_NOTICE).where(_NOTICE.c.id == notice_id))).one_or_none()
        return _notice(row) if row else None

    async def waiting(self, recipient: str) -> list[Notice]:
        """A recipient's notices that are in no message yet, longest due first."""
        query = select(_NOTICE).where(
            _NOTICE.c.recipient == recipient, _NOTICE.c.state == NoticeState.READY, _NOTICE.c.message == ""
        )
        rows = await self._connection.execute(query.order_by(_NOTICE.c.since, _NOTICE.c.id).with_for_update())
        return [_notice(row) for row in rows]

    async def in_message(self, message: str) -> list[Notice]:
        """The notices of a message, longest due first."""
        query = select(_NOTICE).where(_NOTICE.c.message == message).order_by(_NOTICE.c.since, _NOTICE.c.id)
        return [_notice(row) for row in await self._connection.execute(query.with_for_update())]

    async def messages(self, recipient: str, since: datetime, now: datetime) -> list[datetime]:
        """When a recipient's messages were sent since then, oldest first; those being sent count as now."""
        at = func.max(func.coalesce(_NOTICE.c.settled_at, now))
        query = select(at).where(
            _NOTICE.c.recipient == recipient,
            _NOTICE.c.message != "",
            _NOTICE.c.state.in_([NoticeState.DONE, NoticeState.READY]),
            func.coalesce(_NOTICE.c.settled_at, now) > since,
        )
        return list((await self._connection.execute(query.group_by(_NOTICE.c.message).order_by(at))).scalars())

    async def page(
        self, states: Sequence[NoticeState], *, ticket: str = "", after: int = 0, limit: int = 50
    ) -> list[Notice]:
        """Notices in these states, oldest first; the next page continues after the last id."""
        query = (
            select(_NOTICE)
            .where(_NOTICE.c.id > after, _NOTICE.c.state.in_(list(states)))
            .order_by(_NOTICE.c.id)
            .limit(limit)
        )
        rows = await self._connection.execute(query.where(_NOTICE.c.ticket == ticket) if ticket else query)
        return [_notice(row) for row in rows]

    async def retry(self, parked: Sequence[Notice], now: datetime) -> None:
        """Queue parked notices again for the current recipients; those who got theirs get no second one."""
        keys = [notice.key.rpartition(PART)[0] if notice.recipient else notice.key for notice in parked]
        await self._connection.execute(
            delete(NoticeRow).where(_NOTICE.c.id.in_([notice.id for notice in parked if notice.recipient]))
        )
        statement = (
            update(NoticeRow)
            .where(_NOTICE.c.key.in_(keys))
            .values(state=NoticeState.READY, due_at=now, reason="", settled_at=None)
        )
        await self._connection.execute(statement)
