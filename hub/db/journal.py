"""The journal: append-only, one hash chain for each ticket, account and part of the hub."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.model import Event, Value

_encode = msgspec.json.Encoder(order="sorted").encode
START = b"\0" * 32
"""What the first entry of every chain follows."""

_LOCK = text(
    "SELECT c.chain, c.position, c.head FROM journal_chain c WHERE c.chain = ANY(:chains) ORDER BY c.chain FOR UPDATE"
)
_BEGIN = text(
    "INSERT INTO journal_chain (chain, position, head) SELECT unnest(CAST(:chains AS text[])), 0, :start "
    "ON CONFLICT DO NOTHING"
)
_APPEND = text(
    """
    WITH fresh AS (
        INSERT INTO journal (chain, position, at, kind, data, hash)
        SELECT * FROM unnest(CAST(:chains AS text[]), CAST(:positions AS bigint[]), CAST(:ats AS timestamptz[]),
                             CAST(:kinds AS text[]), CAST(:datas AS json[]), CAST(:hashes AS bytea[]))
    )
    UPDATE journal_chain c SET position = h.position, head = h.head
    FROM unnest(CAST(:ends AS text[]), CAST(:tops AS bigint[]), CAST(:heads AS bytea[])) AS h(chain, position, head)
    WHERE c.chain = h.chain
    """
)


class Note(Value, frozen=True):
    """What is to be written: the chain it belongs to, its kind, and ids, states or fingerprints; never a text."""

    chain: str
    kind: str
    data: dict[str, Any]


class Fault(Value, frozen=True):
    """One place where the journal is not what was written."""

    chain: str
    position: int
    what: str


def link(previous: bytes, chain: str, position: int, at: datetime, kind: str, data: str) -> bytes:
    """The hash of one entry: SHA-256 over the hash before it and all that the entry says."""
    stamp = at.astimezone(UTC).isoformat(timespec="microseconds")
    return hashlib.sha256(previous + _encode([chain, position, stamp, kind, data])).digest()


async def append(connection: AsyncConnection, notes: Sequence[Note], at: datetime) -> list[Event]:
    """Write the notes in order, each at the end of its chain; returns them as events.

    The chains stay locked until the transaction ends, in one order for everybody.
    """
    chains = sorted({note.chain for note in notes})
    ends = {row[0]: (row[1], bytes(row[2])) for row in await connection.execute(_LOCK, {"chains": chains})}
    if missing := [chain for chain in chains if chain not in ends]:
        await connection.execute(_BEGIN, {"chains": missing, "start": START})
        rows = await connection.execute(_LOCK, {"chains": missing})
        ends |= {row[0]: (row[1], bytes(row[2])) for row in rows}
    events, datas, hashes = [], [], []
    for note in notes:
        position, head = ends[note.chain]
        data = _encode(note.data).decode()
        head = link(head, note.chain, position + 1, at, note.kind, data)
        ends[note.chain] = (position + 1, head)
        events.append(Event(chain=note.chain, position=position + 1, at=at, kind=note.kind, data=note.data))
        datas.append(data)
        hashes.append(head)
    await connection.execute(
        _APPEND,
        {
            "chains": [event.chain for event in events],
            "positions": [event.position for event in events],
            "ats": [at] * len(events),
            "kinds": [event.kind for event in events],
            "datas": datas,
            "hashes": hashes,
            "ends": chains,
            "tops": [ends[chain][0] for chain in chains],
            "heads": [ends[chain][1] for chain in chains],
        },
    )
    return events


async def read(connection: AsyncConnection, chain: str, after: int = 0, limit: int = 500) -> list[Event]:
    """The entries of one chain, oldest first."""
    rows = await connection.execute(
        text(
            "SELECT chain, position, at, kind, data FROM journal WHERE chain = :chain AND position > :after "
            "ORDER BY position LIMIT :limit"
        ),
        {"chain": chain, "after": after, "limit": limit},
    )
    return [Event(chain=r.chain, position=r.position, at=r.at, kind=r.kind, data=r.data) for r in rows]


def check(
    rows: Iterable[tuple[str, int, datetime, str, str, bytes]], ends: dict[str, tuple[int, bytes]]
) -> list[Fault]:
    """The faults among rows that come ordered by chain and position, against the ends of their chains."""
    faults: list[Fault] = []
    reached: dict[str, tuple[int, bytes]] = {}
    for chain, position, at, kind, data, digest in rows:
        before, head = reached.get(chain, (0, START))
        if position != before + 1:
            faults.append(
                Fault(chain=chain, position=before + 1, what=f"{position - before - 1} entries are missing")
            )
        elif digest != link(head, chain, position, at, kind, data):
            faults.append(
                Fault(chain=chain, position=position, what="the entry, or one before it, was changed")
            )
        reached[chain] = (position, digest)
    for chain, (position, head) in ends.items():
        last, digest = reached.get(chain, (0, START))
        if (last, digest) != (position, head):
            faults.append(
                Fault(chain=chain, position=position, what=f"the chain ends at {last}, not at {position}")
            )
    faults.extend(
        Fault(chain=chain, position=end[0], what="the chain is not known")
        for chain, end in reached.items()
        if chain not in ends
    )
    return faults


async def verify(connection: AsyncConnection, batch: int = 1000) -> AsyncIterator[tuple[int, list[Fault]]]:
    """Walk all chains in batches, in bounded memory; yields how many entries were read, and the faults found.

    Needs one consistent picture: call it in a REPEATABLE READ transaction.
    """
    after = ""
    while True:
        ends = {
            row.chain: (row.position, bytes(row.head))
            for row in await connection.execute(
                text(
                    "SELECT chain, position, head FROM journal_chain WHERE chain > :after ORDER BY chain LIMIT :n"
                ),
                {"after": after, "n": batch},
            )
        }
        last = max(ends, default=None)
        rows = await connection.execute(
            text(
                "SELECT chain, position, at, kind, data::text AS data, hash FROM journal "
                "WHERE chain > :after AND (CAST(:last AS text) IS NULL OR chain <= :last) ORDER BY chain, position"
            ),
            {"after": after, "last": last},
        )
        entries = [(r.chain, r.position, r.at, r.kind, r.data, bytes(r.hash)) for r in rows]
        yield len(entries), check(entries, ends)
        if last is None:
            return
        after = last
