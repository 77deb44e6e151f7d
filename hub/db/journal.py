"""The journal: append-only, one hash chain for each ticket, account and part of the hub."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db.literals import rows
from hub.model import Event, Json, Value
from hub.model.journal import Entry, data_of, kind_of

_encode = msgspec.json.Encoder(order="sorted").encode
START = b"\0" * 32
"""What the first entry of every chain follows."""

_BEGIN = text(
    "INSERT INTO journal_chain (chain, position, head) SELECT unnest(CAST(:chains AS text[])), 0, :start "
    "ON CONFLICT DO NOTHING"
)
_EXTEND = text(
    """
    WITH ends AS MATERIALIZED (
        SELECT c.chain, c.position + 1 AS position, c.head FROM journal_chain c
        WHERE c.chain = ANY(:chains)
          AND (SELECT count(*) FROM journal_chain k WHERE k.chain = ANY(:chains)) = cardinality(CAST(:chains AS text[]))
        ORDER BY c.chain FOR UPDATE
    ), linked AS MATERIALIZED (
        SELECT e.chain, e.position, n.kind, n.data::json AS data,
            sha256(e.head || convert_to(n.before || e.position || n.after, 'UTF8')) AS hash
        FROM ends e JOIN json_to_recordset(CAST(:notes AS json))
            AS n(chain text, before text, after text, kind text, data text) ON n.chain = e.chain
    ), written AS (
        INSERT INTO journal (chain, position, at, kind, data, hash)
        SELECT chain, position, :at, kind, data, hash FROM linked
    ), moved AS (
        UPDATE journal_chain c SET position = l.position, head = l.hash FROM linked l WHERE c.chain = l.chain
    )
    SELECT chain, position, hash FROM linked
    """
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


class PendingEntry(Value, frozen=True):
    """An entry that is not written yet, and the chain it belongs to."""

    chain: str
    entry: Entry


class _Encoded(NamedTuple):
    """An entry as it is stored; the data is JSON."""

    chain: str
    kind: str
    data: str


class JournalFault(Value, frozen=True):
    """One place where the journal is not what was written."""

    chain: str
    position: int
    what: str


def link(previous: bytes, chain: str, position: int, at: datetime, kind: str, data: str) -> bytes:
    """The hash of one entry: SHA-256 over the hash before it and all that the entry says."""
    before, after = _around(chain, at, kind, data)
    return hashlib.sha256(b"".join((previous, before, str(position).encode(), after))).digest()


def _around(chain: str, at: datetime, kind: str, data: str) -> tuple[bytes, bytes]:
    """What an entry says, as JSON: before and after its position, which only the database knows at first."""
    stamp = at.astimezone(UTC).isoformat(timespec="microseconds")
    return b"[" + _encode(chain) + b",", b"," + _encode([stamp, kind, data])[1:]


async def append(connection: AsyncConnection, notes: Sequence[PendingEntry], at: datetime) -> list[Event]:
    """Write the notes in order, each at the end of its chain; returns them as events.

    The chains stay locked until the transaction ends, in one order for everybody. One statement writes the first
    note of each chain, and one more what else there is; the hashes are chained where the chain is locked, so that
    nobody has to ask for its end first.
    """
    firsts: dict[str, _Encoded] = {}
    rest: list[_Encoded] = []
    pending: list[tuple[_Encoded, dict[str, Json]]] = []
    for note in notes:
        data = data_of(note.entry)
        encoded = _Encoded(note.chain, kind_of(note.entry), _encode(data).decode())
        pending.append((encoded, data))
        if note.chain in firsts:
            rest.append(encoded)
        else:
            firsts[note.chain] = encoded
    ends = await _extend(connection, firsts, at)
    if not ends:
        await connection.execute(_BEGIN, {"chains": sorted(firsts), "start": START})
        ends = await _extend(connection, firsts, at)
    positions = {chain: end[0] for chain, end in ends.items()}
    if rest:
        await _append(connection, rest, ends, at)
    events = []
    for encoded, data in pending:
        chain = encoded.chain
        events.append(Event(chain=chain, position=positions[chain], at=at, kind=encoded.kind, data=data))
        positions[chain] += 1
    return events


End = tuple[int, bytes]
"""Position and hash of a chain's last entry."""


