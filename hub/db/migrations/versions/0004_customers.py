"""customers, their contracts and appointments, and the contract that an operator chose for a ticket"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _text(name: str, *, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def _list(name: str) -> sa.Column[object]:
    kind = postgresql.JSONB(astext_type=sa.Text())
    return sa.Column(name, kind, server_default=sa.text("'[]'"), nullable=False)


def _moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _day(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Date(), nullable=nullable)


def _now(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "customer",
        _id(),
        _text("number"),
        _text("name"),
        _text("known_as"),
        _text("language", default="en"),
        _text("province", default=""),
        _text("zone"),
        _text("account_manager", default=""),
        _list("contacts"),
        _now("created_at"),
        _now("updated_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
        sa.UniqueConstraint("number", name=op.f("uq_customer_number")),
    )
    op.create_index("ix_customer_known_as", "customer", ["known_as"])
    op.create_table(
        "contract",
        _id(),
        _text("number"),
        _text("customer"),
        _text("plan"),
        _day("starts_on"),
        _day("ends_on", nullable=True),
        _list("products"),
        _day("follow_up_on"),
        _moment("follow_up_reminded_at"),
        _now("created_at"),
        _now("updated_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
        sa.UniqueConstraint("number", name=op.f("uq_contract_number")),
        sa.ForeignKeyConstraint(["customer"], ["customer.number"], name=op.f("fk_contract_customer")),
    )
    op.create_index("ix_contract_customer", "contract", ["customer"])
    op.create_index("ix_contract_follow_up", "contract", ["plan", "follow_up_on"])
    op.create_table(
        "appointment",
        _id(),
        _text("ticket"),
        _text("customer", default=""),
        _moment("starts_at", nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        _text("who"),
        sa.Column("after_hours", sa.Boolean(), nullable=False),
        _moment("remind_at", nullable=False),
        _text("state", default="planned"),
        _moment("reminded_at"),
        _moment("settled_at"),
        _now("created_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name=op.f("fk_appointment_ticket")),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_appointment_minutes")),
    )
    planned = sa.text("state = 'planned'")
    op.create_index("ix_appointment_ticket", "appointment", ["ticket"])
    op.create_index("ix_appointment_planned", "appointment", ["starts_at", "id"], postgresql_where=planned)
    due = sa.text("state = 'planned' AND reminded_at IS NULL")
    op.create_index("ix_appointment_due", "appointment", ["remind_at", "id"], postgresql_where=due)
    op.add_column("ticket", _text("contract", default=""))
