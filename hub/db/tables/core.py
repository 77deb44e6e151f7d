"""The tables, typed; rows do not leave this package."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    Sequence,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

LIVE_BOND = "state NOT IN ('closed', 'rejected', 'unlinked')"
PENDING = "state IN ('ready', 'sending', 'in_doubt', 'parked')"
"""Operations that hold their place in the order of their bond."""


class Table(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        str: Text,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[str]: JSONB,
        list[Any]: JSONB,
        bytes: LargeBinary,
    }


EPOCHS = Sequence("lease_epoch", metadata=Table.metadata)
"""Every new lease takes the next epoch, so that a later lease always has the higher one."""


class HubRow(Table):
    """The one row that says which hub this database belongs to."""

    __tablename__ = "hub"
    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    hub_id: Mapped[str]
    restored_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)


class TicketRow(Table):
    __tablename__ = "ticket"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    source: Mapped[str]
    source_id: Mapped[str]
    fingerprint: Mapped[str] = mapped_column(server_default="")
    title: Mapped[str]
    description: Mapped[str]
    severity: Mapped[int] = mapped_column(SmallInteger)
    status: Mapped[str]
    product: Mapped[str] = mapped_column(server_default="")
    vendor: Mapped[str] = mapped_column(server_default="")
    customer: Mapped[str] = mapped_column(server_default="")
    contract: Mapped[str] = mapped_column(server_default="")
    contact: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    language: Mapped[str] = mapped_column(server_default="en")
    fields: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    touched: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    answered_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        Index("uq_ticket_source", "source", "source_id", unique=True, postgresql_where=text("source_id <> ''")),
        CheckConstraint("severity BETWEEN 1 AND 4", name="severity"),
    )


class BondRow(Table):
    __tablename__ = "bond"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    ticket_number: Mapped[str]
    account: Mapped[str]
    vendor: Mapped[str]
    state: Mapped[str]
    severity: Mapped[int] = mapped_column(SmallInteger)
    case_number: Mapped[str] = mapped_column(server_default="")
    case_id: Mapped[str] = mapped_column(server_default="")
    picture: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    positions: Mapped[int] = mapped_column(server_default="0")
    missed: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    reconciled_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    stored_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        Index("uq_bond_live", "ticket_id", "account", unique=True, postgresql_where=text(LIVE_BOND)),
        Index("ix_bond_case", "account", "case_number", postgresql_where=text("case_number <> ''")),
        Index("ix_bond_reconcile", "account", "reconciled_at", postgresql_where=text(LIVE_BOND)),
        {"postgresql_with": {"fillfactor": "80"}},
    )


class OperationRow(Table):
    __tablename__ = "operation"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    bond_id: Mapped[int] = mapped_column(ForeignKey("bond.id"))
    account: Mapped[str]
    position: Mapped[int]
    kind: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str]
    payload: Mapped[dict[str, Any]]
    attempts: Mapped[int] = mapped_column(server_default="0")
    reason: Mapped[str] = mapped_column(server_default="")
    error: Mapped[str] = mapped_column(server_default="")
    who_acts: Mapped[str] = mapped_column(server_default="")
    trace_id: Mapped[str] = mapped_column(server_default="")
    item_id: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    sent_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("bond_id", "position"),
        Index("ix_operation_pending", "bond_id", "position", postgresql_where=text(PENDING)),
        Index("ix_operation_aside", "account", "id", postgresql_where=text("state IN ('parked', 'in_doubt')")),
        {"postgresql_with": {"fillfactor": "80"}},
    )


class OutboxRow(Table):
    """A bond that can send something, and the lease on it. The row goes when nothing is left, or a person must act."""

    __tablename__ = "outbox"
    bond_id: Mapped[int] = mapped_column(ForeignKey("bond.id"), primary_key=True)
    account: Mapped[str]
    severity: Mapped[int] = mapped_column(SmallInteger)
    ready_at: Mapped[datetime]
    waits_since: Mapped[datetime] = mapped_column(server_default=func.now())
    lease_owner: Mapped[str | None]
    lease_epoch: Mapped[int] = mapped_column(BigInteger, server_default="0")
    lease_until: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_outbox_claim", "account", "severity", "waits_since", "bond_id"),
        {"postgresql_with": {"fillfactor": "70"}},
    )


class LaneRow(Table):
    __tablename__ = "lane"
    account: Mapped[str] = mapped_column(primary_key=True)
    vendor: Mapped[str]
    paused_at: Mapped[datetime | None]
    pause_reason: Mapped[str] = mapped_column(server_default="")
    circuit: Mapped[str] = mapped_column(server_default="closed")
    failures: Mapped[int] = mapped_column(server_default="0")
    resume_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(server_default="")
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ShareRow(Table):
    """How much of a lane one worker may use, until when."""

    __tablename__ = "lane_share"
    account: Mapped[str] = mapped_column(primary_key=True)
    worker: Mapped[str] = mapped_column(primary_key=True)
    seats: Mapped[int]
    until: Mapped[datetime]


class StreamRow(Table):
    __tablename__ = "stream"
    account: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    cursor: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    due_at: Mapped[datetime] = mapped_column(server_default=func.now())
    lease_owner: Mapped[str | None]
    lease_epoch: Mapped[int] = mapped_column(BigInteger, server_default="0")
    lease_until: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(server_default="0")
    error: Mapped[str] = mapped_column(server_default="")
    items: Mapped[int] = mapped_column(BigInteger, server_default="0")


class CommentRow(Table):
    __tablename__ = "comment"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    bond_id: Mapped[int | None] = mapped_column(ForeignKey("bond.id"))
    origin: Mapped[str]
    author: Mapped[str] = mapped_column(server_default="")
    body: Mapped[str]
    visibility: Mapped[str]
    automatic: Mapped[bool] = mapped_column(server_default=text("false"))
    reference: Mapped[str] = mapped_column(server_default="")
    key: Mapped[str] = mapped_column(server_default="")
    fingerprint: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        Index("ix_comment_ticket", "ticket_id", "id"),
        Index("uq_comment_reference", "bond_id", "reference", unique=True, postgresql_where=text("reference <> ''")),
    )


class BlobRow(Table):
    """Bytes, once each, found by what they are."""

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
    sha256: Mapped[str] = mapped_column(server_default="")  # empty: told of, not fetched yet
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


class ConflictRow(Table):
    __tablename__ = "conflict"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    bond_id: Mapped[int] = mapped_column(ForeignKey("bond.id"))
    field: Mapped[str]
    base: Mapped[Any] = mapped_column(JSONB)
    ours: Mapped[Any] = mapped_column(JSONB)
    theirs: Mapped[Any] = mapped_column(JSONB)
    choice: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    resolved_at: Mapped[datetime | None]

    __table_args__ = (
        Index("uq_conflict_open", "bond_id", "field", unique=True, postgresql_where=text("resolved_at IS NULL")),
    )


class QuarantineRow(Table):
    """News that could not be understood, each reported once."""

    __tablename__ = "quarantine"
    account: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ChainRow(Table):
    """The end of one chain of the journal, so that a cut-off tail shows."""

    __tablename__ = "journal_chain"
    chain: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    head: Mapped[bytes]
    __table_args__ = ({"postgresql_with": {"fillfactor": "70"}},)


class JournalRow(Table):
    __tablename__ = "journal"
    chain: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    data: Mapped[Any] = mapped_column(JSON)  # json, not jsonb: the exact text is what was hashed
    hash: Mapped[bytes]

    __table_args__ = (Index("ix_journal_at", "at"),)


class WorkerRow(Table):
    __tablename__ = "worker"
    id: Mapped[str] = mapped_column(primary_key=True)
    host: Mapped[str]
    pid: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
