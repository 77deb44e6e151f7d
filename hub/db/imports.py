"""Reads and writes imported tickets, many rows with each statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db.literals import rows
from hub.model import TicketComment, TicketDraft

_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('import'), hashtext(:source))")
_FINGERPRINTS = text(
    "SELECT source_id, fingerprint FROM ticket "
    "WHERE source = :source AND source_id <> '' AND source_id = ANY(CAST(:source_ids AS text[]))"
)
_IDS = text("SELECT nextval(pg_get_serial_sequence('ticket', 'id')) FROM generate_series(1, :count)")
_ADD = text(
    """
    INSERT INTO ticket (id, number, source, source_id, fingerprint, title, description, severity, status, product,
                        vendor, customer, contact, language, fields, answered_at, created_at, updated_at)
    SELECT id, number, source, source_id, fingerprint, title, description, severity, status, product,
           vendor, customer, contact, language, fields, answered_at, created_at, :now
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS t(
        id bigint, number text, source text, source_id text, fingerprint text, title text, description text,
        severity smallint, status text, product text, vendor text, customer text, contact jsonb, language text,
        fields jsonb, answered_at timestamptz, created_at timestamptz)
    """
)
_COMMENT = text(
    """
    INSERT INTO comment (ticket_id, origin, author, body, visibility, created_at)
    SELECT ticket_id, 'rjr', author, body, visibility, created_at
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS t(
        ticket_id bigint, author text, body text, visibility text, created_at timestamptz)
    """
)
CHANGEABLE = {
    "title": "text",
    "description": "text",
    "severity": "smallint",
    "product": "text",
    "vendor": "text",
    "customer": "text",
    "contact": "jsonb",
    "language": "text",
    "status": "text",
    "fields": "jsonb",
}
"""The fields that a later import may change, with their types in the database."""

_CHANGE = text(
    f"""
    UPDATE ticket t SET {", ".join(f"{name} = coalesce(c.{name}, t.{name})" for name in CHANGEABLE)},
        answered_at = coalesce(t.answered_at, c.answered_at), fingerprint = c.fingerprint,
        touched = t.touched || c.touched, updated_at = :now
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS c(
        id bigint, fingerprint text, touched jsonb, answered_at timestamptz,
        {", ".join(f"{name} {kind}" for name, kind in CHANGEABLE.items())})
    WHERE t.id = c.id
    """
)


async def lock(connection: AsyncConnection, source: str) -> None:
    """Hold other imports from the same desk until the transaction ends."""
    await connection.execute(_LOCK, {"source": source})


async def fingerprints(connection: AsyncConnection, source: str, source_ids: Sequence[str]) -> dict[str, str]:
    """The fingerprints of the stored tickets of a desk, by their number there."""
    found = await connection.execute(_FINGERPRINTS, {"source": source, "source_ids": list(source_ids)})
    return {row[0]: row[1] for row in found}


async def add(
    connection: AsyncConnection, prefix: str, drafts: Sequence[tuple[TicketDraft, str]], now: datetime
) -> list[str]:
    """Store new tickets, each with its fingerprint and comments; returns their numbers in the same order.

    A ticket without a date of its own was created when it was answered or resolved, or else now.
    """
    ids = (await connection.execute(_IDS, {"count": len(drafts)})).scalars().all()
    numbers = [f"{prefix}-{ticket_id:06d}" for ticket_id in ids]
    tickets: list[dict[str, Any]] = []
    comments: list[dict[str, Any]] = []
    for ticket_id, number, (draft, fingerprint) in zip(ids, numbers, drafts, strict=True):
        created_at = draft.created_at or min(filter(None, (draft.answered_at, draft.resolved_at, now)))
        tickets.append(
            _ticket(draft)
            | {"id": ticket_id, "number": number, "fingerprint": fingerprint}
            | {"created_at": created_at}
        )
        comments += [_comment(ticket_id, comment, created_at) for comment in draft.comments]
    await connection.execute(_ADD, {"rows": rows(tickets), "now": now})
    if comments:
        await connection.execute(_COMMENT, {"rows": rows(comments)})
    return numbers


async def change(connection: AsyncConnection, changes: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """Set fields of tickets, each given by its id, with its new fingerprint; fields that are not given stay."""
    changed = [
        {**values, "touched": dict.fromkeys(CHANGEABLE.keys() & values.keys(), now.isoformat())} for values in changes
    ]
    await connection.execute(_CHANGE, {"rows": rows(changed), "now": now})


def _ticket(draft: TicketDraft) -> dict[str, Any]:
    return {
        "source": draft.source,
        "source_id": draft.source_id,
        "title": draft.title,
        "description": draft.description,
        "severity": draft.severity,
        "status": draft.status,
        "product": draft.product,
        "vendor": draft.vendor,
        "customer": draft.customer,
        "contact": draft.contact,
        "language": draft.language,
        "fields": draft.fields,
        "answered_at": draft.answered_at,
    }


def _comment(ticket_id: int, comment: TicketComment, created_at: datetime) -> dict[str, Any]:
    return {
        "ticket_id": ticket_id,
        "author": comment.author,
        "body": comment.body,
        "visibility": comment.visibility,
        "created_at": comment.created_at or created_at,
    }
