"""Streams: what is read from each account, how far, and which worker reads it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db.tables.streams import StreamRow
from hub.model import Cursor, StreamKind, Value


class Stream(Value, frozen=True):
    """One kind of incoming updates of one account."""

    account: str
    kind: StreamKind
    cursor: Cursor
    due_at: datetime
    epoch: int = 0
    started_at: datetime | None = None
    finished_at: datetime | None = None
    failures: int = 0
    error: str = ""
    items: int = 0


_CLAIM = text(
    """
    WITH picked AS (
        SELECT account, kind FROM stream
        WHERE account = :account AND (due_at <= now() OR :at_once) AND (lease_until IS NULL OR lease_until < now())
        ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    UPDATE stream s SET lease_owner = :worker, lease_epoch = nextval('lease_epoch'), started_at = now(),
        lease_until = now() + make_interval(secs => :seconds)
    FROM picked WHERE s.account = picked.account AND s.kind = picked.kind
    RETURNING s.*
    """
)
_ADVANCE = text(
    """
    UPDATE stream SET cursor = CAST(:cursor AS jsonb), items = items + :items,
        lease_until = now() + make_interval(secs => :seconds)
    WHERE account = :account AND kind = :kind AND lease_epoch = :epoch RETURNING 1
    """
)
_FINISH = text(
    """
    UPDATE stream SET lease_owner = NULL, lease_until = NULL, finished_at = now(), error = :error,
        failures = CASE WHEN :error = '' THEN 0 ELSE failures + 1 END,
        due_at = CASE WHEN :error = '' AND due_at > started_at  -- requested meanwhile, perhaps too late for this run
            THEN least(due_at, now() + make_interval(secs => :again_in))
            ELSE now() + make_interval(secs => :again_in) END
    WHERE account = :account AND kind = :kind AND lease_epoch = :epoch RETURNING 1
    """
)


class Streams:
    """The streams within one unit of work."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def ensure(self, account: str, kind: StreamKind) -> None:
        """Create a stream if it does not exist; it is due at once."""
        await self._connection.execute(insert(StreamRow).values(account=account, kind=kind).on_conflict_do_nothing())

    async def claim(self, account: str, worker: str, seconds: float, *, at_once: bool = False) -> Stream | None:
        """Lease the account's longest due stream; with `at_once`, also one that is not due yet."""
        row = (
            await self._connection.execute(
                _CLAIM, {"account": account, "worker": worker, "seconds": seconds, "at_once": at_once}
            )
        ).one_or_none()
        return self._stream(row) if row else None

    @staticmethod
    def _stream(row: Any) -> Stream:
        return Stream(
            account=row.account,
            kind=StreamKind(row.kind),
            cursor=row.cursor,
            due_at=row.due_at,
            epoch=row.lease_epoch,
            started_at=row.started_at,
            finished_at=row.finished_at,
            failures=row.failures,
            error=row.error,
            items=row.items,
        )

    async def advance(self, stream: Stream, cursor: bytes, items: int, seconds: float) -> bool:
        """Store the cursor (JSON) with its page; False when the lease is no longer ours."""
        row = await self._connection.execute(
            _ADVANCE,
            {
                "account": stream.account,
                "kind": stream.kind,
                "epoch": stream.epoch,
                "cursor": cursor.decode(),
                "items": items,
                "seconds": seconds,
            },
        )
        return row.first() is not None

    async def extend(self, stream: Stream, seconds: float) -> None:
        """Extend a lease, if it is still ours."""
        await self._connection.execute(
            text(
                "UPDATE stream SET lease_until = now() + make_interval(secs => :seconds) "
                "WHERE account = :account AND kind = :kind AND lease_epoch = :epoch"
            ),
            {"account": stream.account, "kind": stream.kind, "epoch": stream.epoch, "seconds": seconds},
        )

    async def request(self, account: str, kind: StreamKind, seconds: float) -> bool:
        """Make a stream due if its last run began `seconds` ago or earlier; of concurrent calls, one succeeds."""
        statement = text(
            "UPDATE stream SET due_at = now() WHERE account = :account AND kind = :kind AND due_at > clock_timestamp() "
            "AND lease_until IS NULL AND (started_at IS NULL OR started_at < now() - make_interval(secs => :seconds)) "
            "RETURNING 1"
        )
        values = {"account": account, "kind": kind, "seconds": seconds}
        return (await self._connection.execute(statement, values)).first() is not None

    async def finish(self, stream: Stream, again_in: float, error: str = "") -> bool:
        """Give up the lease; the stream is due again in `again_in` seconds. False when the lease is no longer ours."""
        row = await self._connection.execute(
            _FINISH,
            {
                "account": stream.account,
                "kind": stream.kind,
                "epoch": stream.epoch,
                "again_in": again_in,
                "error": error,
            },
        )
        return row.first() is not None

    async def wake(self, account: str, kind: StreamKind) -> None:
        """Make a stream due now; one that is being read is read again afterwards."""
        await self._connection.execute(
            text(
                "UPDATE stream SET due_at = now() WHERE account = :account AND kind = :kind "
                "AND (due_at > now() OR lease_until IS NOT NULL)"
            ),
            {"account": account, "kind": kind},
        )
        await self._connection.execute(text("SELECT pg_notify('hub_news', :account)"), {"account": account})

    async def all(self) -> list[Stream]:
        """Every stream."""
        rows = await self._connection.execute(select(StreamRow.__table__).order_by(StreamRow.account, StreamRow.kind))
        return [self._stream(row) for row in rows]
