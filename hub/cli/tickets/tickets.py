"""`hub tickets`: the tickets of the hub's own desk."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from hub import insights
from hub.bonding.outbound import ticket_actions
from hub.cli.shared.groups import new_app
from hub.cli.shared.options import As, AsJson, Before, Limit, SeverityName, TicketNumber
from hub.cli.shared.output import Page, print_fields, print_line, print_page, print_result, print_table, progress
from hub.cli.shared.runtime import acting_user, load_offer, load_settings, with_hub, with_storage
from hub.cli.tickets.bonds import case_of
from hub.cli.tickets.comments import print_addressed
from hub.cli.tickets.import_result import print_import
from hub.desk import load_mapping
from hub.desk.store import add_ticket, import_tickets
from hub.errors import EXIT_CODES, Actor, BadInput
from hub.insights import TicketView
from hub.model import Contact, Severity, TicketDraft

app = new_app("Add, import, list and change tickets.")


@app.command()
def add(
    title: Annotated[str, typer.Option("--title", metavar="TEXT", help="The problem in one line.")],
    severity: Annotated[SeverityName, typer.Option("--severity", help="The severity; S1 is the most severe.")],
    description: Annotated[
        str, typer.Option("--description", metavar="TEXT", help="The full description; - reads it from stdin.")
    ] = "",
    product: Annotated[str, typer.Option("--product", metavar="PRODUCT", help="The affected product.")] = "",
    vendor: Annotated[
        str, typer.Option("--vendor", metavar="VENDOR", help="The vendor that will probably be needed.")
    ] = "",
    customer: Annotated[
        str, typer.Option("--customer", metavar="CUSTOMER", help="The customer's name or number.")
    ] = "",
    contact_name: Annotated[
        str, typer.Option("--contact-name", metavar="NAME", help="The contact at the customer.")
    ] = "",
    contact_email: Annotated[
        str, typer.Option("--contact-email", metavar="ADDRESS", help="The contact's e-mail address.")
    ] = "",
    contact_phone: Annotated[
        str, typer.Option("--contact-phone", metavar="NUMBER", help="The contact's phone number.")
    ] = "",
    language: Annotated[Literal["en", "fr"], typer.Option("--language", help="The customer's language.")] = "en",
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Add a ticket, and print its number."""
    draft = TicketDraft(
        title=title,
        severity=Severity[severity],
        product=product,
        vendor=vendor,
        customer=customer,
        description=sys.stdin.read() if description == "-" else description,
        language=language,
        contact=Contact(name=contact_name, email=contact_email, phone=contact_phone),
    )
    prefix = load_settings().settings.prefix
    ticket = with_storage(lambda storage: add_ticket(storage, prefix, draft, who=acting_user(as_name)))
    print_result(ticket, lambda: print_line(ticket.number), as_json=as_json)


