"""Quarantine: incoming items that could not be read or stored, and when each is fetched again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db.tables.streams import QuarantineRow
from hub.model import Quarantined, StreamKind, Value

_ITEM = QuarantineRow.__table__
FIRST_RETRY = timedelta(seconds=15)


class QuarantinedItem(Value, frozen=True):
    """An item in quarantine."""

    account: str
    kind: StreamKind
    reference: str
    reason: str
    tries: int
    due_at: datetime | None  # when it is fetched again; None: a person has to look at it
    seen_at: datetime


class QuarantineCount(Value, frozen=True):
    """How much of an account is in quarantine."""

    account: str
    items: int
    oldest: datetime


class Quarantine:
    """The items in quarantine within one unit of work."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def put(
        self, account: str, kind: StreamKind, items: Sequence[Quarantined], now: datetime
    ) -> list[Quarantined]:
        """Store items; those that failed for a passing reason are fetched again soon. Returns the new ones."""
        new = []
        for item in items:
            values = {"reason": item.reason, "due_at": now + FIRST_RETRY if item.passing else None}
            key = {"account": account, "kind": kind, "reference": item.reference}
            statement = insert(QuarantineRow).values(**key, **values, tries=0, seen_at=now).on_conflict_do_nothing()
            if (await self._connection.execute(statement.returning(_ITEM.c.reference))).first():
                new.append(item)
                continue
            changed = _ITEM.c.reason != item.reason
            await self._connection.execute(
                update(QuarantineRow)
                .where(*(_ITEM.c[name] == value for name, value in key.items()), changed)
                .values(values)
            )
        return new

    async def remove(self, account: str, kind: StreamKind, references: Sequence[str]) -> list[str]:
        """Take items out; returns the references of those that were in."""
        chosen = (_ITEM.c.account == account, _ITEM.c.kind == kind, _ITEM.c.reference.in_(list(references)))
        rows = await self._connection.execute(delete(QuarantineRow).where(*chosen).returning(_ITEM.c.reference))
        return [str(row.reference) for row in rows]

    async def due(self, account: str, kind: StreamKind, now: datetime, limit: int) -> list[QuarantinedItem]:
        """Items to be fetched again, longest due first."""
        query = select(_ITEM).where(_ITEM.c.account == account, _ITEM.c.kind == kind, _ITEM.c.due_at <= now)
        return _items(await self._connection.execute(query.order_by(_ITEM.c.due_at).limit(limit)))

    async def tried(self, item: QuarantinedItem, reason: str, due_at: datetime | None) -> None:
        """Record that an item was fetched again in vain; without `due_at` it waits for a person."""
        await self._connection.execute(
            update(QuarantineRow)
            .where(_ITEM.c.account == item.account, _ITEM.c.kind == item.kind, _ITEM.c.reference == item.reference)
            .values(reason=reason, tries=item.tries + 1, due_at=due_at)
        )

    async def find(self, account: str = "", reference: str = "", limit: int | None = None) -> list[QuarantinedItem]:
        """Items, oldest first: all, or those of an account or with a reference."""
        query = select(_ITEM)
        query = query.where(_ITEM.c.account == account) if account else query
        query = query.where(_ITEM.c.reference == reference) if reference else query
        return _items(await self._connection.execute(query.order_by(_ITEM.c.seen_at, _ITEM.c.reference).limit(limit)))

    async def retry(self, items: Sequence[QuarantinedItem], now: datetime) -> None:
        """Make items due now."""
        for item in items:
            await self.tried(item, item.reason, now)

    async def counts(self) -> list[QuarantineCount]:
        """How many items each account has in quarantine, and since when."""
        query = select(_ITEM.c.account, func.count().label("items"), func.min(_ITEM.c.seen_at).label("oldest"))
        rows = await self._connection.execute(query.group_by(_ITEM.c.account).order_by(_ITEM.c.account))
        return [QuarantineCount(account=row.account, items=row.items, oldest=row.oldest) for row in rows]


def _items(rows: Any) -> list[QuarantinedItem]:
    names = QuarantinedItem.__struct_fields__
    return [
        QuarantinedItem(**{name: getattr(row, name) for name in names if name != "kind"}, kind=StreamKind(row.kind))
        for row in rows
    ]
