"""Stores tickets of the hub's own desk: single ones, or imports of another desk's export."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from hub.db import imports
from hub.db.storage import Storage
from hub.db.unit import Unit
from hub.desk.batches import Batches, Entry
from hub.desk.findings import Findings
from hub.desk.mapping import ImportMapping
from hub.desk.rejects import Rejects
from hub.desk.rows import BadRow
from hub.desk.tickets import fingerprint, read_tickets
from hub.model import Json, Ticket, TicketDraft, TicketStatus
from hub.model.journal.cases import FirstAnswer
from hub.model.journal.tickets import TicketAdded, TicketChanged

FIRST = 5
"""Rows that a dry run shows."""

_ENDED = frozenset({TicketStatus.RESOLVED, TicketStatus.CLOSED})


@dataclass
class ImportResult:
    """The result of an import, in rows: those read are the sum of the other five."""

    read: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    merged: int = 0
    """Rows whose id another row of the file has too; the last one counts."""
    rejected: int = 0
    merged_ids: list[str] = field(default_factory=list)
    """The first of the ids that several rows share."""
    warnings: list[str] = field(default_factory=list)
    rejects_file: Path | None = None
    reasons_file: Path | None = None
    first_rows: list[dict[str, Json]] = field(default_factory=list)
    """In a dry run, the first tickets as the hub understands them."""
    first_rejected: list[dict[str, Json]] = field(default_factory=list)
    """In a dry run, line and reason of the first bad rows."""


async def add_ticket(storage: Storage, prefix: str, draft: TicketDraft, *, who: str) -> Ticket:
    """Store a new ticket of the hub's own desk."""
    async with storage.unit() as unit:
        ticket = await unit.tickets.add(draft, prefix, fingerprint(draft), unit.now)
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
    dry_run: bool = False,
) -> ImportResult:
    """Import an export batch by batch, in bounded memory; bad rows go to a reject file.

    A row whose ticket exists unchanged does nothing; a changed row updates title, text, product and so on.
    A dry run counts the same, and stores and writes nothing.
    Raises BadInput when the file can't be read at all.
    """
    result, findings = ImportResult(), Findings()
    with ExitStack() as stack:
        rejects = None if dry_run else stack.enter_context(Rejects(path, mapping, folder=folder))

        def refuse(bad: BadRow) -> None:
            result.rejected += 1
            if rejects:
                rejects.add(bad)
            elif len(result.first_rejected) < FIRST:
                result.first_rejected.append({"line": bad.line, "reason": bad.reason})

        batches = Batches(read_tickets(path, mapping, progress, findings), refuse)
        while batch := await asyncio.to_thread(batches.next_batch):
            if dry_run and not result.first_rows:
                result.first_rows = [entry.draft.plain() for entry in batch[:FIRST]]
            async with storage.unit() as unit:
                await _store(unit, prefix, batch, result, dry_run=dry_run)
    result.read, result.merged, result.merged_ids = batches.read, batches.merged, batches.merged_ids
    result.warnings = findings.warnings()
    if result.merged * 10 >= max(result.read, 1):
        result.warnings.append(
            f"{result.merged} of {result.read} rows share their id with another row, and only the last one counts; "
            "check that columns.source_id names the ticket's own number"
        )
    if rejects:
        result.rejects_file, result.reasons_file = rejects.file, rejects.reasons
    return result


async def _store(unit: Unit, prefix: str, batch: Sequence[Entry], result: ImportResult, *, dry_run: bool) -> None:
    source = batch[0].draft.source
    if not dry_run:
        await imports.lock(unit.connection, source)
    stored = await imports.fingerprints(unit.connection, source, [entry.draft.source_id for entry in batch])
    added = [entry for entry in batch if entry.draft.source_id not in stored]
    changed = [entry for entry in batch if stored.get(entry.draft.source_id, entry.fingerprint) != entry.fingerprint]
    result.added += _distinct(added)
    result.changed += _distinct(changed)
    result.unchanged += _distinct(batch) - _distinct(added) - _distinct(changed)
    if added and not dry_run:
        await _add(unit, prefix, added)
    if changed and not dry_run:
        await _change(unit, source, changed)


def _distinct(entries: Sequence[Entry]) -> int:
    return sum(not entry.is_repeat for entry in entries)


async def _add(unit: Unit, prefix: str, batch: Sequence[Entry]) -> None:
    numbers = await imports.add(
        unit.connection, prefix, [(entry.draft, entry.fingerprint) for entry in batch], unit.now
    )
    for number, (draft, _, _) in zip(numbers, batch, strict=True):
        ended = draft.status if draft.status in _ENDED else None
        unit.note(number, TicketAdded(source=draft.source, severity=draft.severity, status=ended))
        if draft.answered_at and not ended:
            _note_answer(unit, number, draft.answered_at, draft.source)


async def _change(unit: Unit, source: str, batch: Sequence[Entry]) -> None:
    tickets = await unit.tickets.by_source(source, [entry.draft.source_id for entry in batch])
    values: list[dict[str, Any]] = []
    for draft, fresh, _ in batch:
        ticket, _ = tickets[draft.source_id]
        changes = {name: new for name in imports.CHANGEABLE if (new := getattr(draft, name)) != getattr(ticket, name)}
        values.append({**changes, "id": ticket.id, "fingerprint": fresh, "answered_at": draft.answered_at})
        status = draft.status if "status" in changes else None
        entry = TicketChanged(
            by=source,
            fields=tuple(sorted(changes)),
            severity=draft.severity if "severity" in changes else None,
            status=status,
            ended_at=_within(ticket, draft.resolved_at, unit.now) if status in _ENDED else None,
        )
        unit.note(ticket.number, entry)
        if (answered_at := _within(ticket, draft.answered_at, unit.now)) and not ticket.answered_at:
            _note_answer(unit, ticket.number, answered_at, source)
    await imports.change(unit.connection, values, unit.now)


def _within(ticket: Ticket, at: datetime | None, now: datetime) -> datetime | None:
    """A time from the export, but not before the ticket and not after now."""
    return min(max(at, ticket.created_at), now) if at else None


def _note_answer(unit: Unit, number: str, at: datetime, source: str) -> None:
    given_at = min(at, unit.now)
    unit.note(number, FirstAnswer(side="rjr", given_at=given_at, who=source, why="imported with the ticket"))