@app.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The other help desk's export: CSV, JSON or JSON Lines.")
    ],
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", metavar="FILE", help="A TOML file that maps its columns and words to the hub's."),
    ] = None,
    rejects: Annotated[
        Path | None,
        typer.Option(
            "--rejects", metavar="FOLDER", help="The folder for rows that can't be read; default: the export's."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be imported, with the first rows; store nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Import tickets from another help desk, or update those imported before.

    Rows that can't be read are written to a file of rejects, to be corrected and imported again. Exits with 65 if there
    are any. The counts of added, changed, unchanged, merged and rejected rows add up to the rows read.
    """
    layout = load_mapping(mapping) if mapping else None
    prefix = load_settings().settings.prefix
    with progress(f"importing {file.name}") as moved:
        result = with_storage(
            lambda storage: import_tickets(
                storage, prefix, file, layout, progress=moved, folder=rejects, dry_run=dry_run
            )
        )
    data = {name: str(value) if isinstance(value, Path) else value for name, value in vars(result).items()}
    print_result(data, lambda: print_import(result), as_json=as_json)
    if result.rejected:
        raise typer.Exit(EXIT_CODES[Actor.OWNER])


@app.command("list")
def list_(
    vendor: Annotated[str, typer.Option("--vendor", metavar="VENDOR", help="Only tickets that name this vendor.")] = "",
    status: Annotated[
        Literal["", "open", "waiting", "resolved", "closed"],
        typer.Option("--status", metavar="STATUS", help="Only tickets that are open, waiting, resolved or closed."),
    ] = "",
    find: Annotated[str, typer.Option("--find", metavar="TEXT", help="Only tickets with this text in the title.")] = "",
    limit: Limit = 50,
    before: Before = None,
    as_json: AsJson = False,
) -> None:
    """List tickets, newest first."""
    tickets = with_storage(
        lambda storage: insights.tickets(storage, before=before, limit=limit, vendor=vendor, status=status, find=find)
    )
    rows = [(ticket.number, ticket.severity, ticket.status, ticket.vendor, ticket.title) for ticket in tickets]
    columns = ("ticket", "sev", "status", "vendor", "title")
    page = Page(tickets, limit, "hub tickets list", "--before")
    print_page("tickets", page, lambda: print_table(columns, rows, wide="title", empty="no tickets"), as_json=as_json)


@app.command()
def show(number: TicketNumber, as_json: AsJson = False) -> None:
    """Show a ticket with its plan, its fields and its cases."""
    plans = load_offer().plans
    view = with_storage(lambda storage: insights.ticket(storage, number, plans))
    print_result(view, lambda: _show(view), as_json=as_json)


def _show(view: TicketView) -> None:
    ticket, coverage = view.ticket, view.coverage
    plan = f"{coverage.plan}, contract {coverage.contract}" if coverage.plan else f"none: {coverage.why}"
    print_fields(
        [
            ("ticket", ticket.number),
            ("title", ticket.title),
            ("severity", ticket.severity),
            ("status", ticket.status),
            ("source", f"{ticket.source} {ticket.source_id}".strip()),
            ("product", ticket.product),
            ("vendor", ticket.vendor),
            ("customer", ticket.customer),
            ("plan", plan),
            ("contact", ticket.contact.name),
            ("e-mail", ticket.contact.email),
            ("phone", ticket.contact.phone),
            ("created", ticket.created_at),
            ("answered", ticket.answered_at),
            ("changed", ticket.updated_at),
            ("comments", view.comments),
            ("files", view.attachments),
            *((f"field {name}", value) for name, value in ticket.fields.items()),
            *(
                (f"bond {bond.key}", f"{bond.account}: {bond.state}, case {case_of(bond) or 'not open yet'}")
                for bond in view.bonds
            ),
        ]
    )
    if ticket.description:
        print_line(f"\n{ticket.description}")


@app.command()
def change(
    number: TicketNumber,
    severity: Annotated[SeverityName | None, typer.Option("--severity", help="The new severity.")] = None,
    title: Annotated[str | None, typer.Option("--title", metavar="TEXT", help="The new title.")] = None,
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Change a ticket, and its cases where the vendor may see the field."""
    if severity is None and title is None:
        raise BadInput("nothing to change", next_step="give --severity, --title or both")
    wanted = Severity[severity] if severity else None
    who = acting_user(as_name)
    result = with_hub(lambda hub: ticket_actions.change(hub.context, number, severity=wanted, title=title, who=who))
    print_addressed(result, "changed", as_json=as_json)


@app.command()
def close(
    number: TicketNumber,
    resolution: Annotated[
        str,
        typer.Option("--resolution", metavar="TEXT", help="What solved the problem; masked, then sent to the vendors."),
    ] = "",
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Close a ticket and its cases."""
    who = acting_user(as_name)
    result = with_hub(lambda hub: ticket_actions.close(hub.context, number, resolution, who=who))
    print_addressed(result, "closed", as_json=as_json)


@app.command()
def reopen(number: TicketNumber, as_name: As = "", as_json: AsJson = False) -> None:
    """Reopen a ticket and its cases."""
    result = with_hub(lambda hub: ticket_actions.reopen(hub.context, number, who=acting_user(as_name)))
    print_addressed(result, "reopened", as_json=as_json)
