"""Tables of customers and what was agreed with them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from hub.db.tables import Table


class CustomerRow(Table):
    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    known_as: Mapped[str]  # the name as it is looked for
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
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (Index("ix_contract_customer", "customer"),)
