"""Which contract covers a ticket: one that fits by customer, product and day, or a reason why none does."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from hub.model import Contact, Contract, Coverage, Customer, Severity, Ticket, TicketStatus
from hub.sla.contracts import find_coverage, months_after, next_follow_up

PLANS = {"fast-track", "continuous"}


def ticket(**changes: object) -> Ticket:
    """A ticket of Northwind's, submitted in the middle of 2026."""
    at = datetime(2026, 6, 15, 14, tzinfo=UTC)
    known = {
        "id": 1,
        "number": "RJR-000001",
        "title": "T",
        "description": "",
        "severity": Severity.S2,
        "status": TicketStatus.OPEN,
        "source": "hub",
        "source_id": "",
        "product": "Helix",
        "vendor": "",
        "customer": "Northwind",
        "contact": Contact(),
        "language": "en",
        "fields": {},
        "created_at": at,
        "updated_at": at,
    }
    return Ticket(**(known | changes))  # type: ignore[arg-type]


def contract(number: str = "K-1", **changes: object) -> Contract:
    """A contract of Northwind's for 2026."""
    known = {"number": number, "customer": "100", "plan": "fast-track", "starts_on": date(2026, 1, 1)}
    return Contract(**({**known, "ends_on": date(2026, 12, 31)} | changes))  # type: ignore[arg-type]


def customer(*contracts: Contract, **changes: object) -> Customer:
    """Northwind."""
    return Customer(**({"number": "100", "name": "Northwind", "contracts": contracts} | changes))  # type: ignore[arg-type]


def coverage(ticket: Ticket, *customers: Customer, chosen: tuple[Contract, ...] = ()) -> Coverage:
    return find_coverage(ticket, customers, {contract.number: contract for contract in chosen}, PLANS)


@pytest.mark.parametrize("name", ["Northwind", " north  WIND ".replace("  W", "W"), "100", " 100 "])
def test_a_customer_is_known_by_number_or_name(name: str) -> None:
    """Case and spacing do not matter."""
    got = coverage(ticket(customer=name), customer(contract()))
    assert (got.plan, got.contract, got.customer) == ("fast-track", "K-1", "100")
    assert got.why == "by customer, product and day (2026-06-15)"


@pytest.mark.parametrize(
    ("customers", "why"),
    [
        ((), "unknown"),
        ((customer(), customer(number="101")), "several customers match the ticket's customer: 100, 101"),
        ((customer(),), "has no contract"),
        ((customer(contract(ends_on=date(2026, 6, 14))),), "no contract is in force on 2026-06-15: K-1"),
        ((customer(contract(starts_on=date(2026, 6, 16))),), "no contract is in force on 2026-06-15: K-1"),
        ((customer(contract(products=("Remote",))),), "covers product 'Helix': K-1"),
        ((customer(contract(), contract("K-2")),), "several contracts cover it: K-1, K-2"),
        ((customer(contract(plan="gold")),), "plan 'gold', which the offer does not have"),
    ],
)
def test_without_exactly_one_match_there_is_no_plan(customers: tuple[Customer, ...], why: str) -> None:
    """The reason says what an operator has to decide."""
    got = coverage(ticket(), *customers)
    assert (got.plan, got.contract) == ("", "")
    assert why in got.why


def test_a_ticket_without_customer_or_product_says_so() -> None:
    """Neither is taken for any other."""
    assert coverage(ticket(customer=" "), customer(contract())).why == "the ticket names no customer"
    got = coverage(ticket(product=""), customer(contract(products=("Helix",))))
    assert "a ticket without a product" in got.why


def test_a_number_goes_before_a_name() -> None:
    """A customer whose number the ticket names is it, though another is called so."""
    got = coverage(ticket(customer="100"), customer(contract()), customer(number="7", name="100"))
    assert got.contract == "K-1"


@pytest.mark.parametrize(("product", "number"), [("helix", "K-1"), ("REMOTE", "K-2"), ("remote ", "K-2")])
def test_the_product_tells_contracts_apart(product: str, number: str) -> None:
    """Each product under its own contract, letter case aside."""
    ours = customer(contract(products=("Helix",)), contract("K-2", plan="continuous", products=("Remote",)))
    assert coverage(ticket(product=product), ours).contract == number


def test_the_day_is_the_customers_own() -> None:
    """Three in the morning in UTC on 1 January is still December in Vancouver."""
    ours = customer(contract(starts_on=date(2026, 7, 1)), contract("K-0", ends_on=date(2026, 6, 30)))
    late = ticket(created_at=datetime(2026, 7, 1, 3, tzinfo=UTC))
    assert coverage(late, ours.evolve(zone="America/Vancouver")).contract == "K-0"
    assert coverage(late, ours.evolve(zone="UTC")).contract == "K-1"


def test_first_and_last_day_belong_to_a_contract() -> None:
    """A contract for one day covers that day; one without an end covers every later one."""
    only = date(2026, 6, 15)
    assert coverage(ticket(), customer(contract(starts_on=only, ends_on=only))).contract == "K-1"
    assert coverage(ticket(), customer(contract(ends_on=None))).contract == "K-1"


def test_what_an_operator_chose_holds() -> None:
    """Even against customer and product; a number that there is not, or a plan that is gone, gives none."""
    chosen = contract("K-9", customer="200", plan="continuous")
    got = coverage(ticket(contract="K-9"), customer(contract()), chosen=(chosen,))
    assert (got.plan, got.contract, got.customer, got.why) == ("continuous", "K-9", "200", "chosen by an operator")
    assert "which does not exist" in coverage(ticket(contract="K-8"), chosen=(chosen,)).why
    assert coverage(ticket(contract="K-9"), chosen=(chosen.evolve(plan="gold"),)).plan == ""


@pytest.mark.parametrize(
    ("day", "months", "after"),
    [
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 11, 30), 13, date(2027, 12, 30)),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last(day: date, months: int, after: date) -> None:
    """Short months end the month."""
    assert months_after(day, months) == after


@pytest.mark.parametrize(
    ("starts_on", "today", "due"),
    [
        (date(2027, 1, 1), date(2026, 11, 26), date(2027, 2, 1)),  # to come
        (date(2026, 11, 26), date(2026, 11, 26), date(2026, 12, 26)),
        (date(2020, 1, 10), date(2026, 11, 26), date(2026, 12, 10)),
        (date(2020, 1, 28), date(2026, 11, 26), date(2026, 11, 28)),
        (date(2020, 1, 26), date(2026, 11, 26), date(2026, 12, 26)),
        (date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 31)),
    ],
)
def test_the_first_follow_up_comes_by_the_month_of_the_contract(starts_on: date, today: date, due: date) -> None:
    """After today, and at most a month after it or the beginning."""
    assert next_follow_up(starts_on, today) == due
