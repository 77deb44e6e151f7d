"""The unit of work and its journal: all or nothing, append-only, and every tampering found."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hub.db import journal
from hub.db.storage import Storage
from hub.errors import StorageUnavailable
from hub.model import Event, Severity, TicketDraft
from hub.model.journal import UnknownEntry
from hub.model.journal.tickets import TicketAdded

CHAIN = "RJR-000001"


async def write(storage: Storage, chain: str = CHAIN, count: int = 5) -> None:
    """Some journal entries, each in a unit of its own."""
    for number in range(count):
        async with storage.unit() as unit:
            unit.note(chain, UnknownEntry(kind=f"step_{number}", data={"number": number}))


async def faults(storage: Storage) -> list[journal.JournalFault]:
    return [fault async for _, found in storage.verify() for fault in found]


async def tamper(storage: Storage, *statements: str) -> None:
    """Change the journal as someone could who owns the database."""
    async with storage.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE journal DISABLE TRIGGER USER"))
        for statement in statements:
            await connection.exec_driver_sql(statement)
        await connection.execute(text("ALTER TABLE journal ENABLE TRIGGER USER"))


async def test_unit_commits_its_work_with_its_journal(storage: Storage) -> None:
    """What a unit writes and notes is there after it, and the listeners are told."""
    heard: list[Event] = []

    def listen(events: Sequence[Event]) -> None:
        heard.extend(events)

    storage.listeners.append(listen)
    async with storage.unit() as unit:
        ticket = await unit.tickets.add(TicketDraft(title="a", severity=Severity.S3), "RJR", "", unit.now)
        unit.note(ticket.number, TicketAdded(who="agent"))
        assert heard == []
    async with storage.unit() as unit:
        assert await unit.tickets.get(ticket.number) is not None
        stored = await journal.read(unit.connection, ticket.number)
    assert stored == heard
    assert [event.kind for event in heard] == ["ticket_added"]


async def test_unit_that_raises_leaves_nothing(storage: Storage) -> None:
    """A unit that fails writes neither its rows nor its entries, and tells nobody."""
    heard: list[Event] = []

    def listen(events: Sequence[Event]) -> None:
        heard.extend(events)

    storage.listeners.append(listen)
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the block is the unit
        async with storage.unit() as unit:
            await unit.tickets.add(TicketDraft(title="a", severity=Severity.S3), "RJR", "", unit.now)
            unit.note(CHAIN, TicketAdded())
            raise ZeroDivisionError
    async with storage.unit() as unit:
        assert await unit.tickets.page() == []
        assert await journal.read(unit.connection, CHAIN) == []
    assert heard == []


@pytest.mark.parametrize("statement", ["UPDATE journal SET kind = 'other'", "DELETE FROM journal", "TRUNCATE journal"])
async def test_journal_is_append_only(storage: Storage, statement: str) -> None:
    """The database itself refuses to change or to take away an entry."""
    await write(storage)
    with pytest.raises(DBAPIError):
        async with storage.unit() as unit:
            await unit.connection.execute(text(statement))
    assert await faults(storage) == []


async def test_sound_journal_verifies(storage: Storage) -> None:
    """Interleaved chains, written by many at once, have no fault; every entry is read."""
    await asyncio.gather(*(write(storage, f"RJR-00000{chain}") for chain in range(4) for _ in range(3)))
    assert await faults(storage) == []
    assert sum([count async for count, _ in storage.verify()]) == 4 * 3 * 5


@pytest.mark.parametrize(
    ("tampering", "position"),
    [
        (["UPDATE journal SET data = '{\"number\":7}' WHERE position = 3"], 3),
        (["UPDATE journal SET kind = 'other' WHERE position = 3"], 3),
        (["UPDATE journal SET at = at + interval '1 microsecond' WHERE position = 3"], 3),
        (["DELETE FROM journal WHERE position = 3"], 3),
        (["DELETE FROM journal WHERE position = 1"], 1),
        (["DELETE FROM journal WHERE position = 5"], 5),
        (["DELETE FROM journal"], 5),
        (["DELETE FROM journal WHERE position > 3", "UPDATE journal_chain SET position = 3"], 3),
        (["DELETE FROM journal_chain"], 5),
        (
            [
                "UPDATE journal SET position = 99 WHERE position = 2",
                "UPDATE journal SET position = 2 WHERE position = 3",
                "UPDATE journal SET position = 3 WHERE position = 99",
            ],
            2,
        ),
        (["UPDATE journal SET chain = 'RJR-000002'", "UPDATE journal_chain SET chain = 'RJR-000002'"], 1),
        (["INSERT INTO journal SELECT chain, 6, at, kind, data, hash FROM journal WHERE position = 5"], 6),
    ],
)
async def test_tampering_is_found(storage: Storage, tampering: list[str], position: int) -> None:
    """Edited, removed, reordered, moved and added entries are found, with the place where it begins."""
    await write(storage)
    await tamper(storage, *tampering)
    found = await faults(storage)
    assert position in [fault.position for fault in found]


async def test_journal_goes_on_after_a_tampering(storage: Storage) -> None:
    """The hub keeps writing to a chain that was tampered with, and the fault stays visible."""
    await write(storage)
    await tamper(storage, "DELETE FROM journal WHERE position = 2")
    await write(storage, count=2)
    assert [fault.position for fault in await faults(storage)] == [2]


async def test_database_that_is_away_is_named_as_such(server_url_of_nothing: str) -> None:
    """A unit on a database that does not answer raises StorageUnavailable, which says what to do."""
    storage = Storage(server_url_of_nothing, connections=1)
    with pytest.raises(StorageUnavailable) as caught:
        async with storage.unit() as unit:
            await unit.tickets.page()
    assert "start PostgreSQL" in caught.value.next_step
    await storage.close()


@pytest.fixture
def server_url_of_nothing(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An address where no server is."""
    return f"postgresql://hub@/hub?host={tmp_path_factory.mktemp('none')}"


async def test_cut_connection_is_survived(storage: Storage) -> None:
    """After the server cut all connections, the next unit works; the one that was cut raises StorageUnavailable."""
    with pytest.raises(StorageUnavailable):  # noqa: PT012 - the block is the unit
        async with storage.unit() as unit:
            async with storage.unit() as other:
                await other.connection.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    )
                )
            await unit.tickets.page()
    async with storage.unit() as unit:
        assert await unit.tickets.page() == []
