"""Reads tickets from an export: each row becomes a draft, or a bad row with its line and reason."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from hub.desk.findings import Findings
from hub.desk.layout import detect_layout
from hub.desk.line_reader import Progress
from hub.desk.mapping import ImportMapping
from hub.desk.reader import InvalidRow, Reader
from hub.desk.rows import BadRow, open_rows
from hub.errors import BadInput
from hub.model import TicketDraft

_canonical = msgspec.json.Encoder(order="deterministic")
_NO_DATES = b',"answered_at":null,"resolved_at":null}'


def read_tickets(
    path: Path, mapping: ImportMapping | None = None, progress: Progress | None = None, findings: Findings | None = None
) -> Iterator[TicketDraft | BadRow]:
    """Every row of the file at `path`, in order, as a ticket draft or a bad row.

    Memory stays bounded however long the file is. `progress` is called with bytes read and in total; words that
    were read with a default are counted in `findings`.
    Raises BadInput for a file that can't be read at all: it is missing or empty, has nothing below its header,
    or lacks a column of the mapping.
    """
    mapping = mapping or ImportMapping()
    reader = Reader(mapping, findings)
    layout = detect_layout(path, mapping.file, mapping.columns.source_id)
    seen = False
    with open_rows(path, layout, progress) as rows:
        if layout.format == "csv":
            reader.check(rows.columns)
        for row in rows:
            seen = True
            if isinstance(row, BadRow):
                yield row
                continue
            try:
                draft = reader.draft(row.values)
            except InvalidRow as error:
                yield BadRow(line=row.line, reason=str(error), raw=row.raw)
            else:
                yield draft
        reader.findings.unread += rows.document.unread
    if not seen:
        where = "below its header" if layout.format == "csv" else "in it"
        raise BadInput(f"{path.name} has no rows {where}", next_step="export the tickets again")


def encoded(draft: TicketDraft) -> bytes:
    """The whole draft in a canonical form."""
    content = _canonical.encode(draft)
    if content.endswith(_NO_DATES):  # as before there were these dates, so that old tickets stay unchanged
        content = content.removesuffix(_NO_DATES) + b"}"
    return content


def fingerprint_of(content: bytes) -> str:
    """The SHA-256 of an encoded draft, in hex."""
    return hashlib.sha256(content).hexdigest()


def fingerprint(draft: TicketDraft) -> str:
    """The SHA-256 of the whole draft, in hex."""
    return fingerprint_of(encoded(draft))
