"""when tickets are looked at, what their clocks say, and the steps that were taken"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"


def _text(name: str, *, default: bool = True) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="" if default else None, nullable=False)


def _moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _json(name: str, default: str) -> sa.Column[object]:
    kind = postgresql.JSONB(astext_type=sa.Text())
    return sa.Column(name, kind, server_default=sa.text(f"'{default}'"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "watch",
        _text("ticket", default=False),
        _moment("due_at"),
        _text("owner"),
        sa.Column("level", sa.Text(), server_default="L1", nullable=False),
        _moment("acknowledged_at"),
        _moment("snoozed_until"),
        sa.PrimaryKeyConstraint("ticket", name=op.f("pk_watch")),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_index("ix_watch_due", "watch", ["due_at"], postgresql_where=sa.text("due_at IS NOT NULL"))
    op.create_table(
        "clock",
        _text("ticket", default=False),
        _text("name", default=False),
        _text("kind", default=False),
        _text("account"),
        _text("vendor"),
        _text("plan"),
        sa.Column("severity", sa.SmallInteger(), nullable=False),
        _text("goal", default=False),
        _text("version", default=False),
        _moment("started_at", nullable=False),
        _moment("deadline"),
        _moment("answered_at"),
        sa.Column("used_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rounds", sa.Integer(), server_default="0", nullable=False),
        _json("proof", "[]"),
        sa.PrimaryKeyConstraint("ticket", "name", name=op.f("pk_clock")),
    )
    op.create_index(
        "ix_clock_running", "clock", ["deadline", "ticket"], postgresql_where=sa.text("answered_at IS NULL")
    )
    op.create_index("ix_clock_started", "clock", ["started_at", "ticket", "name"])
    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        _text("key", default=False),
        _text("ticket", default=False),
        _text("clock"),
        _text("step", default=False),
        _text("do", default=False),
        _json("whom", "[]"),
        _json("data", "{}"),
        sa.Column("state", sa.Text(), server_default="ready", nullable=False),
        _text("reason"),
        _moment("since", nullable=False),
        _moment("due_at", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        _moment("settled_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("key", name=op.f("uq_notice_key")),
    )
    op.create_index("ix_notice_ready", "notice", ["due_at", "id"], postgresql_where=sa.text("state = 'ready'"))
    op.create_index("ix_notice_ticket", "notice", ["ticket", "id"])
    # tickets that are here already are looked at once
    op.execute("INSERT INTO watch (ticket, due_at) SELECT number, now() FROM ticket WHERE status <> 'closed'")
