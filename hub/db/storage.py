"""The database: engine, units of work, and schema upgrades."""

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
"""NOTIFY channels: an account has something to send, or a stream to read. They only save time; polling is enough."""

OPTIONS = "-c timezone=UTC -c statement_timeout=60000 -c idle_in_transaction_session_timeout=10000"
"""Of every session. A process that hangs in a transaction must not keep its rows locked."""


class Storage:
    """The hub's database, for as long as one process uses it."""

    def __init__(self, url: str, *, connections: int = 10, clock: Callable[[], datetime] = utc_now) -> None:
        try:
            self.url = make_url(url).set(drivername="postgresql+psycopg")
        except ArgumentError:
            raise SettingsError(
                "the database address is not valid",
                next_step="set HUB_DATABASE_URL to postgresql://user:password@host:port/name",
            ) from None
        self.clock = clock
        self.revive: Callable[[], None] | None = None
        """Restarts the embedded database after it died; blocks, and raises SettingsError if it can't."""
        self.listeners: list[Listener] = []
        """Called with the journal's new entries after each commit."""
        self.engine: AsyncEngine = create_async_engine(
            self.url,
            pool_size=connections,
            max_overflow=2,
            pool_timeout=10,
            hide_parameters=True,  # errors must not quote the values to store
            json_serializer=lambda value: msgspec.json.encode(value).decode(),
            json_deserializer=msgspec.json.decode,
            connect_args={"connect_timeout": 5, "options": OPTIONS},
        )

    def __repr__(self) -> str:
        return f"Storage({self.url.render_as_string(hide_password=True)!r})"

    def unit(self) -> AbstractAsyncContextManager[Unit]:
        """One unit of work: commits when the block ends, rolls back when it raises."""
        return open_unit(self.engine, self.clock, self.listeners)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """A read-only connection that sees one consistent state, whatever is written meanwhile."""
        async with storage_errors(), self.engine.connect() as plain:
            connection = await plain.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            async with connection.begin():
                yield connection

    async def upgrade(self) -> None:
        """Upgrade the tables to this version; safe to call from several processes at once."""
        async with storage_errors(), self.engine.begin() as connection:
            await connection.run_sync(migrations.upgrade)

    async def hub_id(self) -> str:
        """The id of this hub's database. Raises SettingsError when it was never set up."""
        try:
            async with storage_errors(), self.engine.connect() as connection:
                hub_id = await connection.scalar(text("SELECT hub_id FROM hub"))
        except ProgrammingError:
            hub_id = None
        if not hub_id:
            raise SettingsError("the database is not set up yet", next_step="run `hub init`")
        return str(hub_id)

    async def ensure_hub_id(self, fresh: str) -> str:
        """The hub's id; stores `fresh` when the database has none yet."""
        async with storage_errors(), self.engine.begin() as connection:
            await connection.execute(
                text("INSERT INTO hub (id, hub_id) VALUES (1, :fresh) ON CONFLICT DO NOTHING"), {"fresh": fresh}
            )
            return str(await connection.scalar(text("SELECT hub_id FROM hub")))

    async def verify(self) -> AsyncIterator[tuple[int, list[journal.JournalFault]]]:
        """Check the journal against its hashes; yields entries read and faults found, batch by batch."""
        async with self.snapshot() as connection:
            async for step in journal.verify(connection):
                yield step

    async def listen(self) -> AsyncIterator[tuple[str, str]]:
        """Yields notifications as they come: WORK or NEWS, and the account.

        Raises StorageUnavailable when the connection is lost.
        """
        plain = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        async with storage_errors():
            async with await Driver.connect(plain, autocommit=True, connect_timeout=5) as connection:
                await connection.execute(f"LISTEN {WORK}; LISTEN {NEWS}")
                async for notification in connection.notifies():
                    yield notification.channel, notification.payload

    async def close(self) -> None:
        """Close all connections."""
        await asyncio.shield(self.engine.dispose())
