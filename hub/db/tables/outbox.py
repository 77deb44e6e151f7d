"""Tables of outgoing work: operations, and the leases on the bonds that have some."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, SmallInteger, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.db.tables.base import Table

PENDING = "state IN ('ready', 'sending', 'in_doubt', 'parked')"
"""Operations that keep their place in the order of their bond."""


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
    """A bond with operations to send, and its lease. Deleted when nothing is pending or a person must act."""

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
