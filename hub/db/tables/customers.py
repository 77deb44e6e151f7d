"""Tables of customers, contracts and appointments."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.db.tables.base import Table


class CustomerRow(Table):
    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    known_as: Mapped[str]  # the name as it is compared
    language: Mapped[str] = mapped_column(server_default="en")
    province: Mapped[str] = mapped_column(server_default="")
    zone: Mapped[str]
    account_manager: Mapped[str] = mapped_column(server_default="")
    contacts: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (Index("ix_customer_known_as", "known_as"),)


class ContractRow(Table):
    __tablename__ = "contract"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    customer: Mapped[str] = mapped_column(ForeignKey("customer.number"))
    plan: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    products: Mapped[list[str]] = mapped_column(server_default=text("'[]'"))
    follow_up_on: Mapped[date]  # the account manager's next call; counts under plans that include it
    follow_up_reminded_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (Index("ix_contract_customer", "customer"), Index("ix_contract_follow_up", "plan", "follow_up_on"))


class AppointmentRow(Table):
    __tablename__ = "appointment"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    ticket: Mapped[str] = mapped_column(ForeignKey("ticket.number"))
    customer: Mapped[str] = mapped_column(server_default="")
    starts_at: Mapped[datetime]
    minutes: Mapped[int]
    who: Mapped[str]
    after_hours: Mapped[bool]
    remind_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(server_default="planned")
    reminded_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        CheckConstraint("minutes > 0", name="minutes"),
        Index("ix_appointment_ticket", "ticket"),
        Index("ix_appointment_planned", "starts_at", "id", postgresql_where=text("state = 'planned'")),
        Index(
            "ix_appointment_due", "remind_at", "id", postgresql_where=text("state = 'planned' AND reminded_at IS NULL")
        ),
    )