async def _extend(connection: AsyncConnection, firsts: Mapping[str, _Encoded], at: datetime) -> dict[str, End]:
    """Put one entry at the end of each chain; returns where the chains end now.

    When one of the chains does not exist yet, nothing is written or locked, and nothing is returned: two transactions
    that hold some chains while starting others could deadlock.
    """
    values = []
    for entry in firsts.values():
        before, after = _around(entry.chain, at, entry.kind, entry.data)
        values.append({**entry._asdict(), "before": before.decode(), "after": after.decode()})
    written = await connection.execute(_EXTEND, {"chains": list(firsts), "notes": rows(values), "at": at})
    return {row[0]: (row[1], bytes(row[2])) for row in written}


async def _append(connection: AsyncConnection, entries: Sequence[_Encoded], ends: dict[str, End], at: datetime) -> None:
    """Put entries at the ends of chains that are locked, and move `ends` along."""
    positions, hashes = [], []
    for entry in entries:
        position, head = ends[entry.chain]
        end = position + 1, link(head, entry.chain, position + 1, at, entry.kind, entry.data)
        ends[entry.chain] = end
        positions.append(end[0])
        hashes.append(end[1])
    chains = sorted({entry.chain for entry in entries})
    await connection.execute(
        _APPEND,
        {
            "chains": [entry.chain for entry in entries],
            "positions": positions,
            "ats": [at] * len(entries),
            "kinds": [entry.kind for entry in entries],
            "datas": [entry.data for entry in entries],
            "hashes": hashes,
            "ends": chains,
            "tops": [ends[chain][0] for chain in chains],
            "heads": [ends[chain][1] for chain in chains],
        },
    )


async def read_kinds(
    connection: AsyncConnection, chains: Iterable[str], kinds: Iterable[type[Entry]]
) -> dict[str, list[Event]]:
    """All entries of these kinds in each of these chains, oldest first."""
    wanted = list(chains)
    rows = await connection.execute(
        text(
            "SELECT chain, position, at, kind, data FROM journal "
            "WHERE chain = ANY(:chains) AND kind = ANY(:kinds) ORDER BY chain, position"
        ),
        {"chains": wanted, "kinds": [kind_of(kind) for kind in kinds]},
    )
    events: dict[str, list[Event]] = {chain: [] for chain in wanted}
    for r in rows:
        events[r.chain].append(Event(chain=r.chain, position=r.position, at=r.at, kind=r.kind, data=r.data))
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
) -> list[JournalFault]:
    """The faults among rows that come ordered by chain and position, against the ends of their chains."""
    faults: list[JournalFault] = []
    reached: dict[str, tuple[int, bytes]] = {}
    for chain, position, at, kind, data, digest in rows:
        before, head = reached.get(chain, (0, START))
        if position != before + 1:
            faults.append(
                JournalFault(chain=chain, position=before + 1, what=f"{position - before - 1} entries are missing")
            )
        elif digest != link(head, chain, position, at, kind, data):
            faults.append(JournalFault(chain=chain, position=position, what="the entry, or one before it, was changed"))
        reached[chain] = (position, digest)
    for chain, (position, head) in ends.items():
        last, digest = reached.get(chain, (0, START))
        if (last, digest) != (position, head):
            faults.append(
                JournalFault(chain=chain, position=position, what=f"the chain ends at {last}, not at {position}")
            )
    faults.extend(
        JournalFault(chain=chain, position=end[0], what="the chain is not known")
        for chain, end in reached.items()
        if chain not in ends
    )
    return faults


async def verify(connection: AsyncConnection, batch: int = 1000) -> AsyncIterator[tuple[int, list[JournalFault]]]:
    """Walk all chains in batches, in bounded memory; yields how many entries were read, and the faults found.

    Needs one consistent picture: call it in a REPEATABLE READ transaction.
    """
    after = ""
    while True:
        ends = {
            row.chain: (row.position, bytes(row.head))
            for row in await connection.execute(
                text("SELECT chain, position, head FROM journal_chain WHERE chain > :after ORDER BY chain LIMIT :n"),
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
