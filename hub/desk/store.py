"""Stores tickets of the hub's own desk: single ones, or imports of another desk's export."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from hub.db.storage import Storage
from hub.db.unit import Unit
from hub.desk.mapping import ImportMapping
from hub.desk.rejects import Rejects
from hub.desk.rows import BadRow
from hub.desk.tickets import fingerprint, read_tickets
from hub.model import Ticket, TicketDraft
from hub.model.journal.tickets import TicketAdded, TicketChanged

BATCH = 500


@dataclass
class ImportResult:
    """The result of an import, in rows."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    rejects_file: Path | None = None
    reasons_file: Path | None = None


async def add_ticket(storage: Storage, prefix: str, draft: TicketDraft, *, who: str) -> Ticket:
    """Store a new ticket of the hub's own desk."""
    async with storage.unit() as unit:
        ticket = await _add(unit, prefix, draft)
        unit.note(ticket.number, TicketAdded(source=draft.source, severity=ticket.severity, who=who))
        return ticket


async def import_tickets(
    storage: Storage,
    prefix: str,
    path: Path,
    mapping: ImportMapping | None,
    *,
    progress: Callable[[int, int], None] | None = None,
    folder: Path | None = None,
) -> ImportResult:
    """Import an export batch by batch, in bounded memory; bad rows go to a reject file.

    A row whose ticket exists unchanged does nothing; a changed row updates title, text, product and so on.
    Raises BadInput when the file can't be read at all.
    """
    result = ImportResult()
    with Rejects(path, mapping, folder=folder) as rejects:
        rows = read_tickets(path, mapping, progress)
        while batch := await asyncio.to_thread(_next_batch, rows, rejects):
            async with storage.unit() as unit:
                await _store(unit, prefix, batch, result)
    result.rejected = rejects.count
    if rejects.count:
        result.rejects_file, result.reasons_file = rejects.file, rejects.reasons
    return result


def _next_batch(rows: Iterator[TicketDraft | BadRow], rejects: Rejects) -> list[TicketDraft]:
    """The next drafts; bad rows in between go to the reject file."""
    batch: list[TicketDraft] = []
    for row in islice(rows, BATCH):
        if isinstance(row, BadRow):
            rejects.add(row)
        else:
            batch.append(row)
    if not batch:
        for row in rows:  # a run of bad rows is not the end
            if isinstance(row, BadRow):
                rejects.add(row)
            else:
                return [row]
    return batch


async def _store(unit: Unit, prefix: str, batch: Iterable[TicketDraft], result: ImportResult) -> None:
    latest = {(draft.source, draft.source_id): draft for draft in batch}
    by_source: dict[str, list[TicketDraft]] = {}
    for draft in latest.values():
        by_source.setdefault(draft.source, []).append(draft)
    for source, drafts in by_source.items():
        stored = await unit.tickets.by_source(source, [draft.source_id for draft in drafts])
        for draft in drafts:
            if (existing := stored.get(draft.source_id)) is None:
                ticket = await _add(unit, prefix, draft)
                unit.note(ticket.number, TicketAdded(source=source, severity=ticket.severity))
                result.added += 1
            elif existing[1] == fingerprint(draft):
                result.unchanged += 1
            else:
                await _update(unit, existing[0], draft)
                result.changed += 1


async def _add(unit: Unit, prefix: str, draft: TicketDraft) -> Ticket:
    ticket = await unit.tickets.add(draft, prefix, fingerprint(draft), unit.now)
    for comment in draft.comments:
        await unit.comments.add(
            ticket_id=ticket.id,
            origin="rjr",
            author=comment.author,
            body=comment.body,
            visibility=comment.visibility.value,
            created_at=comment.created_at or ticket.created_at,
        )
    return ticket


async def _update(unit: Unit, ticket: Ticket, draft: TicketDraft) -> None:
    names = (
        "title",
        "description",
        "severity",
        "product",
        "vendor",
        "customer",
        "contact",
        "language",
        "status",
        "fields",
    )
    new, old = draft.plain(), ticket.plain()
    changes = {name: new[name] for name in names if new[name] != old[name]}
    await unit.tickets.change(ticket.id, changes, unit.now, fingerprint(draft))
    severity = draft.severity if "severity" in changes else None
    status = draft.status if "status" in changes else None
    changed = TicketChanged(by=draft.source, fields=tuple(sorted(changes)), severity=severity, status=status)
    unit.note(ticket.number, changed)
