"""The table that identifies the hub."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, SmallInteger, func
from sqlalchemy.orm import Mapped, mapped_column

from hub.db.tables.base import Table


class HubRow(Table):
    """The single row that identifies the hub of this database."""

    __tablename__ = "hub"
    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    hub_id: Mapped[str]
    restored_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)
