"""Tables of lanes, and of the workers that share them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func
from sqlalchemy.orm import Mapped, mapped_column

from hub.db.tables.base import Table


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
    """A worker's share of a lane, and when it expires."""

    __tablename__ = "lane_share"
    account: Mapped[str] = mapped_column(primary_key=True)
    worker: Mapped[str] = mapped_column(primary_key=True)
    seats: Mapped[int]
    until: Mapped[datetime]


class WorkerRow(Table):
    __tablename__ = "worker"
    id: Mapped[str] = mapped_column(primary_key=True)
    host: Mapped[str]
    pid: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
