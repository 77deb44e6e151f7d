"""What the command line and other interfaces read; nothing is changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Literal

from hub.customers.customers import contract_of
from hub.db import journal, queries
from hub.db.conflicts import StoredConflict
from hub.db.lanes import Lane
from hub.db.quarantine import QuarantineCount
from hub.db.queries import LaneQueue, SeenWorker
from hub.db.storage import Storage
from hub.db.streams import Stream
from hub.db.unit import Unit
from hub.errors import NotFound
from hub.model import Bond, Coverage, Event, Operation, OperationState, Ticket, Value
from hub.model.journal import kind_of
from hub.model.journal.cases import VendorAttached, VendorCommented
from hub.model.journal.tickets import Attached, Commented

ANNOUNCED = frozenset({kind_of(Commented), kind_of(VendorCommented), kind_of(Attached), kind_of(VendorAttached)})
"""Kinds of journal entries that a timeline leaves out, because it has the comment or file itself."""

_BATCH = 500


class TicketView(Value, frozen=True):
    """A ticket with its bonds, its plan, and how many comments and files it has."""

    ticket: Ticket
    bonds: tuple[Bond, ...]
    comments: int
    attachments: int
    coverage: Coverage


class BondView(Value, frozen=True):
    """A bond with all its operations."""

    bond: Bond
    operations: tuple[Operation, ...]


class TimelineEntry(Value, frozen=True):
    """One thing that happened to a ticket."""

    at: datetime
    what: Literal["journal", "comment", "attachment"]
    kind: str  # the journal entry's kind, or whose comment or file it is: rjr or vendor
    who: str = ""
    text: str = ""  # the comment, or the file's name
    data: dict[str, Any] = {}


class Timeline(Value, frozen=True):
    """All that happened to a ticket, oldest first."""

    ticket: Ticket
    bonds: tuple[Bond, ...]
    moments: tuple[TimelineEntry, ...]


class ParkedOperation(Value, frozen=True):
    """An operation that waits for a person, with the bond that it blocks."""

    operation: Operation
    bond: Bond


class LaneView(Value, frozen=True):
    """A lane's state, and its queue."""

    lane: Lane
    queue: LaneQueue


class Status(Value, frozen=True):
    """The state of the hub."""

    at: datetime
    lanes: tuple[LaneView, ...]
    streams: tuple[Stream, ...]
    workers: tuple[SeenWorker, ...]
    quarantine: tuple[QuarantineCount, ...]
    last_entry: datetime | None


async def tickets(
    storage: Storage, *, before: int | None = None, limit: int = 50, vendor: str = "", status: str = "", find: str = ""
) -> list[Ticket]:
    """Tickets, newest first; for the next page pass the last id as `before`."""
    async with storage.unit() as unit:
        return await unit.tickets.page(before=before, limit=limit, vendor=vendor, status=status, find=find)


async def ticket(storage: Storage, number: str, plans: Collection[str]) -> TicketView:
    """One ticket; `plans` are the offer's. Raises NotFound."""
    async with storage.unit() as unit:
        named = await unit.tickets.named(number)
        return TicketView(
            ticket=named,
            bonds=tuple(await unit.bonds.of_ticket(named.id)),
            comments=len(await unit.comments.of_ticket(named.id)),
            attachments=len(await unit.attachments.of_ticket(named.id)),
            coverage=await contract_of(unit, named, plans),
        )


async def bonds(
    storage: Storage, *, before: int | None = None, limit: int = 50, account: str = "", state: str = ""
) -> list[Bond]:
    """Bonds, newest first; for the next page pass the last id as `before`."""
    async with storage.unit() as unit:
        return await unit.bonds.page(before=before, limit=limit, account=account, state=state)


async def bonds_named(storage: Storage, name: str) -> tuple[BondView, ...]:
    """The bonds that a key, case number or ticket number names, oldest first. Raises NotFound."""
    async with storage.unit() as unit:
        named = await unit.bonds.find(name)
        if not named:
            raise NotFound(f"no bond is named {name}", next_step="see `hub bonds list`")
        return tuple(
            [
                BondView(bond=bond, operations=tuple(await queries.operations_of(unit.connection, bond.id)))
                for bond in named
            ]
        )


async def watched(storage: Storage, *, after: int = 0, limit: int = 100) -> list[Bond]:
    """Live bonds that have a case, oldest first; for the next page pass the last id as `after`."""
    async with storage.unit() as unit:
        return await queries.watched(unit.connection, after=after, limit=limit)


