"""Steps of the policy that were taken: what is to be told to whom, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db.tables.clocks import NoticeRow
from hub.model import Json, NoticeState, Value

_N = NoticeRow.__table__

PART = ">"
"""Stands in a key before the recipient's part."""


class Notice(Value, frozen=True):
    """One step that was taken; it is told or done later, by whoever comes first."""

    key: str  # one step happens once
    ticket: str
    step: str
    do: Literal["notify", "raise", "escalate"]
    since: datetime  # when it fell due
    due_at: datetime  # when it may be done: after quiet hours
    clock: str = ""
    whom: tuple[str, ...] = ()
    data: dict[str, Json] = {}  # ids, times and shares; never a text of the ticket's
    state: NoticeState = NoticeState.READY
    recipient: str = ""  # who is told; empty while only roles are known
    message: str = ""  # the message that tells it, with others; one of them is ready, the rest merged
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
        """Take steps; returns the keys of those that nobody had taken before."""
        if not notices:
            return []
        rows = [
            {name: getattr(one, name) for name in one.__struct_fields__ if name not in {"id", "whom"}}
            | {"whom": list(one.whom), "created_at": now}
            for one in notices
        ]
        made = insert(NoticeRow).values(rows).on_conflict_do_nothing(index_elements=["key"])
        return list((await self._connection.execute(made.returning(_N.c.key))).scalars())

    async def taken(self, tickets: Sequence[str]) -> Mapping[str, frozenset[str]]:
        """The keys of the steps that were taken, by ticket, as the policy tells them."""
        asked = select(_N.c.ticket, _N.c.key).where(_N.c.ticket.in_(list(tickets)), _N.c.recipient == "")
        rows = await self._connection.execute(asked)
        found: dict[str, set[str]] = {}
        for ticket, key in rows:
            found.setdefault(ticket, set()).add(key.removeprefix(f"{ticket}:"))
        return {ticket: frozenset(keys) for ticket, keys in found.items()}

    async def claim(self, now: datetime, limit: int) -> list[Notice]:
        """What is to be done, oldest first, held until the transaction ends."""
        asked = select(_N).where(_N.c.state == NoticeState.READY, _N.c.due_at <= now).order_by(_N.c.due_at, _N.c.id)
        rows = await self._connection.execute(asked.limit(limit).with_for_update(skip_locked=True))
        return [_notice(row) for row in rows]

    async def change(self, ids: Sequence[int], *, state: NoticeState | None = None, **values: Any) -> None:
        """Set columns of notices."""
        values |= {"state": state} if state else {}
        await self._connection.execute(update(NoticeRow).where(NoticeRow.id.in_(list(ids))).values(**values))

    async def of_ticket(self, ticket: str) -> list[Notice]:
        """A ticket's notices, oldest first."""
        rows = await self._connection.execute(select(_N).where(_N.c.ticket == ticket).order_by(_N.c.id))
        return [_notice(row) for row in rows]

    async def hold(self, recipient: str) -> None:
        """Let nobody else make a message for a recipient until the transaction ends."""
        await self._connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"notice:{recipient}"}
        )

    async def get(self, notice_id: int) -> Notice | None:
        """One notice."""
        row = (await self._connection.execute(select(_N).where(_N.c.id == notice_id))).one_or_none()
        return _notice(row) if row else None

    async def waiting(self, recipient: str) -> list[Notice]:
        """What a recipient is to be told and no message tells yet, the longest due first."""
        asked = select(_N).where(_N.c.recipient == recipient, _N.c.state == NoticeState.READY, _N.c.message == "")
        rows = await self._connection.execute(asked.order_by(_N.c.since, _N.c.id).with_for_update())
        return [_notice(row) for row in rows]

    async def in_message(self, message: str) -> list[Notice]:
        """What a message tells, the longest due first."""
        asked = select(_N).where(_N.c.message == message).order_by(_N.c.since, _N.c.id)
        return [_notice(row) for row in await self._connection.execute(asked.with_for_update())]

    async def messages(self, recipient: str, since: datetime, now: datetime) -> list[datetime]:
        """When a recipient's messages were told since then, the first first; those on their way count as now."""
        at = func.max(func.coalesce(_N.c.settled_at, now))
        asked = select(at).where(
            _N.c.recipient == recipient,
            _N.c.message != "",
            _N.c.state.in_([NoticeState.DONE, NoticeState.READY]),
            func.coalesce(_N.c.settled_at, now) > since,
        )
        return list((await self._connection.execute(asked.group_by(_N.c.message).order_by(at))).scalars())

    async def page(
        self, states: Sequence[NoticeState], *, ticket: str = "", after: int = 0, limit: int = 50
    ) -> list[Notice]:
        """Notices in these states, oldest first; the next page is what comes after the last one's id."""
        asked = select(_N).where(_N.c.id > after, _N.c.state.in_(list(states))).order_by(_N.c.id).limit(limit)
        rows = await self._connection.execute(asked.where(_N.c.ticket == ticket) if ticket else asked)
        return [_notice(row) for row in rows]

    async def again(self, parked: Sequence[Notice], now: datetime) -> None:
        """Have parked notices told anew, to whoever is set by now; who was told already is left alone."""
        keys = [one.key.rpartition(PART)[0] if one.recipient else one.key for one in parked]
        await self._connection.execute(
            delete(NoticeRow).where(_N.c.id.in_([one.id for one in parked if one.recipient]))
        )
        ready = (
            update(NoticeRow)
            .where(_N.c.key.in_(keys))
            .values(state=NoticeState.READY, due_at=now, reason="", settled_at=None)
        )
        await self._connection.execute(ready)
