"""Tables of the journal and its hash chains."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from hub.db.tables.base import Table


class ChainRow(Table):
    """The head of one chain of the journal, which reveals a truncated chain."""

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