async def timeline(storage: Storage, name: str) -> Timeline:
    """All that happened to a ticket, by its number, a case's number or a bond's key. Raises NotFound."""
    async with storage.unit() as unit:
        ticket = await unit.tickets.get(name)
        if ticket is None:
            linked = await unit.bonds.find(name)
            if not linked:
                raise NotFound(f"no ticket, case or bond is named {name}", next_step="see `hub tickets list`")
            ticket = await unit.tickets.by_id(linked[-1].ticket_id)
        events = await _chain(unit, ticket.number)
        judged = {entry.comment: entry for event in events if isinstance(entry := event.entry, VendorCommented)}
        moments = [_journalled(event) for event in events if event.kind not in ANNOUNCED]
        for comment in await unit.comments.of_ticket(ticket.id):
            verdict = judged.get(comment.id)
            data: dict[str, Any] = {
                "visibility": comment.visibility.value,
                "automatic": comment.automatic,
                "answer": str(verdict.answer) if verdict and verdict.answer else "",
                "why": verdict.why or "" if verdict else "",
            }
            moments.append(
                TimelineEntry(
                    at=comment.created_at,
                    what="comment",
                    kind=comment.origin,
                    who=comment.author,
                    text=comment.body,
                    data=data | {"reference": comment.reference},
                )
            )
        for file in await unit.attachments.of_ticket(ticket.id):
            data = {"visibility": file.visibility.value, "size": file.size, "sha256": file.sha256}
            moments.append(
                TimelineEntry(
                    at=file.created_at,
                    what="attachment",
                    kind=file.origin,
                    text=file.name,
                    data=data | {"reference": file.reference},
                )
            )
        moments.sort(key=lambda moment: moment.at)
        return Timeline(ticket=ticket, bonds=tuple(await unit.bonds.of_ticket(ticket.id)), moments=tuple(moments))


async def _chain(unit: Unit, chain: str) -> list[Event]:
    events: list[Event] = []
    after = 0
    while page := await journal.read(unit.connection, chain, after=after, limit=_BATCH):
        events += page
        after = page[-1].position
    return events


def _journalled(event: Event) -> TimelineEntry:
    data = {name: value for name, value in event.data.items() if name not in {"who", "by"}}
    return TimelineEntry(
        at=event.at,
        what="journal",
        kind=event.kind,
        who=str(event.data.get("who") or event.data.get("by") or ""),
        data=data,
    )


async def aside(
    storage: Storage, states: Sequence[OperationState], *, after: int = 0, limit: int = 50
) -> list[ParkedOperation]:
    """Operations in these states, oldest first; for the next page pass the last id as `after`."""
    async with storage.unit() as unit:
        operations = await unit.operations.aside(states, after=after, limit=limit)
        bonds = await queries.bonds_by_id(unit.connection, [operation.bond_id for operation in operations])
        return [ParkedOperation(operation=operation, bond=bonds[operation.bond_id]) for operation in operations]


async def conflicts(storage: Storage, *, after: int = 0, limit: int = 50) -> list[StoredConflict]:
    """Unresolved conflicts, oldest first; for the next page pass the last id as `after`."""
    async with storage.unit() as unit:
        return await unit.conflicts.open(after=after, limit=limit)


async def chain(storage: Storage, name: str, *, after: int = 0, limit: int = 100) -> list[Event]:
    """The entries of one chain of the journal, oldest first. Raises NotFound for a chain without entries."""
    async with storage.unit() as unit:
        entries = await journal.read(unit.connection, name, after, limit)
        if not entries and not await journal.read(unit.connection, name, 0, 1):
            raise NotFound(f"the journal has no chain {name}", next_step="name a ticket's number, or account:NAME")
        return entries


async def lanes(storage: Storage) -> list[LaneView]:
    """Every lane with its queue."""
    async with storage.unit() as unit:
        return await _lanes(unit)


async def _lanes(unit: Unit) -> list[LaneView]:
    queues = {queue.account: queue for queue in await queries.queues(unit.connection)}
    return [
        LaneView(lane=lane, queue=queues.get(lane.account, LaneQueue(account=lane.account)))
        for lane in await unit.lanes.all()
    ]


async def status(storage: Storage) -> Status:
    """The state of the hub: queues, lanes, streams, workers, and the time of the last journal entry."""
    async with storage.unit() as unit:
        return Status(
            at=unit.now,
            lanes=tuple(await _lanes(unit)),
            streams=tuple(await unit.streams.all()),
            workers=tuple(await queries.workers(unit.connection)),
            quarantine=tuple(await unit.quarantine.counts()),
            last_entry=await queries.last_entry(unit.connection),
        )


async def leased_streams(storage: Storage) -> set[tuple[str, str]]:
    """The streams, by account and kind, that a worker is reading."""
    async with storage.unit() as unit:
        return await queries.leased_streams(unit.connection)
