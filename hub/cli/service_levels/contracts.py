"""`hub contracts`: which plan a customer has, and which contract covers a ticket."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hub.cli.service_levels.customers import contract_text
from hub.cli.shared.groups import new_app
from hub.cli.shared.options import As, AsJson, Before, Limit, TicketNumber
from hub.cli.shared.output import print_fields, print_line, print_result, print_table
from hub.cli.shared.runtime import acting_user, load_offer, with_storage
from hub.customers import customers
from hub.desk.customer_fields import read
from hub.errors import BadInput
from hub.model import Contract

app = new_app("Add, change and assign contracts.")

Number = Annotated[str, typer.Argument(metavar="CONTRACT", help="The contract's number.")]
End = Annotated[str | None, typer.Option("--end", metavar="DAY", help="The last day; empty: open-ended.")]
Products = Annotated[
    list[str] | None,
    typer.Option("--product", metavar="PRODUCT", help="A covered product; may be repeated. Default: all products."),
]


@app.command()
def add(
    number: Number,
    customer: Annotated[str, typer.Option("--customer", metavar="CUSTOMER", help="The customer's number.")],
    plan: Annotated[str, typer.Option("--plan", metavar="PLAN", help="A plan from `hub plans`.")],
    start: Annotated[str, typer.Option("--start", metavar="DAY", help="The first day, such as 2027-01-01.")],
    end: End = None,
    product: Products = None,
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Add a contract for a customer."""
    fields = _given(number=number, plan=plan, starts_on=start, ends_on=end, product=product)
    contract, who = Contract(customer=customer, **fields), acting_user(as_name)
    _print(with_storage(lambda storage: customers.add_contract(storage, contract, who=who)), "added", as_json=as_json)


@app.command()
def edit(
    number: Number,
    plan: Annotated[str | None, typer.Option("--plan", metavar="PLAN", help="A plan from `hub plans`.")] = None,
    start: Annotated[str | None, typer.Option("--start", metavar="DAY", help="The first day.")] = None,
    end: End = None,
    product: Products = None,
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Change the given fields of a contract.

    A new plan applies to the contract's open tickets at once. To change the plan from a later day, end this contract
    and add another: each ticket keeps the contract that was in effect when it came in.
    """
    fields, who = _given(plan=plan, starts_on=start, ends_on=end, product=product), acting_user(as_name)
    if not fields:
        raise BadInput("nothing to change", next_step="see `hub contracts edit --help`")
    contract = with_storage(lambda storage: customers.edit_contract(storage, number, fields, who=who))
    _print(contract, "changed", as_json=as_json)


@app.command("of")
def of_(number: TicketNumber, as_json: AsJson = False) -> None:
    """Show the contract and plan that cover a ticket, or why none does."""
    plans = load_offer().plans
    coverage = with_storage(lambda storage: customers.coverage(storage, number, plans))
    fields = [
        ("plan", coverage.plan or "none"),
        ("contract", coverage.contract),
        ("customer", coverage.customer),
        ("why", coverage.why),
    ]
    print_result(coverage, lambda: print_fields(fields), as_json=as_json)


@app.command()
def assign(
    number: TicketNumber,
    contract: Annotated[
        str, typer.Argument(metavar="CONTRACT", help="The contract's number; omit it to match automatically again.")
    ] = "",
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Assign a contract to a ticket by hand, where none or the wrong one was matched."""
    who = acting_user(as_name)
    ticket = with_storage(lambda storage: customers.assign(storage, number, contract, who=who))
    message = (
        f"{number} assigned to contract {contract}"
        if contract
        else f"the contract of {number} is matched automatically"
    )
    print_result(ticket, lambda: print_line(message), as_json=as_json)


@app.command()
def missing(limit: Limit = 50, before: Before = None, as_json: AsJson = False) -> None:
    """List open tickets that no contract covers, newest first, and why."""
    plans = load_offer().plans
    uncovered, following = with_storage(
        lambda storage: customers.without_contract(storage, plans, before=before, limit=limit)
    )

    def show() -> None:
        rows = [(row.ticket.number, row.ticket.severity, row.ticket.customer, row.coverage.why) for row in uncovered]
        print_table(("ticket", "sev", "customer", "why"), rows, empty="every open ticket has a contract")
        if following is not None:
            print_line(f"next page: hub contracts missing --before {following}")

    tickets = [{"ticket": row.ticket.number, **row.coverage.plain()} for row in uncovered]
    print_result({"tickets": tickets, "next_before": following}, show, as_json=as_json)


def _print(contract: Contract, what: str, *, as_json: bool) -> None:
    message = f"contract {contract.number} {what}: {contract_text(contract)}"
    print_result(contract, lambda: print_line(message), as_json=as_json)


def _given(*, product: list[str] | None, **texts: str | None) -> dict[str, Any]:
    """The given fields, as values. Raises BadInput."""
    plans = load_offer().plan_words
    fields = {name: read(name, text, plans) for name, text in texts.items() if text is not None}
    return fields if product is None else fields | {"products": tuple(filter(None, map(str.strip, product)))}
