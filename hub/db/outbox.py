"""The outbox: leases on bonds, claims, intents and results, each in batches.

A worker may write for a bond only under the epoch of its lease. Taking over a lease gives a higher epoch, so the writes
of a worker that was stopped for too long match no row.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db.bonds import bond_of
from hub.db.literals import ids, rows
from hub.db.tables.outbox import PENDING
from hub.model import Bond, Operation, OperationState, Value

AHEAD = 32
"""The most operations of one bond that a claim reads."""


class Claim(Value, frozen=True):
    """A leased bond, with its next operations."""

    bond: Bond
    epoch: int
    operations: tuple[Operation, ...]


class SettledOperation(Value, frozen=True):
    """The outcome of one operation."""

    operation_id: int
    state: OperationState
    reason: str = ""
    error: str = ""
    who_acts: str = ""


class ReleasedBond(Value, frozen=True):
    """A lease to give up; the bond's pending operations are due again in `again_in` seconds."""

    bond_id: int
    epoch: int
    again_in: float = 0.0


_OPERATIONS = f"""(
    SELECT json_agg(o ORDER BY o.position) FROM (
        SELECT operation.*, bond.severity FROM operation
        WHERE operation.bond_id = bond.id AND operation.{PENDING} ORDER BY position LIMIT {AHEAD}
    ) o
)::text"""
_read_operations = msgspec.json.Decoder(tuple[Operation, ...]).decode
_CLAIM = text(
    """
    WITH picked AS MATERIALIZED (
        SELECT bond_id FROM outbox
        WHERE account = :account AND ready_at <= now() AND (lease_until IS NULL OR lease_until < now())
          AND EXISTS (SELECT FROM lane WHERE lane.account = :account AND paused_at IS NULL
                      AND ((circuit = 'closed' AND (resume_at IS NULL OR resume_at <= now())) OR :probing))
        ORDER BY account, severity, waits_since, bond_id LIMIT :many FOR UPDATE SKIP LOCKED
    ), leased AS (
        UPDATE outbox x SET lease_owner = :worker, lease_epoch = nextval('lease_epoch'),
            lease_until = now() + make_interval(secs => :seconds)
        FROM picked WHERE x.bond_id = picked.bond_id
        RETURNING x.bond_id, x.lease_epoch, x.severity, x.waits_since
    )
    SELECT bond.*, leased.lease_epoch, {operations} AS operations
    FROM leased JOIN bond ON bond.id = leased.bond_id
    ORDER BY leased.severity, leased.waits_since, bond.id
    """.replace("{operations}", _OPERATIONS)
)
_NEXT = text(f"SELECT bond.id, {_OPERATIONS} AS operations FROM bond WHERE id = ANY(CAST(:bonds AS bigint[]))")
_HELD = text(
    """
    SELECT x.bond_id, x.lease_epoch FROM outbox x
    JOIN unnest(CAST(:bonds AS bigint[]), CAST(:epochs AS bigint[])) AS mine(bond_id, epoch)
      ON x.bond_id = mine.bond_id AND x.lease_epoch = mine.epoch
    ORDER BY x.bond_id FOR UPDATE OF x
    """
)
_INTEND = text(
    """
    WITH intended AS (
        UPDATE operation SET state = 'sending', attempts = attempts + 1, sent_at = :now, reason = '', error = ''
    WHERE id = ANY(CAST(:ids AS bigint[])) AND state IN ('ready', 'in_doubt')
    )
    SELECT now()
    """
)
_SETTLE = text(
    """
    WITH tied AS (
        UPDATE bond b SET state = t.state, case_number = t.case_number, case_id = t.case_id, missed = 0,
            updated_at = :now, picture = b.picture || t.picture,
            delivered_at = t.delivered_at, stored_at = t.stored_at
        FROM jsonb_to_recordset(CAST(:bonds AS jsonb)) AS t(
            id bigint, state text, case_number text, case_id text, picture jsonb, delivered_at timestamptz,
            stored_at timestamptz)
        WHERE b.id = t.id
    )
    UPDATE operation o SET state = s.state, reason = s.reason, error = s.error, who_acts = s.who_acts,
        sent_at = CASE WHEN s.state = 'in_doubt' AND o.state = 'sending' THEN :now ELSE o.sent_at END,
        settled_at = CASE WHEN s.state IN ('done', 'merged') THEN :now ELSE o.settled_at END
    FROM jsonb_to_recordset(CAST(:settled AS jsonb))
        AS s(operation_id bigint, state text, reason text, error text, who_acts text)
    WHERE o.id = s.operation_id
    """
)
_DROP = text(
    f"""
    WITH mine AS (
        SELECT m.bond_id, m.again_in, EXISTS (
            SELECT FROM operation o WHERE o.bond_id = m.bond_id AND o.{PENDING}) AS more
        FROM unnest(CAST(:bonds AS bigint[]), CAST(:again AS float8[])) AS m(bond_id, again_in)
    ), gone AS (
        DELETE FROM outbox x USING mine WHERE x.bond_id = mine.bond_id AND NOT mine.more
    )
    UPDATE outbox x SET lease_owner = NULL, lease_until = NULL, ready_at = now() + make_interval(secs => mine.again_in)
    FROM mine WHERE x.bond_id = mine.bond_id AND mine.more
    """
)
_SET_ASIDE = text("DELETE FROM outbox WHERE bond_id = ANY(CAST(:bonds AS bigint[]))")
_EXTEND = text(
    """
    UPDATE outbox x SET lease_until = now() + make_interval(secs => :seconds)
    FROM unnest(CAST(:bonds AS bigint[]), CAST(:epochs AS bigint[])) AS mine(bond_id, epoch)
    WHERE x.bond_id = mine.bond_id AND x.lease_epoch = mine.epoch
    RETURNING x.bond_id, x.lease_epoch
    """
)


