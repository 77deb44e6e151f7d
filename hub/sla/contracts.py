"""Which contract covers a ticket: by what an operator chose, else by customer, product and day. Pure.

What counts is the day of submission, in the customer's zone. So a contract that ends or begins later leaves the ticket
its plan, and a contract whose plan is changed takes its tickets along. Where none or several fit, nobody guesses.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from hub.model import Contract, Coverage, Customer, Ticket


def covering(
    ticket: Ticket, customers: Iterable[Customer], chosen: Mapping[str, Contract], plans: Collection[str]
) -> Coverage:
    """The ticket's plan and contract, or why it has none.

    `customers` are those that the ticket's customer may name, `chosen` contracts that operators chose, by number,
    `plans` the names of the plans that the offer has.
    """
    if ticket.contract:
        return _chosen(ticket, chosen.get(ticket.contract), plans)
    if not ticket.customer.strip():
        return Coverage(why="the ticket names no customer")
    named = [one for one in customers if names(ticket.customer, one)]
    by_number = [one for one in named if one.number == ticket.customer.strip()]
    if len(by_number or named) > 1:
        numbers = ", ".join(sorted(one.number for one in named))
        return Coverage(why=f"several customers have the ticket's name: {numbers}")
    if not named:
        return Coverage(why="the ticket's customer is not known here")
    (customer,) = by_number or named
    return _found(ticket, customer, plans)


def names(told: str, customer: Customer) -> bool:
    """Whether a text names a customer: its number, or its name, letter case and blanks aside."""
    return told.strip() == customer.number or _folded(told) == _folded(customer.name)


def day_of(moment: datetime, customer: Customer) -> date:
    """The customer's local day at a moment."""
    return moment.astimezone(ZoneInfo(customer.zone)).date()


def months_after(day: date, months: int = 1) -> date:
    """The same day so many months later, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def next_follow_up(starts_on: date, today: date) -> date:
    """The first call of an account manager that a contract newly kept here asks for, by the month of the contract.

    Calls before today are not known, and none is made up.
    """
    passed = max((today.year - starts_on.year) * 12 + today.month - starts_on.month, 1)
    return next(day for more in (0, 1) if (day := months_after(starts_on, passed + more)) > today)


def _chosen(ticket: Ticket, contract: Contract | None, plans: Collection[str]) -> Coverage:
    if contract is None:
        return Coverage(why=f"an operator chose contract {ticket.contract}, which there is not")
    return _under(contract, "chosen by an operator", plans)


def _found(ticket: Ticket, customer: Customer, plans: Collection[str]) -> Coverage:
    day = day_of(ticket.created_at, customer)
    running = [one for one in customer.contracts if one.runs_on(day)]
    fitting = [one for one in running if one.is_for(ticket.product)]
    numbers = ", ".join(one.number for one in fitting or running or customer.contracts)
    if len(fitting) == 1:
        return _under(fitting[0], f"by customer, product and day ({day})", plans)
    if fitting:
        why = f"several contracts cover it: {numbers}"
    elif running:
        product = f"product {ticket.product!r}" if ticket.product else "a ticket without a product"
        why = f"no contract that runs on {day} is for {product}: {numbers}"
    elif customer.contracts:
        why = f"no contract runs on {day}: {numbers}"
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
