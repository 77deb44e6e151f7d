"""`hub customers`: customers with their contacts and contracts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.shared.groups import new_app
from hub.cli.shared.options import After, As, AsJson, Limit
from hub.cli.shared.output import Page, print_fields, print_line, print_page, print_result, print_table
from hub.cli.shared.runtime import acting_user, load_offer, with_storage
from hub.customers import customers
from hub.desk.customer_fields import read, read_contact
from hub.desk.customers import read_customers
from hub.errors import BadInput
from hub.model import Contact, Contract, Customer

app = new_app("Import, add, list and change customers.")

Number = Annotated[str, typer.Argument(metavar="CUSTOMER", help="The customer's number.")]
Language = Annotated[str | None, typer.Option("--language", metavar="LANGUAGE", help="The language, en or fr.")]
Province = Annotated[str | None, typer.Option("--province", metavar="PROVINCE", help="The province, such as QC.")]
Zone = Annotated[str | None, typer.Option("--zone", metavar="ZONE", help="The time zone, such as America/Toronto.")]
Manager = Annotated[
    str | None, typer.Option("--account-manager", metavar="NAME", help="The technical account manager.")
]
Contacts = Annotated[
    list[str] | None,
    typer.Option(
        "--contact", metavar="'NAME <E-MAIL> PHONE'", help="A contact; may be repeated. Replaces all earlier contacts."
    ),
]


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file, or TOML or JSON with a list `customers`.")],
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Import customers with their contacts and contracts, or update those imported before.

    A file with errors is not imported at all; each error names its row and column. Customers that are not in the file
    stay unchanged.
    """
    read_in, who = read_customers(file, load_offer().plan_words), acting_user(as_name)
    counts = vars(with_storage(lambda storage: customers.store_customers(storage, read_in, who=who)))
    print_result(counts, lambda: print_fields(counts.items()), as_json=as_json)


@app.command("list")
def list_(
    find: Annotated[
        str, typer.Option("--find", metavar="TEXT", help="Only customers with this text in the name.")
    ] = "",
    limit: Limit = 50,
    after: After = 0,
    as_json: AsJson = False,
) -> None:
    """List customers, oldest first."""
    stored = with_storage(lambda storage: customers.customers(storage, after=after, limit=limit, find=find))
    rows = [
        (
            customer.number,
            customer.name,
            customer.language,
            customer.province,
            [f"{contract.number} {contract.plan}" for contract in customer.contracts],
        )
        for row in stored
        if (customer := row.customer)
    ]
    columns = ("customer", "name", "lang", "province", "contracts")
    page = Page(stored, limit, "hub customers list", "--after")
    print_page(
        "customers",
        page,
        lambda: print_table(columns, rows, wide="name", empty="no customers"),
        as_json=as_json,
        items=[row.customer for row in stored],
    )


@app.command()
def show(number: Number, as_json: AsJson = False) -> None:
    """Show a customer with contacts and contracts."""
    customer = with_storage(lambda storage: customers.customer(storage, number))
    fields = [
        ("customer", customer.number),
        ("name", customer.name),
        ("language", customer.language),
        ("province", customer.province),
        ("zone", customer.zone),
        ("account manager", customer.account_manager),
        *(("contact", _contact_text(contact)) for contact in customer.contacts),
        *((f"contract {contract.number}", contract_text(contract)) for contract in customer.contracts),
    ]
    print_result(customer, lambda: print_fields(fields), as_json=as_json)


def _contact_text(contact: Contact) -> str:
    return " ".join(filter(None, (contact.name, f"<{contact.email}>" if contact.email else "", contact.phone)))


def contract_text(contract: Contract) -> str:
    """A contract in one line: plan, period and products."""
    until = f" until {contract.ends_on}" if contract.ends_on else ", open-ended"
    products = f", for {', '.join(contract.products)}" if contract.products else ""
    return f"{contract.plan}, from {contract.starts_on}{until}{products}"


@app.command()
def add(
    number: Number,
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="The name, as the help desks write it.")],
    language: Language = None,
    province: Province = None,
    zone: Zone = None,
    account_manager: Manager = None,
    contact: Contacts = None,
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Add a customer; `hub contracts add` adds a contract."""
    fields = _given(
        number=number,
        name=name,
        language=language,
        province=province,
        zone=zone,
        account_manager=account_manager,
        contact=contact,
    )
    who = acting_user(as_name)
    customer = with_storage(lambda storage: customers.add_customer(storage, Customer(**fields), who=who))
    _print(customer, "added", as_json=as_json)


@app.command()
def edit(
    number: Number,
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="The name, as the help desks write it.")
    ] = None,
    language: Language = None,
    province: Province = None,
    zone: Zone = None,
    account_manager: Manager = None,
    contact: Contacts = None,
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Change the given fields of a customer."""
    fields = _given(
        name=name, language=language, province=province, zone=zone, account_manager=account_manager, contact=contact
    )
    if not fields:
        raise BadInput("nothing to change", next_step="see `hub customers edit --help`")
    who = acting_user(as_name)
    customer = with_storage(lambda storage: customers.edit_customer(storage, number, fields, who=who))
    _print(customer, "changed", as_json=as_json)


def _print(customer: Customer, what: str, *, as_json: bool) -> None:
    print_result(customer, lambda: print_line(f"customer {customer.number} {what}"), as_json=as_json)


def _given(*, contact: list[str] | None, **texts: str | None) -> dict[str, Any]:
    """The given fields, as values. Raises BadInput."""
    fields = {name: read(name, text) for name, text in texts.items() if text is not None}
    return fields if contact is None else fields | {"contacts": tuple(map(read_contact, contact))}
