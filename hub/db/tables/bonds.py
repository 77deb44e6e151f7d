"""Tables of bonds and their conflicts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, SmallInteger, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hub.db.tables.base import Table

LIVE_BOND = "state NOT IN ('closed', 'rejected', 'unlinked')"


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
