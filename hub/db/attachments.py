"""Attachments of tickets, and their content, stored once per SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import literal_column, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db.tables.attachments import AttachmentRow, BlobRow, ChunkRow
from hub.db.tables.bonds import BondRow
from hub.errors import BadInput
from hub.model import CaseReference, Value, Visibility

CHUNK = 256 * 1024

_LONG_TIMEOUT = text("SET LOCAL idle_in_transaction_session_timeout = '10min'")  # a slow upload
_DEFAULT_TIMEOUT = text("SET LOCAL idle_in_transaction_session_timeout TO DEFAULT")


class StoredAttachment(Value, frozen=True):
    """An attachment as the hub keeps it."""

    id: int
    ticket_id: int
    bond_id: int | None
    origin: str  # rjr or vendor
    name: str
    media_type: str
    size: int | None
    sha256: str  # empty: announced, not downloaded yet
    visibility: Visibility
    reference: str
    key: str
    failures: int
    created_at: datetime


def _attachment(row: Any) -> StoredAttachment:
    values = {name: getattr(row, name) for name in StoredAttachment.__struct_fields__}
    return StoredAttachment(**{**values, "visibility": Visibility(row.visibility)})


class Attachments:
    """The attachments within one unit of work."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def store(self, content: AsyncIterator[bytes], limit: int) -> tuple[str, int]:
        """Store content in constant memory; returns its SHA-256 and size. Raises BadInput above `limit` bytes."""
        digest, size, position, buffer = hashlib.sha256(), 0, 0, bytearray()
        await self._connection.execute(_LONG_TIMEOUT)
        draft = f"draft-{id(self)}-{await self._connection.scalar(text('SELECT pg_backend_pid()'))}"

        async def put(data: bytes) -> None:
            nonlocal position
            await self._connection.execute(insert(ChunkRow).values(sha256=draft, position=position, data=data))
            position += 1

        async for piece in content:
            size += len(piece)
            if size > limit:
                raise BadInput(f"the attachment is larger than {limit} bytes", next_step="send it another way")
            digest.update(piece)
            buffer += piece
            while len(buffer) >= CHUNK:
                await put(bytes(buffer[:CHUNK]))
                del buffer[:CHUNK]
        if buffer:
            await put(bytes(buffer))
        await self._connection.execute(_DEFAULT_TIMEOUT)
        sha256 = digest.hexdigest()
        statement = insert(BlobRow).values(sha256=sha256, size=size).on_conflict_do_nothing().returning(BlobRow.sha256)
        if (await self._connection.execute(statement)).first():
            await self._connection.execute(update(ChunkRow).where(ChunkRow.sha256 == draft).values(sha256=sha256))
        else:
            await self._connection.execute(ChunkRow.__table__.delete().where(ChunkRow.sha256 == draft))  # type: ignore[attr-defined]
        return sha256, size

    async def content(self, sha256: str) -> AsyncIterator[bytes]:
        """The content, chunk by chunk."""
        position = 0
        while (data := await self.chunk(sha256, position)) is not None:
            yield data
            position += 1

    async def chunk(self, sha256: str, position: int) -> bytes | None:
        """One chunk of the content, counted from 0; None after the last."""
        query = select(ChunkRow.data).where(ChunkRow.sha256 == sha256, ChunkRow.position == position)
        data = await self._connection.scalar(query)
        return None if data is None else bytes(data)

    async def add(self, **values: Any) -> int | None:
        """Store an attachment and return its id; None when the bond already has the vendor's reference."""
        statement = insert(AttachmentRow).values(**values).on_conflict_do_nothing().returning(AttachmentRow.id)
        return (await self._connection.execute(statement)).scalar_one_or_none()

    async def change(self, attachment_id: int, **values: Any) -> None:
        """Set columns of one attachment."""
        await self._connection.execute(update(AttachmentRow).where(AttachmentRow.id == attachment_id).values(**values))

    async def get(self, attachment_id: int) -> StoredAttachment:
        """One attachment, which must exist."""
        query = select(AttachmentRow.__table__).where(AttachmentRow.id == attachment_id)
        return _attachment((await self._connection.execute(query)).one())

    async def of_ticket(self, ticket_id: int) -> list[StoredAttachment]:
        """All attachments of a ticket, oldest first."""
        query = select(AttachmentRow.__table__).where(AttachmentRow.ticket_id == ticket_id)
        return [_attachment(row) for row in await self._connection.execute(query.order_by(AttachmentRow.id))]

    async def of_bonds(self, bond_ids: Sequence[int]) -> dict[int, list[StoredAttachment]]:
        """The attachments on each bond."""
        by_bond: dict[int, list[StoredAttachment]] = {}
        query = select(AttachmentRow.__table__).where(AttachmentRow.bond_id.in_(bond_ids))
        for row in await self._connection.execute(query.order_by(AttachmentRow.id)):
            by_bond.setdefault(row.bond_id, []).append(_attachment(row))
        return by_bond

    async def unfetched(self, account: str, limit: int, tries: int) -> list[tuple[StoredAttachment, CaseReference]]:
        """Attachments announced by the vendor and not downloaded yet, each with its case."""
        query = (
            select(AttachmentRow.__table__, BondRow.case_number, BondRow.case_id)
            .join(BondRow, BondRow.id == AttachmentRow.bond_id)
            .where(
                BondRow.account == account,
                literal_column("attachment.sha256") == "",
                AttachmentRow.origin == "vendor",
                AttachmentRow.failures < tries,
            )
            .order_by(AttachmentRow.failures, AttachmentRow.id)
            .limit(limit)
        )
        rows = await self._connection.execute(query)
        return [(_attachment(row), CaseReference(number=row.case_number, id=row.case_id)) for row in rows]
