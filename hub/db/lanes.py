"""Lanes: pause, circuit breaker and worker shares of each account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db.tables.lanes import LaneRow
from hub.model import CircuitState, Value


class Lane(Value, frozen=True):
    """The state of one account's outgoing work."""

    account: str
    vendor: str
    paused_at: datetime | None = None
    pause_reason: str = ""
    circuit: CircuitState = CircuitState.CLOSED  # open: nothing is sent until `resume_at`, then one call probes
    failures: int = 0  # in a row
    resume_at: datetime | None = None
    note: str = ""


_SHARES = text("SELECT worker, seats FROM lane_share WHERE account = :account AND until > now()")
_TAKE = text(
    "INSERT INTO lane_share (account, worker, seats, until) "
    "VALUES (:account, :worker, :seats, now() + make_interval(secs => :seconds)) "
    "ON CONFLICT (account, worker) DO UPDATE SET seats = excluded.seats, until = excluded.until"
)


class Lanes:
    """The lanes within one unit of work."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def ensure(self, account: str, vendor: str) -> None:
        """Create the lane of an account if it does not exist."""
        await self._connection.execute(insert(LaneRow).values(account=account, vendor=vendor).on_conflict_do_nothing())

    async def all(self) -> list[Lane]:
        """Every lane."""
        rows = await self._connection.execute(select(LaneRow.__table__).order_by(LaneRow.account))
        return [self._lane(row) for row in rows]

    async def get(self, account: str, *, lock: bool = False) -> Lane | None:
        """One lane."""
        query = select(LaneRow.__table__).where(LaneRow.account == account)
        row = (await self._connection.execute(query.with_for_update() if lock else query)).one_or_none()
        return self._lane(row) if row else None

    @staticmethod
    def _lane(row: Any) -> Lane:
        return Lane(
            account=row.account,
            vendor=row.vendor,
            paused_at=row.paused_at,
            pause_reason=row.pause_reason,
            circuit=CircuitState(row.circuit),
            failures=row.failures,
            resume_at=row.resume_at,
            note=row.note,
        )

    async def change(self, account: str, now: datetime, *, circuit: CircuitState | None = None, **values: Any) -> None:
        """Set columns of a lane."""
        values |= {"circuit": circuit} if circuit else {}
        await self._connection.execute(
            update(LaneRow).where(LaneRow.account == account).values(**values, updated_at=now)
        )

    async def wake(self, account: str) -> None:
        """Wake the workers for this lane."""
        await self._connection.execute(
            text("SELECT pg_notify('hub_work', :account), pg_notify('hub_news', :account)"), {"account": account}
        )

    async def resume_in(self, account: str, seconds: float, **values: Any) -> None:
        """Hold the lane for this long by the database's clock."""
        await self._connection.execute(
            update(LaneRow)
            .where(LaneRow.account == account)
            .values(**values, resume_at=text("now() + make_interval(secs => :s)").bindparams(s=seconds))
        )

    async def hold_left(self, account: str) -> float:
        """Seconds until the lane's `resume_at`, by the database's clock; 0 or less once it has passed."""
        query = text("SELECT extract(epoch FROM resume_at - now()) FROM lane WHERE account = :account")
        return float(await self._connection.scalar(query, {"account": account}) or 0.0)

    async def probe(self, account: str, seconds: float) -> bool:
        """Claim the one probe call of an open circuit for this long; False when another worker has it."""
        statement = text(
            "UPDATE lane SET resume_at = now() + make_interval(secs => :seconds) "
            "WHERE account = :account AND circuit = 'open' AND (resume_at IS NULL OR resume_at <= now()) RETURNING 1"
        )
        return (await self._connection.execute(statement, {"account": account, "seconds": seconds})).first() is not None

    async def shares(self, account: str) -> dict[str, int]:
        """The seats of each live worker."""
        return {row.worker: row.seats for row in await self._connection.execute(_SHARES, {"account": account})}

    async def take(self, account: str, worker: str, seats: int, seconds: float) -> None:
        """Set a worker's seats for this long."""
        await self._connection.execute(
            _TAKE, {"account": account, "worker": worker, "seats": seats, "seconds": seconds}
        )

    async def seen(self, worker: str, host: str, pid: int) -> None:
        """Record a worker's heartbeat; workers not seen for a day are deleted."""
        await self._connection.execute(
            text(
                "INSERT INTO worker (id, host, pid) VALUES (:id, :host, :pid) "
                "ON CONFLICT (id) DO UPDATE SET seen_at = now()"
            ),
            {"id": worker, "host": host, "pid": pid},
        )
        await self._connection.execute(text("DELETE FROM worker WHERE seen_at < now() - interval '1 day'"))

    async def leave(self, worker: str, accounts: Sequence[str] | None = None) -> None:
        """Release a worker's seats; for all accounts, deregister it too."""
        await self._connection.execute(
            text(
                "DELETE FROM lane_share WHERE worker = :worker "
                "AND (CAST(:accounts AS text[]) IS NULL OR account = ANY(:accounts))"
            ),
            {"worker": worker, "accounts": list(accounts) if accounts is not None else None},
        )
        if accounts is None:
            await self._connection.execute(text("DELETE FROM worker WHERE id = :worker"), {"worker": worker})
