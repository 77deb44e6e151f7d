"""Tables of service levels: when tickets' clocks are checked, the clocks themselves, and notices."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, SmallInteger, func, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.db.tables.base import Table


class WatchRow(Table):
    """When a ticket's clocks are due for a check; without a time the ticket costs nothing."""

    __tablename__ = "watch"
    ticket: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime | None]
    owner: Mapped[str] = mapped_column(server_default="")
    level: Mapped[str] = mapped_column(server_default="L1")
    acknowledged_at: Mapped[datetime | None]
    snoozed_until: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_watch_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        {"postgresql_with": {"fillfactor": "70"}},
    )


class ClockRow(Table):
    """A clock as last computed; the journal is authoritative."""

    __tablename__ = "clock"
    ticket: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    account: Mapped[str] = mapped_column(server_default="")
    vendor: Mapped[str] = mapped_column(server_default="")
    plan: Mapped[str] = mapped_column(server_default="")
    severity: Mapped[int] = mapped_column(SmallInteger)
    goal: Mapped[str]
    version: Mapped[str]
    started_at: Mapped[datetime]
    deadline: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    used_seconds: Mapped[int] = mapped_column(server_default="0")
    rounds: Mapped[int] = mapped_column(server_default="0")
    proof: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))

    __table_args__ = (
        Index("ix_clock_running", "deadline", "ticket", postgresql_where=text("answered_at IS NULL")),
        Index("ix_clock_started", "started_at", "ticket", "name"),
    )


class NoticeRow(Table):
    """One policy step that was taken, and its outcome; the key makes it happen once."""

    __tablename__ = "notice"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    ticket: Mapped[str]
    clock: Mapped[str] = mapped_column(server_default="")
    step: Mapped[str]
    do: Mapped[str]
    whom: Mapped[list[str]] = mapped_column(server_default=text("'[]'"))
    data: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    state: Mapped[str] = mapped_column(server_default="ready")
    recipient: Mapped[str] = mapped_column(server_default="")
    message: Mapped[str] = mapped_column(server_default="")
    reason: Mapped[str] = mapped_column(server_default="")
    since: Mapped[datetime]
    due_at: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    settled_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_notice_ready", "due_at", "id", postgresql_where=text("state = 'ready'")),
        Index("ix_notice_ticket", "ticket", "id"),
        Index("ix_notice_recipient", "recipient", "settled_at", postgresql_where=text("recipient <> ''")),
        Index("ix_notice_message", "message", postgresql_where=text("message <> ''")),
        Index("ix_notice_parked", "id", postgresql_where=text("state = 'parked'")),
    )
