"""Tables of incoming streams, and of updates in quarantine."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.db.tables.base import Table


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


class QuarantineRow(Table):
    """An update that could not be read; reported once."""

    __tablename__ = "quarantine"
    account: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
    tries: Mapped[int] = mapped_column(server_default="0")
    due_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_quarantine_due", "account", "kind", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )
