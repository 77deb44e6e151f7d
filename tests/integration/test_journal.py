"""Many units write to the same chains of the journal at once, and each chain stays whole."""

from __future__ import annotations

import asyncio
import hashlib
import random
from datetime import datetime, timedelta, timezone

import msgspec

from hub.db import journal
from hub.db.storage import Storage
from hub.model import Event
from hub.model.journal import UnknownEntry


async def test_chains_stay_whole_when_many_units_write_at_once(storage: Storage) -> None:
    """Units that begin and extend chains together, several notes on one chain, deadlock never and lose nothing."""
    chance = random.Random(7)
    chains = [f"RJR-{at:06d}" for at in range(12)] + ["account:bmc", 'account:é"\\']
    told: list[Event] = []
    storage.listeners.append(told.extend)
    wanted: list[str] = []

    async def write() -> None:
        for _ in range(15):
            async with storage.unit() as unit:
                for chain in chance.choices(chains, k=chance.randint(1, 6)):
                    data = {"at": len(wanted), "text": 'é"\n'}
                    unit.note(chain, UnknownEntry(kind="happened", data=data))
                    wanted.append(chain)

    await asyncio.gather(*(write() for _ in range(6)))
    read, faults = 0, []
    async for entries, found in storage.verify():
        read, faults = read + entries, faults + found
    assert (read, faults) == (len(wanted), [])
    async with storage.unit() as unit:
        kept = [event for chain in chains for event in await journal.read(unit.connection, chain)]
    assert sorted(kept, key=_place) == sorted(told, key=_place)


async def test_notes_of_one_unit_keep_their_order(storage: Storage) -> None:
    """Several notes on one chain stand in the order in which they were made, others between them or not."""
    async with storage.unit() as unit:
        for kind in ("first", "second", "third"):
            unit.note("RJR-000001", UnknownEntry(kind=kind, data={}))
            unit.note("RJR-000002", UnknownEntry(kind=kind, data={}))
    async with storage.unit() as unit:
        unit.note("RJR-000001", UnknownEntry(kind="fourth", data={}))
    async with storage.unit() as unit:
        kinds = [event.kind for event in await journal.read(unit.connection, "RJR-000001")]
    assert kinds == ["first", "second", "third", "fourth"]


def test_an_entry_is_hashed_over_all_that_it_says() -> None:
    """The hash is SHA-256 over the one before and the entry as a JSON array, its time in UTC to the microsecond."""
    at = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=timezone(timedelta(hours=-5)))
    said = ['account:"é"', 41, "2026-01-02T08:04:05.000678+00:00", "done", '{"a":"\\u0000"}']
    entry = hashlib.sha256(b"x" * 32 + msgspec.json.encode(said)).digest()
    assert journal.link(b"x" * 32, said[0], 41, at, "done", said[4]) == entry


def _place(event: Event) -> tuple[str, int]:
    return event.chain, event.position
