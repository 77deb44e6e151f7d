"""Tables of tickets and their comments."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, SmallInteger, func, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.db.tables.base import Table


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
