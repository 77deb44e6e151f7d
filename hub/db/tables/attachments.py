"""Tables of attachments and their content."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, SmallInteger, func, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.db.tables.base import Table


class BlobRow(Table):
    """Content, stored once per SHA-256."""

    __tablename__ = "blob"
    sha256: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ChunkRow(Table):
    __tablename__ = "blob_chunk"
    sha256: Mapped[str] = mapped_column(
        ForeignKey("blob.sha256", deferrable=True, initially="DEFERRED"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    data: Mapped[bytes]


class AttachmentRow(Table):
    __tablename__ = "attachment"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    bond_id: Mapped[int | None] = mapped_column(ForeignKey("bond.id"))
    origin: Mapped[str]
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(server_default="")  # empty: announced, not downloaded yet
    visibility: Mapped[str]
    reference: Mapped[str] = mapped_column(server_default="")
    key: Mapped[str] = mapped_column(server_default="")
    failures: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        Index("ix_attachment_ticket", "ticket_id", "id"),
        Index("uq_attachment_reference", "bond_id", "reference", unique=True, postgresql_where=text("reference <> ''")),
        Index("ix_attachment_unfetched", "bond_id", postgresql_where=text("sha256 = '' AND origin = 'vendor'")),
    )
