"""Tables of what vendors send besides cases: publications, remote sessions, deliveries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, func, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from hub.db.tables.base import Table


class PublicationRow(Table):
    """A vendor's article or patch, as last read."""

    __tablename__ = "publication"
    account: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)  # article or patch
    reference: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), unique=True)
    vendor: Mapped[str]
    number: Mapped[str] = mapped_column(server_default="")
    title: Mapped[str]
    body: Mapped[str]
    bare: Mapped[str]
    language: Mapped[str] = mapped_column(server_default="")
    product: Mapped[str] = mapped_column(server_default="")
    version: Mapped[str] = mapped_column(server_default="")
    severity: Mapped[str] = mapped_column(server_default="")
    labels: Mapped[list[str]] = mapped_column(server_default=text("'[]'"))
    public: Mapped[bool] = mapped_column(server_default=text("false"))
    address: Mapped[str] = mapped_column(server_default="")
    published_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]
    withdrawn: Mapped[bool] = mapped_column(server_default=text("false"))
    words: Mapped[str]  # the text search configuration that `search` was made with
    search: Mapped[Any] = mapped_column(TSVECTOR)
    first_seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
    stored_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        Index("ix_publication_search", "search", postgresql_using="gin"),
        Index("ix_publication_changed", "kind", "changed_at"),
    )


class SessionRow(Table):
    """A remote support session, from its key to its report."""

    __tablename__ = "session"
    account: Mapped[str] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), unique=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    ticket_number: Mapped[str] = mapped_column(server_default="")
    code: Mapped[str] = mapped_column(server_default="")
    address: Mapped[str] = mapped_column(server_default="")
    expires_at: Mapped[datetime | None]
    queue: Mapped[str] = mapped_column(server_default="")
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    agents: Mapped[list[str]] = mapped_column(server_default=text("'[]'"))
    report: Mapped[str] = mapped_column(server_default="")
    chat: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    recording: Mapped[str] = mapped_column(server_default="")
    reported: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (Index("ix_session_ticket", "ticket_number"),)


class DeliveryRow(Table):
    """An accepted delivery, so that a repeat has no effect."""

    __tablename__ = "delivery"
    account: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (Index("ix_delivery_received", "received_at"),)
