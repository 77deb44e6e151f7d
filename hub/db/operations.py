"""Operations: work to send, sent, parked or in doubt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db.tables.bonds import BondRow
from hub.db.tables.outbox import PENDING, OperationRow
from hub.model import Bond, Operation, OperationKind, OperationState, Severity

_OPERATION = OperationRow.__table__

_ADD = text(
    """
    WITH next AS (
        UPDATE bond SET positions = positions + 1 WHERE id = :bond_id
        RETURNING id, account, severity, positions
    ), added AS (
        INSERT INTO operation
            (bond_id, account, position, kind, key, state, payload, trace_id, item_id, created_at)
        SELECT id, account, positions, :kind, :key, 'ready', CAST(:payload AS jsonb), :trace_id, :item_id, :now
        FROM next
        RETURNING id
    ), queued AS (
        INSERT INTO outbox (bond_id, account, severity, ready_at, waits_since)
        SELECT id, account, severity, now(), now() FROM next
        ON CONFLICT (bond_id) DO UPDATE SET severity = excluded.severity
        RETURNING bond_id
    )
    SELECT added.id, CASE WHEN NOT EXISTS (
        SELECT FROM outbox x, next WHERE x.account = next.account AND x.lease_until IS NULL AND x.ready_at <= now()
    ) THEN pg_notify('hub_work', :account) END
    FROM added, queued
    """
)
_OPEN = text(
    """
    WITH bonded AS (
        INSERT INTO bond (key, ticket_id, ticket_number, account, vendor, state, severity, positions)
        VALUES (:key, :ticket_id, :ticket_number, :account, :vendor, 'requested', :severity, 1)
        ON CONFLICT DO NOTHING
        RETURNING id
    ), added AS (
        INSERT INTO operation
            (bond_id, account, position, kind, key, state, payload, trace_id, created_at, sent_at)
        SELECT id, :account, 1, 'open_case', :key, CASE WHEN forgotten THEN 'in_doubt' ELSE 'ready' END,
            CAST(:payload AS jsonb), :trace_id, :now, CASE WHEN forgotten THEN CAST(:now AS timestamptz) END
        FROM bonded, (SELECT coalesce(max(restored_at) > :ticket_created_at, false) AS forgotten FROM hub) h
    ), queued AS (
        INSERT INTO outbox (bond_id, account, severity, ready_at) SELECT id, :account, :severity, now() FROM bonded
    )
    SELECT bonded.id, CASE WHEN NOT EXISTS (
        SELECT FROM outbox x WHERE x.account = :account AND x.lease_until IS NULL AND x.ready_at <= now()
    ) THEN pg_notify('hub_work', :account) END
    FROM bonded
    """
)
_RESTORED = text(
    """
    WITH doubted AS (
        UPDATE operation SET state = 'in_doubt', sent_at = :now WHERE state IN ('ready', 'sending') RETURNING bond_id
    ), queued AS (
        INSERT INTO outbox (bond_id, account, severity, ready_at)
        SELECT b.id, b.account, b.severity, now() FROM bond b WHERE b.id IN (SELECT bond_id FROM doubted)
        ON CONFLICT (bond_id) DO UPDATE SET lease_owner = NULL, lease_until = NULL, ready_at = now()
    ), marked AS (
        UPDATE hub SET restored_at = :now
    )
    SELECT count(*) FROM doubted
    """
)
_WAKE = text("SELECT pg_notify('hub_work', :account)")


def operation_of(row: Row[Any]) -> Operation:
    """Converts a row, which includes its bond's severity, to an operation."""
    return Operation(
        id=row.id,
        bond_id=row.bond_id,
        account=row.account,
        position=row.position,
        kind=OperationKind(row.kind),
        key=row.key,
        state=OperationState(row.state),
        payload=row.payload,
        severity=Severity(row.severity),
        attempts=row.attempts,
        reason=row.reason,
        who_acts=row.who_acts,
        trace_id=row.trace_id,
        item_id=row.item_id,
        created_at=row.created_at,
        sent_at=row.sent_at,
    )


def _select() -> Select[Any]:
    return select(_OPERATION, BondRow.severity).join(BondRow, BondRow.id == OperationRow.bond_id)


