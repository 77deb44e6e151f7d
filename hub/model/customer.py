"""Customers and what was agreed with them."""

from __future__ import annotations

from datetime import date

from hub.model.base import Value
from hub.model.ticket import Contact


class Contract(Value, frozen=True):
    """What a customer bought: a plan, for a time, for some products or all."""

    number: str
    customer: str  # its number
    plan: str  # by its name in the offer
    starts_on: date  # days are the customer's local ones
    ends_on: date | None = None  # the last day; None: until further notice
    products: tuple[str, ...] = ()  # none named: all

    def runs_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)

    def is_for(self, product: str) -> bool:
        """Whether it is for a product, letter case aside."""
        return not self.products or product.strip().casefold() in {one.casefold() for one in self.products}


class Customer(Value, frozen=True):
    """A customer of ours, with its contracts."""

    number: str
    name: str
    language: str = "en"  # en or fr
    province: str = ""
    zone: str = "America/Toronto"
    account_manager: str = ""  # who looks after it, as people are named in the journal
    contacts: tuple[Contact, ...] = ()
    contracts: tuple[Contract, ...] = ()


class Coverage(Value, frozen=True):
    """The plan that a ticket has by a contract; without one, why not."""

    plan: str = ""
    contract: str = ""
    customer: str = ""  # its number, when the ticket's customer is known
    why: str = ""
