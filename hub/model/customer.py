"""Customers and their contracts."""

from __future__ import annotations

from datetime import date

from hub.model.base import Value
from hub.model.ticket import Contact


class Contract(Value, frozen=True):
    """A plan that a customer bought, for a period, for some or all products."""

    number: str
    customer: str  # its number
    plan: str  # by its name in the offer
    starts_on: date  # days are the customer's local ones
    ends_on: date | None = None  # the last day; None: open-ended
    products: tuple[str, ...] = ()  # empty: all

    def runs_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)

    def is_for(self, product: str) -> bool:
        """Whether it covers a product, ignoring case."""
        return not self.products or product.strip().casefold() in {name.casefold() for name in self.products}


class Customer(Value, frozen=True):
    """A customer, with its contacts and contracts."""

    number: str
    name: str
    language: str = "en"  # en or fr
    province: str = ""
    zone: str = "America/Toronto"
    account_manager: str = ""  # their name, as in the journal
    contacts: tuple[Contact, ...] = ()
    contracts: tuple[Contract, ...] = ()


class Coverage(Value, frozen=True):
    """The plan and contract that cover a ticket; or why none does."""

    plan: str = ""
    contract: str = ""
    customer: str = ""  # its number; empty when unknown
    why: str = ""