class Outbox:
    """The outbox within one unit of work."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def claim(
        self, account: str, worker: str, many: int, seconds: float, *, probing: bool = False
    ) -> list[Claim]:
        """Lease up to `many` bonds of an account for `seconds`: most severe first, then longest waiting.

        Empty while the lane is paused, held, or its circuit open, unless this claim is the circuit's probe. All times
        of leases are the database's, so machines' clocks need not agree.
        """
        result = await self._connection.execute(
            _CLAIM, {"account": account, "worker": worker, "many": many, "seconds": seconds, "probing": probing}
        )
        return [
            Claim(bond=bond_of(row), epoch=row.lease_epoch, operations=_read_operations(row.operations or "[]"))
            for row in result
        ]

    async def waiting(self, bond_ids: Sequence[int]) -> dict[int, tuple[Operation, ...]]:
        """The next operations of each bond, in order."""
        result = await self._connection.execute(_NEXT, {"bonds": ids(bond_ids)})
        return {row.id: _read_operations(row.operations or "[]") for row in result}

    async def hold(self, leases: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
        """Of these (bond, epoch) pairs, those whose lease is still valid, locked until the transaction ends."""
        if not leases:
            return set()
        bonds, epochs = zip(*leases, strict=True)
        result = await self._connection.execute(_HELD, {"bonds": ids(bonds), "epochs": ids(epochs)})
        return {(row.bond_id, row.lease_epoch) for row in result}

    async def intend(self, operation_ids: Sequence[int], now: datetime) -> datetime | None:
        """Record that these operations are about to be sent; commit before the first byte is sent.

        Returns the time by the database's clock, or None for no operations.
        """
        if not operation_ids:
            return None
        result = await self._connection.execute(_INTEND, {"ids": ids(operation_ids), "now": now})
        time: datetime = result.scalar_one()
        return time

    async def settle(self, settled: Sequence[SettledOperation], now: datetime, bonds: Sequence[Bond] = ()) -> None:
        """Store outcomes of operations, and state, case, picture and acknowledgement times of their bonds.

        The caller has locked the bonds. Fields of a picture are replaced one by one.
        """
        if not (settled or bonds):
            return
        tied = [
            {
                "id": bond.id,
                "state": bond.state,
                "case_number": bond.reference.number if bond.reference else "",
                "case_id": bond.reference.id if bond.reference else "",
                "picture": bond.picture,
                "delivered_at": bond.delivered_at,
                "stored_at": bond.stored_at,
            }
            for bond in bonds
        ]
        values = {"settled": rows(settled), "bonds": rows(tied), "now": now}
        await self._connection.execute(_SETTLE, values)

    async def release(self, released: Sequence[ReleasedBond], aside: Sequence[int] = ()) -> None:
        """Give up leases; bonds in `aside` wait for a person."""
        if released:
            await self._connection.execute(
                _DROP,
                {"bonds": ids([bond.bond_id for bond in released]), "again": ids([bond.again_in for bond in released])},
            )
        if aside:
            await self._connection.execute(_SET_ASIDE, {"bonds": ids(aside)})

    async def extend(self, leases: Sequence[tuple[int, int]], seconds: float) -> set[tuple[int, int]]:
        """Extend leases; returns those that are still ours."""
        if not leases:
            return set()
        bonds, epochs = zip(*leases, strict=True)
        result = await self._connection.execute(
            _EXTEND, {"bonds": ids(bonds), "epochs": ids(epochs), "seconds": seconds}
        )
        return {(row.bond_id, row.lease_epoch) for row in result}

    async def break_lease(self, bond_id: int) -> None:
        """Remove a bond from the outbox; a worker with a lease on it can no longer write."""
        await self._connection.execute(_SET_ASIDE, {"bonds": ids([bond_id])})
