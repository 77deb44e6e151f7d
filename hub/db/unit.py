"""The unit of work: one transaction, committed in one place, with the journal entries that belong to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import cached_property

from psycopg import errors as pg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hub.db import journal
from hub.db.appointments import Appointments
from hub.db.attachments import Attachments
from hub.db.bonds import Bonds
from hub.db.clocks import Clocks
from hub.db.comments import Comments
from hub.db.conflicts import Conflicts
from hub.db.customers import Customers
from hub.db.deliveries import Deliveries
from hub.db.lanes import Lanes
from hub.db.notices import Notices
from hub.db.operations import Operations
from hub.db.outbox import Outbox
from hub.db.publications import Publications
from hub.db.quarantine import Quarantine
from hub.db.sessions import Sessions
from hub.db.streams import Streams
from hub.db.tickets import Tickets
from hub.db.watches import Watches, is_timed
from hub.errors import StorageUnavailable
from hub.model import Event, utc_now
from hub.model.journal import Entry

Listener = Callable[[Sequence[Event]], None]


class Unit:
    """What one transaction can reach: a repository for each aggregate, and the journal."""

    def __init__(self, connection: AsyncConnection, clock: Callable[[], datetime]) -> None:
        self.connection = connection
        self.now = clock()
        """One time for the whole unit."""
        self._notes: list[journal.PendingEntry] = []

    def note(self, chain: str, entry: Entry) -> None:
        """Add an entry to the journal with this transaction."""
        self._notes.append(journal.PendingEntry(chain=chain, entry=entry))

    @cached_property
    def tickets(self) -> Tickets:
        return Tickets(self.connection)

    @cached_property
    def bonds(self) -> Bonds:
        return Bonds(self.connection)

    @cached_property
    def operations(self) -> Operations:
        return Operations(self.connection)

    @cached_property
    def outbox(self) -> Outbox:
        return Outbox(self.connection)

    @cached_property
    def lanes(self) -> Lanes:
        return Lanes(self.connection)

    @cached_property
    def streams(self) -> Streams:
        return Streams(self.connection)

    @cached_property
    def comments(self) -> Comments:
        return Comments(self.connection)

    @cached_property
    def attachments(self) -> Attachments:
        return Attachments(self.connection)

    @cached_property
    def conflicts(self) -> Conflicts:
        return Conflicts(self.connection)

    @cached_property
    def customers(self) -> Customers:
        return Customers(self.connection)

    @cached_property
    def appointments(self) -> Appointments:
        return Appointments(self.connection)

    @cached_property
    def publications(self) -> Publications:
        return Publications(self.connection)

    @cached_property
    def sessions(self) -> Sessions:
        return Sessions(self.connection)

    @cached_property
    def deliveries(self) -> Deliveries:
        return Deliveries(self.connection)

    @cached_property
    def quarantine(self) -> Quarantine:
        return Quarantine(self.connection)

    @cached_property
    def watches(self) -> Watches:
        return Watches(self.connection)

    @cached_property
    def clocks(self) -> Clocks:
        return Clocks(self.connection)

    @cached_property
    def notices(self) -> Notices:
        return Notices(self.connection)

    @asynccontextmanager
    async def attempt(self) -> AsyncIterator[None]:
        """A part of the unit that may fail alone: its writes and journal entries are undone, the rest stays."""
        noted = len(self._notes)
        try:
            async with self.connection.begin_nested():
                yield
        except BaseException:
            del self._notes[noted:]
            raise

    async def _finish(self) -> Sequence[Event]:
        # Watches are held before chains, by everybody.
        if timed := sorted({note.chain for note in self._notes if is_timed(note.entry)}):
            await self.watches.schedule(timed, self.now)
        return await journal.append(self.connection, self._notes, self.now) if self._notes else ()


GONE = (OperationalError, InterfaceError, PoolTimeout, pg.OperationalError, ConnectionError, TimeoutError)


@asynccontextmanager
async def storage_errors() -> AsyncIterator[None]:
    """Turn a database that does not answer into StorageUnavailable; other errors pass as they are."""
    try:
        yield
    except GONE as error:
        raise StorageUnavailable(
            f"the hub's database does not answer ({type(getattr(error, 'orig', None) or error).__name__})",
            next_step="start PostgreSQL or mend HUB_DATABASE_URL; nothing was written",
        ) from error
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        raise StorageUnavailable("the connection to the hub's database was cut; nothing was written") from error


@asynccontextmanager
async def open_unit(
    engine: AsyncEngine, clock: Callable[[], datetime] = utc_now, listeners: Sequence[Listener] = ()
) -> AsyncIterator[Unit]:
    """One unit of work; commits when the block ends, rolls back when it raises.

    Listeners are told of the journal's new entries after the commit.
    """
    async with storage_errors(), engine.connect() as connection:
        unit = Unit(connection, clock)
        async with connection.begin():
            yield unit
            events = await unit._finish()  # noqa: SLF001 - the two belong together
    if events:
        for listener in listeners:
            listener(events)
