"""`hub contracts`: which plan holds for whom, and for which ticket."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hub.cli.shared.options import As, AsJson, Before, Limit, TicketNumber

app = typer.Typer(help="Add and change contracts, and find a ticket's.", no_args_is_help=True)

Number = Annotated[str, typer.Argument(metavar="CONTRACT", help="The contract's number.")]
End = Annotated[str | None, typer.Option("--end", metavar="DAY", help="The last day; empty for until further notice.")]
Products = Annotated[
    list[str] | None,
    typer.Option("--product", metavar="PRODUCT", help="May be given again; without any it covers all."),
]


@app.command()
def add(
    number: Number,
    customer: Annotated[str, typer.Option("--customer", help="The customer's number.")],
    plan: Annotated[str, typer.Option("--plan", help="From `hub plans`.")],
    start: Annotated[str, typer.Option("--start", metavar="DAY", help="The first day, such as 2027-01-01.")],
    end: End = None,
    product: Products = None,
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Add a contract to a customer."""
    from hub.cli.shared.shell import who, with_storage
    from hub.customers.customers import add_contract
    from hub.model import Contract

    told = _told(number=number, plan=plan, starts_on=start, ends_on=end, product=product)
    made = Contract(customer=customer, **told)
    _tell(with_storage(lambda storage: add_contract(storage, made, who=who(as_name))), "added", as_json=as_json)


@app.command()
def edit(
    number: Number,
    plan: Annotated[str | None, typer.Option("--plan", help="From `hub plans`.")] = None,
    start: Annotated[str | None, typer.Option("--start", metavar="DAY", help="The first day.")] = None,
    end: End = None,
    product: Products = None,
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Change a contract; what is not given stays.

    Open tickets that it covers are under the new plan from now on. For a plan that begins later, end this contract and
    add another: tickets stay under the one that ran when they came in.
    """
    from hub.cli.shared.shell import who, with_storage
    from hub.customers.customers import edit_contract
    from hub.errors import BadInput

    told = _told(plan=plan, starts_on=start, ends_on=end, product=product)
    if not told:
        raise BadInput("nothing to change was named", next_step="see `hub contracts edit --help`")
    _tell(
        with_storage(lambda storage: edit_contract(storage, number, told, who=who(as_name))), "changed", as_json=as_json
    )


@app.command("of")
def of_(number: TicketNumber, as_json: AsJson = False) -> None:
    """Show the contract and plan that cover a ticket, or why none does."""
    from hub.cli.shared.output import facts, tell
    from hub.cli.shared.shell import offer, with_storage
    from hub.customers import customers

    plans = offer().plans
    found = with_storage(lambda storage: customers.coverage(storage, number, plans))
    rows = [
        ("plan", found.plan or "none"),
        ("contract", found.contract),
        ("customer", found.customer),
        ("why", found.why),
    ]
    tell(found, lambda: facts(rows), as_json=as_json)


@app.command()
def assign(
    number: TicketNumber,
    contract: Annotated[
        str, typer.Argument(metavar="CONTRACT", help="Its number; left out, it is found again by itself.")
    ] = "",
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Choose a ticket's contract, where none or several fit, or the wrong one does."""
    from hub.cli.shared.output import line, tell
    from hub.cli.shared.shell import who, with_storage
    from hub.customers.customers import assign as chosen

    ticket = with_storage(lambda storage: chosen(storage, number, contract, who=who(as_name)))
    told = f"{number} is under contract {contract}" if contract else f"the contract of {number} is found by itself"
    tell(ticket, lambda: line(told), as_json=as_json)


@app.command()
def missing(limit: Limit = 50, before: Before = None, as_json: AsJson = False) -> None:
    """List tickets that are not closed and that no contract covers, each with the reason, newest first."""
    from hub.cli.shared.output import line, table, tell
    from hub.cli.shared.shell import offer, with_storage
    from hub.customers import customers

    plans = offer().plans
    found, after = with_storage(lambda storage: customers.without_contract(storage, plans, before=before, limit=limit))

    def show() -> None:
        rows = [(one.ticket.number, one.ticket.severity, one.ticket.customer, one.coverage.why) for one in found]
        table(("ticket", "sev", "customer", "why"), rows, empty="every open ticket has a contract")
        if after is not None:
            line(f"there may be more: hub contracts missing --before {after}")

    told = [{"ticket": one.ticket.number, **one.coverage.plain()} for one in found]
    tell({"tickets": told, "next_before": after}, show, as_json=as_json)


def _tell(contract: Any, what: str, *, as_json: bool) -> None:
    from hub.cli.promises.customers import in_words
    from hub.cli.shared.output import line, tell

    tell(contract, lambda: line(f"contract {contract.number} {what}: {in_words(contract)}"), as_json=as_json)


def _told(*, product: list[str] | None, **texts: str | None) -> dict[str, Any]:
    """The fields that were given, as values. Raises BadInput."""
    from hub.cli.shared.shell import offer
    from hub.desk.customer_fields import read

    plans = offer().plan_words
    told = {name: read(name, text, plans) for name, text in texts.items() if text is not None}
    return told if product is None else told | {"products": tuple(filter(None, map(str.strip, product)))}
