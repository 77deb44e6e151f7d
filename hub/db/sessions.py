"""Remote support sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from hub.db.tables.knowledge import SessionRow
from hub.model import Comment, Session, Value


class StoredSession(Value, frozen=True):
    """A session as the hub keeps it."""

    id: int
    account: str
    ticket_id: int | None
    reported: bool  # its report was added to the ticket
    created_at: datetime
    session: Session


_OWN = tuple(name for name in Session.__struct_fields__ if name != "reference")


def _stored(row: Any) -> StoredSession:
    values = {name: getattr(row, name) for name in Session.__struct_fields__}
    values["agents"], values["chat"] = tuple(row.agents), msgspec.convert(row.chat, tuple[Comment, ...])
    return StoredSession(
        id=row.id,
        account=row.account,
        ticket_id=row.ticket_id,
        reported=row.reported,
        created_at=row.created_at,
        session=Session(**values),
    )


class Sessions:
    """The sessions within one unit of work."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def store(self, account: str, session: Session, ticket_id: int | None) -> StoredSession:
        """Store or update a session; empty values leave what is stored unchanged."""
        values = {name: getattr(session, name) for name in _OWN}
        values["agents"], values["chat"] = list(session.agents), msgspec.to_builtins(session.chat)
        given = {name: value for name, value in values.items() if value not in (None, "", [])}
        statement = insert(SessionRow).values(
            account=account, reference=session.reference, ticket_id=ticket_id, **given
        )
        changes = {**given, "ticket_id": func.coalesce(SessionRow.ticket_id, ticket_id)}
        row = await self._connection.execute(
            statement.on_conflict_do_update(index_elements=["account", "reference"], set_=changes).returning(
                SessionRow.__table__
            )
        )
        return _stored(row.one())

    async def reported(self, session_id: int) -> None:
        """Record that a session's report is in its ticket."""
        await self._connection.execute(update(SessionRow).where(SessionRow.id == session_id).values(reported=True))

    async def live_key(self, account: str, number: str, now: datetime) -> StoredSession | None:
        """The ticket's session whose key was issued, is still valid and was not used."""
        used = aliased(SessionRow)
        query = select(SessionRow.__table__).where(
            SessionRow.account == account,
            SessionRow.ticket_number == number,
            SessionRow.expires_at > now,
            SessionRow.ended_at.is_(None),
            ~exists().where(
                used.account == account,
                used.ticket_number == number,
                used.started_at.is_not(None),
                used.id > SessionRow.id,
            ),
        )
        row = (await self._connection.execute(query.order_by(SessionRow.id.desc()).limit(1))).first()
        return _stored(row) if row else None

    async def page(self, *, before: int | None = None, limit: int = 50, name: str = "") -> list[StoredSession]:
        """Newest first, all or those with this ticket, reference or id; the next page continues before the last id."""
        query = select(SessionRow.__table__)
        if name:
            matches = [SessionRow.ticket_number == name, SessionRow.reference == name]
            if name.isdecimal() and len(name) < 18:  # what an id can be
                matches.append(SessionRow.id == int(name))
            query = query.where(or_(*matches))
        if before is not None:
            query = query.where(SessionRow.id < before)
        rows = await self._connection.execute(query.order_by(SessionRow.id.desc()).limit(limit))
        return [_stored(row) for row in rows]
