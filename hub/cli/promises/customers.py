"""`hub customers`: the customers, and what was agreed with them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.shared.options import After, As, AsJson, Limit

app = typer.Typer(help="Import, add, find and change customers.", no_args_is_help=True)

Number = Annotated[str, typer.Argument(metavar="CUSTOMER", help="The customer's number.")]
Language = Annotated[str | None, typer.Option("--language", help="en or fr.", metavar="LANGUAGE")]
Province = Annotated[str | None, typer.Option("--province", help="Such as QC.")]
Zone = Annotated[str | None, typer.Option("--zone", help="The time zone that its days are counted in.")]
Manager = Annotated[
    str | None, typer.Option("--account-manager", metavar="NAME", help="The technical account manager.")
]
Contacts = Annotated[
    list[str] | None,
    typer.Option(
        "--contact", metavar="'NAME <E-MAIL> PHONE'", help="A contact; may be given again. Replaces all of them."
    ),
]


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV, or TOML or JSON with a list `customers`.")],
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Take in customers with contacts and contracts; a second import of the same file changes nothing.

    All or nothing: a file with faults is not stored, and each fault is told with its row and column. What is here and
    not in the file stays as it is.
    """
    from hub.cli.shared.output import facts, tell
    from hub.cli.shared.shell import offer, who, with_storage
    from hub.customers.customers import store_customers
    from hub.desk.customers import read_customers

    told = read_customers(file, offer().plan_words)
    kept = with_storage(lambda storage: store_customers(storage, told, who=who(as_name)))
    tell(vars(kept), lambda: facts(vars(kept).items()), as_json=as_json)


@app.command("list")
def list_(
    find: Annotated[str, typer.Option("--find", help="Only those with this in the name.")] = "",
    limit: Limit = 50,
    after: After = 0,
    as_json: AsJson = False,
) -> None:
    """List customers, in the order in which they came."""
    from hub.cli.shared.output import following, more, table, tell
    from hub.cli.shared.shell import with_storage
    from hub.customers import customers as room

    found = with_storage(lambda storage: room.customers(storage, after=after, limit=limit, find=find))
    rows = [
        (one.number, one.name, one.language, one.province, [f"{c.number} {c.plan}" for c in one.contracts])
        for stored in found
        if (one := stored.customer)
    ]

    def show_() -> None:
        table(("customer", "name", "lang", "province", "contracts"), rows, wide="name", empty="no customers")
        if found:
            more("hub customers list", len(found), limit, "--after", found[-1].id)

    last = following(found, limit, lambda one: one.id)
    tell({"customers": [one.customer for one in found], "next_after": last}, show_, as_json=as_json)


@app.command()
def show(number: Number, as_json: AsJson = False) -> None:
    """Show one customer with contacts and contracts."""
    from hub.cli.shared.output import facts, tell
    from hub.cli.shared.shell import with_storage
    from hub.customers import customers as room

    one = with_storage(lambda storage: room.customer(storage, number))

    def shown() -> None:
        facts(
            [
                ("customer", one.number),
                ("name", one.name),
                ("language", one.language),
                ("province", one.province),
                ("zone", one.zone),
                ("account manager", one.account_manager),
                *(("contact", _line(c)) for c in one.contacts),
                *((f"contract {c.number}", in_words(c)) for c in one.contracts),
            ]
        )

    tell(one, shown, as_json=as_json)


def _line(contact: Any) -> str:
    return " ".join(filter(None, (contact.name, f"<{contact.email}>" if contact.email else "", contact.phone)))


def in_words(contract: Any) -> str:
    """A contract in a line."""
    until = f"until {contract.ends_on}" if contract.ends_on else "until further notice"
    products = f", for {', '.join(contract.products)}" if contract.products else ""
    return f"{contract.plan}, from {contract.starts_on} {until}{products}"


@app.command()
def add(
    number: Number,
    name: Annotated[str, typer.Option("--name", help="As desks write it.")],
    language: Language = None,
    province: Province = None,
    zone: Zone = None,
    account_manager: Manager = None,
    contact: Contacts = None,
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Add one customer; `hub contracts add` gives it a contract."""
    from hub.cli.shared.shell import who, with_storage
    from hub.customers.customers import add_customer
    from hub.model import Customer

    told = _told(
        number=number,
        name=name,
        language=language,
        province=province,
        zone=zone,
        account_manager=account_manager,
        contact=contact,
    )
    _tell(
        with_storage(lambda storage: add_customer(storage, Customer(**told), who=who(as_name))),
        "added",
        as_json=as_json,
    )


@app.command()
def edit(
    number: Number,
    name: Annotated[str | None, typer.Option("--name", help="As desks write it.")] = None,
    language: Language = None,
    province: Province = None,
    zone: Zone = None,
    account_manager: Manager = None,
    contact: Contacts = None,
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Change a customer; what is not given stays."""
    from hub.cli.shared.shell import who, with_storage
    from hub.customers.customers import edit_customer
    from hub.errors import BadInput

    told = _told(
        name=name, language=language, province=province, zone=zone, account_manager=account_manager, contact=contact
    )
    if not told:
        raise BadInput("nothing to change was named", next_step="see `hub customers edit --help`")
    _tell(
        with_storage(lambda storage: edit_customer(storage, number, told, who=who(as_name))), "changed", as_json=as_json
    )


def _tell(customer: Any, what: str, *, as_json: bool) -> None:
    from hub.cli.shared.output import line, tell

    tell(customer, lambda: line(f"customer {customer.number} {what}"), as_json=as_json)


def _told(*, contact: list[str] | None, **texts: str | None) -> dict[str, Any]:
    """The fields that were given, as values. Raises BadInput."""
    from hub.desk.customer_fields import read, read_contact

    told = {name: read(name, text) for name, text in texts.items() if text is not None}
    return told if contact is None else told | {"contacts": tuple(map(read_contact, contact))}
