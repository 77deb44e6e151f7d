"""Read-only queries across several tables, for views of the whole hub; each uses an index."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db.bonds import bond_of
from hub.db.operations import operation_of
from hub.db.tables.bonds import LIVE_BOND
from hub.model import Bond, Operation, Value


class LaneQueue(Value, frozen=True):
    """The queue of one account."""

    account: str
    waiting: int = 0  # bonds with something to send
    leased: int = 0  # of these, leased by a worker
    oldest_seconds: float = 0.0  # the longest wait
    parked: int = 0
    in_doubt: int = 0
    hold_seconds: float = 0.0  # until the lane tries again; 0 when it is not held
    seats: int = 0  # of its concurrency, taken by live workers


class SeenWorker(Value, frozen=True):
    """A worker, and the age of its last heartbeat."""

    id: str
    host: str
    pid: int
    started_at: datetime
    seen_seconds: float  # since its last heartbeat


_QUEUES = text(
    """
    SELECT l.account, COALESCE(x.waiting, 0) AS waiting, COALESCE(x.leased, 0) AS leased,
        COALESCE(x.oldest, 0)::float8 AS oldest_seconds, COALESCE(o.parked, 0) AS parked,
        COALESCE(o.in_doubt, 0) AS in_doubt, COALESCE(s.seats, 0) AS seats,
        GREATEST(0, COALESCE(extract(epoch FROM l.resume_at - now()), 0))::float8 AS hold_seconds
    FROM lane l
    LEFT JOIN (
        SELECT account, count(*) AS waiting, count(*) FILTER (WHERE lease_until > now()) AS leased,
            extract(epoch FROM now() - min(waits_since)) AS oldest
        FROM outbox GROUP BY account
    ) x ON x.account = l.account
    LEFT JOIN (
        SELECT account, count(*) FILTER (WHERE state = 'parked') AS parked,
            count(*) FILTER (WHERE state = 'in_doubt') AS in_doubt
        FROM operation WHERE state IN ('parked', 'in_doubt') GROUP BY account
    ) o ON o.account = l.account
    LEFT JOIN (
        SELECT account, sum(seats) AS seats FROM lane_share WHERE until > now() GROUP BY account
    ) s ON s.account = l.account
    ORDER BY l.account
    """
)
_WORKERS = text(
    "SELECT id, host, pid, started_at, extract(epoch FROM now() - seen_at)::float8 AS seen_seconds "
    "FROM worker ORDER BY started_at, id"
)
_WATCHED = text(f"SELECT * FROM bond WHERE {LIVE_BOND} AND case_number <> '' AND id > :after ORDER BY id LIMIT :limit")
_OF_BOND = text(
    "SELECT o.*, b.severity FROM operation o JOIN bond b ON b.id = o.bond_id WHERE o.bond_id = :bond "
    "ORDER BY o.position"
)


async def queues(connection: AsyncConnection) -> list[LaneQueue]:
    """The queue of each lane."""
    return [LaneQueue(**row._mapping) for row in await connection.execute(_QUEUES)]  # noqa: SLF001


async def workers(connection: AsyncConnection) -> list[SeenWorker]:
    """Workers with a heartbeat within the last day."""
    return [SeenWorker(**row._mapping) for row in await connection.execute(_WORKERS)]  # noqa: SLF001


async def last_entry(connection: AsyncConnection) -> datetime | None:
    """When the journal was last written to."""
    at: datetime | None = await connection.scalar(text("SELECT max(at) FROM journal"))
    return at


async def bonds_by_id(connection: AsyncConnection, ids: Sequence[int]) -> dict[int, Bond]:
    """These bonds, by id."""
    rows = await connection.execute(text("SELECT * FROM bond WHERE id = ANY(:ids)"), {"ids": list(ids)})
    return {row.id: bond_of(row) for row in rows}


async def watched(connection: AsyncConnection, *, after: int = 0, limit: int = 100) -> list[Bond]:
    """Live bonds that have a case, oldest first; the next page continues after the last id."""
    return [bond_of(row) for row in await connection.execute(_WATCHED, {"after": after, "limit": limit})]


async def operations_of(connection: AsyncConnection, bond_id: int) -> list[Operation]:
    """All operations of a bond, past and pending, in order."""
    return [operation_of(row) for row in await connection.execute(_OF_BOND, {"bond": bond_id})]


async def leased_streams(connection: AsyncConnection) -> set[tuple[str, str]]:
    """The (account, kind) of streams that are being read."""
    rows = await connection.execute(text("SELECT account, kind FROM stream WHERE lease_until > now()"))
    return {(row.account, row.kind) for row in rows}
