"""A database that the release before wrote works unchanged: same journal, same timelines, same deadlines."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from sqlalchemy import text

from hub import insights
from hub.db import journal, migrations
from hub.db.server import embedded
from hub.db.storage import Storage
from hub.deadlines import ownership, queries
from hub.model import AccountSettings, Event
from hub.model.journal import UnknownEntry, data_of, kind_of
from hub.model.journal.operations import OperationOutcome
from hub.sla.history import response_history, vendor_history
from hub.sla.rules import ServiceRules, read_rules

FOLDER = Path(__file__).parent / "release_before"
SCHEMA = "0006"
"""The revision that the rows were written under."""

_JOURNAL = text("SELECT chain, position, at, kind, data::text, hash FROM journal ORDER BY chain, position")


@dataclass
class Before:
    """What the release before showed of its database."""

    at: datetime
    rules: ServiceRules
    seen: dict[tuple[str, str], Any]
    """By what it is, and by ticket: timelines, clocks, and lists of all clocks, breaches and scores."""

    @property
    def tickets(self) -> list[str]:
        return [ticket for what, ticket in self.seen if what == "timeline"]


@pytest.fixture(scope="module")
def before() -> Before:
    """What was recorded with the rows."""
    first, *rest = map(json.loads, (FOLDER / "seen.jsonl").read_text("utf-8").splitlines())
    vendors = {"bmc": "bmc_remedy", "mobile": "mobile_reach"}
    accounts = {
        name: AccountSettings(vendor=vendor, answers_within=first["answers_within"]) for name, vendor in vendors.items()
    }
    seen = {(row["what"], row["ticket"]): row["value"] for row in rest}
    return Before(datetime.fromisoformat(first["at"]), read_rules(None, None, accounts), seen)


@pytest.fixture
async def storage(server: embedded.Embedded, before: Before) -> AsyncIterator[Storage]:
    """The recorded database, its schema as it was; the clock stands where the recording ended."""
    name = f"hub_{secrets.token_hex(6)}"
    url = server.create_database(name)
    opened = Storage(url, connections=3, clock=lambda: before.at)
    async with opened.engine.begin() as connection:
        await connection.run_sync(migrations.upgrade, SCHEMA)
    _load(url)
    yield opened
    await opened.close()
    server.drop_database(name)


def _load(url: str) -> None:
    blocks = re.findall(
        r"^(COPY \w+ \(.*?\) FROM stdin);\n(.*?)^\\\.$",
        (FOLDER / "rows.sql").read_text("utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    with psycopg.connect(url.replace("+psycopg", "")) as connection, connection.cursor() as cursor:
        for statement, rows in blocks:
            with cursor.copy(statement) as copy:
                copy.write(rows)
            table = statement.split()[1]
            if '("id"' in statement:
                cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")


def _plain(value: Any) -> Any:
    return json.loads(msgspec.json.encode(value))


def _facts(value: Any) -> Any:
    """The value without the sentences that explain it, which may be reworded."""
    if isinstance(value, dict):
        return {name: _facts(part) for name, part in value.items() if name != "why"}
    return [_facts(part) for part in value] if isinstance(value, list) else value


async def _events(storage: Storage, chain: str) -> list[Event]:
    async with storage.unit() as unit:
        return await journal.read(unit.connection, chain)


async def test_upgrading_changes_no_entry_and_the_chains_are_whole(storage: Storage) -> None:
    """Every row of the journal is the same afterwards, to the byte, and its hash is right."""
    async with storage.engine.connect() as connection:
        rows = (await connection.execute(_JOURNAL)).all()
    assert len(rows) > 300
    await storage.upgrade()
    async with storage.engine.connect() as connection:
        assert (await connection.execute(_JOURNAL)).all() == rows
    read, faults = 0, []
    async for entries, found in storage.verify():
        read, faults = read + entries, faults + found
    assert (read, faults) == (len(rows), [])


async def test_every_old_entry_is_read_as_a_value_of_its_kind(storage: Storage) -> None:
    """None is unknown, and each says what was stored; an outcome's bond is read as the bond's state."""
    await storage.upgrade()
    async with storage.engine.connect() as connection:
        rows = (await connection.execute(text("SELECT kind, data FROM journal"))).all()
    outcomes = 0
    for kind, data in rows:
        entry = Event(chain="", position=1, at=datetime.min, kind=kind, data=data).entry
        assert not isinstance(entry, UnknownEntry), (kind, data)
        if isinstance(entry, OperationOutcome):
            data["bond_state"] = data.pop("bond")
            outcomes += 1
        stored = {name: value for name, value in data.items() if value is not None}
        assert (kind_of(entry), data_of(entry)) == (kind, stored)
    assert outcomes > 20


async def test_timelines_are_the_same(storage: Storage, before: Before) -> None:
    """What the release before showed of each ticket is shown now."""
    await storage.upgrade()
    for ticket in before.tickets:
        assert _plain(await insights.timeline(storage, ticket)) == before.seen["timeline", ticket]


async def test_deadlines_are_the_same(storage: Storage, before: Before) -> None:
    """Each clock with its proof, the running clocks, the breaches and the vendors' scores."""
    await storage.upgrade()
    for ticket in before.tickets:
        clocks = _plain(await queries.clocks(storage, before.rules, ticket))
        assert _facts(clocks) == _facts(before.seen["clocks", ticket])
    assert _plain(await queries.running_clocks(storage, limit=500)) == before.seen["running", ""]
    assert _plain(await queries.breaches(storage, timedelta(days=3), limit=500)) == before.seen["breaches", ""]
    assert _plain(await queries.scores(storage, timedelta(days=90))) == before.seen["scores", ""]


async def test_entries_as_they_are_written_now_give_the_same_deadlines(storage: Storage, before: Before) -> None:
    """The clocks' history is the same from the old entries and from the same entries in today's form."""
    await storage.upgrade()
    histories = 0
    for number in before.tickets:
        events = await _events(storage, number)
        now = [event.evolve(data=data_of(event.entry)) for event in events]
        assert any("bond_state" in event.data for event in now) == any(event.kind == "done" for event in events)
        async with storage.unit() as unit:
            ticket = await unit.tickets.named(number)
            bonds = await unit.bonds.of_ticket(ticket.id)
        history = response_history(ticket, events, before.rules.offer)
        assert response_history(ticket, now, before.rules.offer) == history
        for bond in bonds:
            assert vendor_history(bond.key, now, bond.severity) == vendor_history(bond.key, events, bond.severity)
            histories += 1
    assert histories > 10


async def test_new_entries_follow_the_old_ones(storage: Storage, before: Before) -> None:
    """A chain of the release before goes on, and is whole to its new end."""
    await storage.upgrade()
    number = before.tickets[0]
    old = await _events(storage, number)
    await ownership.take(storage, number, who="eve")
    new = await _events(storage, number)
    assert new[:-1] == old
    assert (new[-1].position, new[-1].kind) == (len(old) + 1, "taken_over")
    assert [fault async for _, faults in storage.verify() for fault in faults] == []
