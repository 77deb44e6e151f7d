"""The way to the database: the engine, its units of work, and the upgrade of its tables."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime

import msgspec
from psycopg import AsyncConnection as Driver
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from hub.db import journal, migrations
from hub.db.unit import Listener, Unit, open_unit, storage_errors
from hub.errors import SettingsError
from hub.model import utc_now

WORK, NEWS = "hub_work", "hub_news"
"""NOTIFY channels: an account has something to send, or a stream to read. They only wake, the poll alone is enough."""

OPTIONS = "-c timezone=UTC -c statement_timeout=60000 -c idle_in_transaction_session_timeout=10000"
"""Of every session. A process that stands still amid a transaction must not keep the others from their rows."""


class Storage:
    """The hub's database, for as long as one process uses it."""

    def __init__(self, url: str, *, connections: int = 10, clock: Callable[[], datetime] = utc_now) -> None:
        try:
            self.url = make_url(url).set(drivername="postgresql+psycopg")
        except ArgumentError:
            raise SettingsError(
                "the database's address can't be read",
                next_step="set HUB_DATABASE_URL to postgresql://user:password@host:port/name",
            ) from None
        self.clock = clock
        self.revive: Callable[[], None] | None = None
        """Brings a database that is ours to run back after it died; blocks, and raises SettingsError if it can't."""
        self.listeners: list[Listener] = []
        """Told of the journal's new entries after each commit."""
        self.engine: AsyncEngine = create_async_engine(
            self.url,
            pool_size=connections,
            max_overflow=2,
            pool_timeout=10,
            hide_parameters=True,  # an error's text must not quote what was to be stored
            json_serializer=lambda value: msgspec.json.encode(value).decode(),
            json_deserializer=msgspec.json.decode,
            connect_args={"connect_timeout": 5, "options": OPTIONS},
        )

    def __repr__(self) -> str:
        return f"Storage({self.url.render_as_string(hide_password=True)!r})"

    def unit(self) -> AbstractAsyncContextManager[Unit]:
        """One unit of work: commits when the block ends, rolls back when it raises StorageUnavailable or else."""
        return open_unit(self.engine, self.clock, self.listeners)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """A connection that reads one consistent picture, whatever is written meanwhile."""
        async with storage_errors(), self.engine.connect() as plain:
            connection = await plain.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            async with connection.begin():
                yield connection

    async def upgrade(self) -> None:
        """Bring the tables to this version's shape; safe to call from several processes at once."""
        async with storage_errors(), self.engine.begin() as connection:
            await connection.run_sync(migrations.upgrade)

    async def hub_id(self) -> str:
        """What tells this hub's database from any other. Raises SettingsError when it was never set up."""
        try:
            async with storage_errors(), self.engine.connect() as connection:
                found = await connection.scalar(text("SELECT hub_id FROM hub"))
        except ProgrammingError:
            found = None
        if not found:
            raise SettingsError("the database is not set up yet", next_step="run `hub init`")
        return str(found)

    async def ensure_hub_id(self, fresh: str) -> str:
        """The hub's id; takes `fresh` when the database has none yet."""
        async with storage_errors(), self.engine.begin() as connection:
            await connection.execute(
                text("INSERT INTO hub (id, hub_id) VALUES (1, :fresh) ON CONFLICT DO NOTHING"), {"fresh": fresh}
            )
            return str(await connection.scalar(text("SELECT hub_id FROM hub")))

    async def verify(self) -> AsyncIterator[tuple[int, list[journal.JournalFault]]]:
        """Walk the journal and compare it with its hashes; yields entries read and faults found, batch by batch."""
        async with self.snapshot() as connection:
            async for step in journal.verify(connection):
                yield step

    async def listen(self) -> AsyncIterator[tuple[str, str]]:
        """WORK or NEWS and the account that has it, as it comes.

        Ends with StorageUnavailable when the connection is cut.
        """
        plain = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        async with storage_errors():
            async with await Driver.connect(plain, autocommit=True, connect_timeout=5) as connection:
                await connection.execute(f"LISTEN {WORK}; LISTEN {NEWS}")
                async for notice in connection.notifies():
                    yield notice.channel, notice.payload

    async def close(self) -> None:
        """Close all connections."""
        await asyncio.shield(self.engine.dispose())
