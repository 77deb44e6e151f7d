"""customers, their contracts, and the contract that an operator chose for a ticket"""

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


def _now(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "customer",
        _id(), _text("number"), _text("name"), _text("known_as"), _text("language", default="en"),
        _text("province", default=""), _text("zone"), _text("account_manager", default=""), _list("contacts"),
        _now("created_at"), _now("updated_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
        sa.UniqueConstraint("number", name=op.f("uq_customer_number")),
    )  # fmt: skip
    op.create_index("ix_customer_known_as", "customer", ["known_as"])
    op.create_table(
        "contract",
        _id(), _text("number"), _text("customer"), _text("plan"), sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True), _list("products"), _now("created_at"), _now("updated_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
        sa.UniqueConstraint("number", name=op.f("uq_contract_number")),
        sa.ForeignKeyConstraint(["customer"], ["customer.number"], name=op.f("fk_contract_customer")),
    )  # fmt: skip
    op.create_index("ix_contract_customer", "contract", ["customer"])
    op.add_column("ticket", _text("contract", default=""))