class Operations:
    """The operations within one unit of work."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def _all(self, query: Select[Any]) -> list[Operation]:
        return [operation_of(row) for row in await self._connection.execute(query)]

    async def add(
        self,
        bond_id: int,
        account: str,
        kind: OperationKind,
        key: str,
        payload: bytes,
        now: datetime,
        *,
        trace_id: str,
        item_id: int | None = None,
    ) -> int:
        """Append an operation to its bond, and wake the workers when the lane was idle; returns its id.

        The payload is JSON. The caller has locked the bond.
        """
        result = await self._connection.execute(
            _ADD,
            {
                "bond_id": bond_id,
                "account": account,
                "kind": kind.value,
                "key": key,
                "payload": payload.decode(),
                "now": now,
                "trace_id": trace_id,
                "item_id": item_id,
            },
        )
        return int(result.one()[0])

    async def open_bond(
        self, bond: Bond, payload: bytes, now: datetime, *, trace_id: str, ticket_created_at: datetime
    ) -> int | None:
        """Store a new bond together with the operation that opens its case; returns the bond's id.

        None when the ticket has a live bond with this account. If the ticket is older than the last restore, its case
        may exist at the vendor, unknown here: the operation starts in doubt, so that the case is looked up first.
        """
        result = await self._connection.execute(
            _OPEN,
            {
                "key": bond.key,
                "ticket_id": bond.ticket_id,
                "ticket_number": bond.ticket_number,
                "account": bond.account,
                "vendor": bond.vendor,
                "severity": int(bond.severity),
                "payload": payload.decode(),
                "trace_id": trace_id,
                "now": now,
                "ticket_created_at": ticket_created_at,
            },
        )
        row = result.first()
        return int(row[0]) if row else None

    async def restored(self, now: datetime) -> int:
        """After a restore: mark pending operations in doubt, so that they are looked up first; returns how many."""
        return int((await self._connection.execute(_RESTORED, {"now": now})).scalar_one())

    async def next_position(self, bond_id: int) -> int:
        """The position that the next operation of a bond will have; the caller has locked the bond."""
        return int(await self._connection.scalar(select(BondRow.positions).where(BondRow.id == bond_id)) or 0) + 1

    async def pending(self, bond_id: int) -> list[Operation]:
        """The pending operations of a bond, in order."""
        query = _select().where(OperationRow.bond_id == bond_id, text(f"operation.{PENDING}"))
        return await self._all(query.order_by(OperationRow.position))

    async def recent_changes_of(self, bond_ids: Sequence[int], since: datetime) -> dict[int, list[Operation]]:
        """Field and status changes of bonds that may still come back as an echo, by bond."""
        query = _select().where(
            OperationRow.bond_id.in_(bond_ids),
            OperationRow.kind.in_(["change_fields", "close", "reopen"]),
            text(f"(operation.{PENDING} OR operation.settled_at >= :since)").bindparams(since=since),
        )
        by_bond: dict[int, list[Operation]] = {}
        for operation in await self._all(query.order_by(OperationRow.position)):
            by_bond.setdefault(operation.bond_id, []).append(operation)
        return by_bond

    async def aside(self, states: Sequence[OperationState], *, after: int = 0, limit: int = 100) -> list[Operation]:
        """Operations in these states, oldest first; the next page continues after the last id."""
        query = _select().where(OperationRow.state.in_([state.value for state in states]), OperationRow.id > after)
        return await self._all(query.order_by(OperationRow.id).limit(limit))

    async def get(self, operation_id: int) -> Operation | None:
        """One operation; lock its bond before changing it."""
        operations = await self._all(_select().where(OperationRow.id == operation_id))
        return operations[0] if operations else None

    async def error_of(self, operation_id: int) -> str:
        """The class of an operation's last error."""
        query = select(OperationRow.error).where(OperationRow.id == operation_id)
        return str(await self._connection.scalar(query) or "")

    async def change(self, operation_id: int, **values: Any) -> None:
        """Set columns of one operation."""
        await self._connection.execute(update(OperationRow).where(OperationRow.id == operation_id).values(**values))

    async def queue(self, bond_id: int, account: str) -> None:
        """Make the bond due at once and wake the workers; an existing lease stays."""
        await self._connection.execute(
            text(
                "INSERT INTO outbox (bond_id, account, severity, ready_at, waits_since) "
                "SELECT id, account, severity, now(), now() FROM bond WHERE id = :bond "
                "ON CONFLICT (bond_id) DO UPDATE SET ready_at = excluded.ready_at"
            ),
            {"bond": bond_id},
        )
        await self._connection.execute(_WAKE, {"account": account})
