"""The history of the tables leads to what the code expects, once, however many ask for it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from hub.db import migrations
from hub.db.server import embedded
from hub.db.storage import Storage
from hub.db.tables import Table
from hub.errors import SettingsError


@pytest.fixture
async def empty(server: embedded.Embedded) -> AsyncIterator[Storage]:
    """The storage on a database without tables."""
    name = f"hub_{secrets.token_hex(6)}"
    storage = Storage(server.create_database(name), connections=4)
    yield storage
    await storage.close()
    server.drop_database(name)


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, Table.metadata))


async def test_history_ends_where_the_code_is(storage: Storage) -> None:
    """A database that was upgraded from nothing has exactly the tables that the code declares."""
    async with storage.engine.connect() as connection:
        assert await connection.run_sync(_differences) == []


async def test_history_is_one_line() -> None:
    """There is one first and one last step, and each follows the one before."""
    script = ScriptDirectory.from_config(migrations.config())
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1


async def test_upgrades_at_once_wait_for_one_another(empty: Storage) -> None:
    """Several processes that set up one database in the same moment all succeed, and the hub has one id."""
    await asyncio.gather(*(empty.upgrade() for _ in range(4)))
    ids = await asyncio.gather(*(empty.ensure_hub_id(f"hub-{number}") for number in range(4)))
    assert len(set(ids)) == 1
    assert await empty.hub_id() == ids[0]


async def test_upgrade_again_changes_nothing(storage: Storage) -> None:
    """Upgrading what is up to date keeps tables, rows and id."""
    before = await storage.hub_id()
    await storage.upgrade()
    assert await storage.hub_id() == before
    async with storage.engine.connect() as connection:
        assert await connection.run_sync(_differences) == []
        steps = (await connection.execute(text("SELECT count(*) FROM alembic_version"))).scalar()
    assert steps == 1


async def test_what_is_known_of_older_bonds_is_taken_over(empty: Storage) -> None:
    """Bonds and tickets from before have times of acknowledgement by the old rule, and none that nobody knows."""
    opened, said = "2026-03-01T10:00:00+00:00", "2026-03-01T11:00:00+00:00"
    async with empty.engine.begin() as connection:
        await connection.run_sync(migrations.upgrade, "0002")
        await connection.exec_driver_sql(f"""
            INSERT INTO ticket (number, source, source_id, title, description, severity, status)
            VALUES ('RJR-1', 'hub', '', 'one', '', 2, 'open'), ('RJR-2', 'hub', '', 'two', '', 2, 'open');
            INSERT INTO bond (key, ticket_id, ticket_number, account, vendor, state, severity)
            SELECT 'K' || id, id, number, 'bmc', 'bmc', 'open', 2 FROM ticket;
            INSERT INTO operation (bond_id, account, position, kind, key, state, payload, settled_at)
            SELECT id, 'bmc', 1, 'open_case', key, CASE ticket_number WHEN 'RJR-1' THEN 'done' ELSE 'ready' END,
                '{{}}', CASE ticket_number WHEN 'RJR-1' THEN timestamptz '{opened}' END FROM bond;
            INSERT INTO comment (ticket_id, bond_id, origin, body, visibility, automatic, created_at)
            SELECT t.id, b.id, v.origin, 'x', v.visibility, v.automatic, v.at
            FROM ticket t JOIN bond b ON b.ticket_id = t.id JOIN (VALUES
                ('RJR-1', 'rjr', 'vendor', false, timestamptz '{opened}'),
                ('RJR-1', 'vendor', 'private', false, timestamptz '{opened}'),
                ('RJR-1', 'vendor', 'vendor', true, timestamptz '{opened}'),
                ('RJR-1', 'vendor', 'vendor', false, timestamptz '{said}')
            ) v (number, origin, visibility, automatic, at) ON v.number = t.number;
            INSERT INTO journal (chain, position, at, kind, data, hash) VALUES
                ('RJR-1', 1, '{opened}', 'commented', '{{"visibility": "private"}}', ''),
                ('RJR-1', 2, '{said}', 'commented', '{{"visibility": "public"}}', '');
        """)
    await empty.upgrade()
    async with empty.engine.connect() as connection:
        rows = (
            await connection.execute(
                text(
                    "SELECT b.delivered_at, b.stored_at, b.answered_at, t.answered_at AS customer "
                    "FROM bond b JOIN ticket t ON t.id = b.ticket_id ORDER BY b.id"
                )
            )
        ).all()
    first, second = datetime.fromisoformat(opened), datetime.fromisoformat(said)
    assert [tuple(row) for row in rows] == [(first, None, second, second), (None, None, None, None)]


async def test_database_that_was_never_set_up_says_so(empty: Storage) -> None:
    """Opening a database without tables tells to run `hub init`."""
    with pytest.raises(SettingsError) as caught:
        await empty.hub_id()
    assert "hub init" in caught.value.next_step
