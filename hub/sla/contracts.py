"""Which contract covers a ticket: the one chosen by an operator, else by customer, product and day. Pure.

The day of submission in the customer's time zone decides. So a contract that ends or starts later does not change the
ticket's plan, and changing a contract's plan changes its tickets. If no contract or several match, there is no plan.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from hub.model import Contract, Coverage, Customer, Ticket


def find_coverage(
    ticket: Ticket, customers: Iterable[Customer], chosen: Mapping[str, Contract], plans: Collection[str]
) -> Coverage:
    """The ticket's plan and contract, or why it has none.

    `customers` are candidates for the ticket's customer, `chosen` the contracts chosen by operators, by number, `plans`
    the names of the offer's plans.
    """
    if ticket.contract:
        return _chosen(ticket, chosen.get(ticket.contract), plans)
    if not ticket.customer.strip():
        return Coverage(why="the ticket names no customer")
    named = [customer for customer in customers if is_named(ticket.customer, customer)]
    by_number = [customer for customer in named if customer.number == ticket.customer.strip()]
    if len(by_number or named) > 1:
        numbers = ", ".join(sorted(customer.number for customer in named))
        return Coverage(why=f"several customers match the ticket's customer: {numbers}")
    if not named:
        return Coverage(why="the ticket's customer is unknown")
    (customer,) = by_number or named
    return _matching(ticket, customer, plans)


def is_named(text: str, customer: Customer) -> bool:
    """Whether a text is a customer's number, or its name regardless of case and spacing."""
    return text.strip() == customer.number or _folded(text) == _folded(customer.name)


def day_of(moment: datetime, customer: Customer) -> date:
    """The customer's local date at a time."""
    return moment.astimezone(ZoneInfo(customer.zone)).date()


def months_after(day: date, months: int = 1) -> date:
    """The same day some months later, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def next_follow_up(starts_on: date, today: date) -> date:
    """The first follow-up call of a newly stored contract, on the day of the month it started.

    Calls before today are unknown, and not assumed.
    """
    passed = max((today.year - starts_on.year) * 12 + today.month - starts_on.month, 1)
    return next(day for more in (0, 1) if (day := months_after(starts_on, passed + more)) > today)


def _chosen(ticket: Ticket, contract: Contract | None, plans: Collection[str]) -> Coverage:
    if contract is None:
        return Coverage(why=f"an operator chose contract {ticket.contract}, which does not exist")
    return _under(contract, "chosen by an operator", plans)


def _matching(ticket: Ticket, customer: Customer, plans: Collection[str]) -> Coverage:
    day = day_of(ticket.created_at, customer)
    running = [contract for contract in customer.contracts if contract.runs_on(day)]
    fitting = [contract for contract in running if contract.is_for(ticket.product)]
    numbers = ", ".join(contract.number for contract in fitting or running or customer.contracts)
    if len(fitting) == 1:
        return _under(fitting[0], f"by customer, product and day ({day})", plans)
    if fitting:
        why = f"several contracts cover it: {numbers}"
    elif running:
        product = f"product {ticket.product!r}" if ticket.product else "a ticket without a product"
        why = f"no contract in force on {day} covers {product}: {numbers}"
    elif customer.contracts:
        why = f"no contract is in force on {day}: {numbers}"
    else:
        why = "the customer has no contract"
    return Coverage(customer=customer.number, why=why)


def _under(contract: Contract, how: str, plans: Collection[str]) -> Coverage:
    if contract.plan not in plans:
        return Coverage(
            customer=contract.customer,
            why=f"contract {contract.number} names plan {contract.plan!r}, which the offer does not have",
        )
    return Coverage(plan=contract.plan, contract=contract.number, customer=contract.customer, why=how)


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
