"""what vendors publish, remote sessions, and deliveries"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def _text(name: str, *, default: bool = True) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="" if default else None, nullable=False)


def _moment(name: str, *, now: bool = False, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(
        name,
        sa.DateTime(timezone=True),
        server_default=sa.text("now()") if now else None,
        nullable=nullable and not now,
    )


def _list(name: str) -> sa.Column[object]:
    kind = postgresql.JSONB(astext_type=sa.Text())
    return sa.Column(name, kind, server_default=sa.text("'[]'"), nullable=False)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "publication",
        _text("account", default=False),
        _text("kind", default=False),
        _text("reference", default=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        _text("vendor", default=False),
        _text("number"),
        _text("title", default=False),
        _text("body", default=False),
        _text("bare", default=False),
        _text("language"),
        _text("product"),
        _text("version"),
        _text("severity"),
        _list("labels"),
        _flag("public"),
        _text("address"),
        _moment("published_at"),
        _moment("changed_at", nullable=False),
        _flag("withdrawn"),
        _text("words", default=False),
        sa.Column("search", postgresql.TSVECTOR(), nullable=False),
        _moment("first_seen_at", now=True),
        _moment("stored_at", now=True),
        sa.PrimaryKeyConstraint("account", "kind", "reference", name=op.f("pk_publication")),
        sa.UniqueConstraint("id", name=op.f("uq_publication_id")),
    )
    op.create_index("ix_publication_search", "publication", ["search"], postgresql_using="gin")
    op.create_index("ix_publication_changed", "publication", ["kind", "changed_at"])
    op.create_table(
        "session",
        _text("account", default=False),
        _text("reference", default=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=True),
        _text("ticket_number"),
        _text("code"),
        _text("address"),
        _moment("expires_at"),
        _text("queue"),
        _moment("started_at"),
        _moment("ended_at"),
        _list("agents"),
        _text("report"),
        _list("chat"),
        _text("recording"),
        _flag("reported"),
        _moment("created_at", now=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_session_ticket_id")),
        sa.PrimaryKeyConstraint("account", "reference", name=op.f("pk_session")),
        sa.UniqueConstraint("id", name=op.f("uq_session_id")),
    )
    op.create_index("ix_session_ticket", "session", ["ticket_number"])
    op.create_table(
        "delivery",
        _text("account", default=False),
        _text("id", default=False),
        _moment("received_at", now=True),
        sa.PrimaryKeyConstraint("account", "id", name=op.f("pk_delivery")),
    )
    op.create_index("ix_delivery_received", "delivery", ["received_at"])
