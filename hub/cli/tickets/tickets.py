"""`hub tickets`: the tickets of the hub's own desk."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from hub.cli.shared.options import As, AsJson, Before, Limit, SeverityName, TicketNumber

app = typer.Typer(help="Add, import, find and change tickets.", no_args_is_help=True)


@app.command()
def add(
    title: Annotated[str, typer.Option("--title", help="What is wrong, in one line.")],
    severity: Annotated[SeverityName, typer.Option("--severity", help="S1 is worst.")],
    description: Annotated[str, typer.Option("--description", help="The whole story; - reads it from stdin.")] = "",
    product: Annotated[str, typer.Option("--product", help="The product that it is about.")] = "",
    vendor: Annotated[str, typer.Option("--vendor", help="The vendor that will probably be needed.")] = "",
    customer: Annotated[str, typer.Option("--customer", help="Whose ticket it is.")] = "",
    contact_name: Annotated[str, typer.Option("--contact-name", help="The person at the customer.")] = "",
    contact_email: Annotated[str, typer.Option("--contact-email", help="That person's address.")] = "",
    contact_phone: Annotated[str, typer.Option("--contact-phone", help="That person's number.")] = "",
    language: Annotated[Literal["en", "fr"], typer.Option("--language", help="The customer's language.")] = "en",
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Add one ticket."""
    from hub.cli.shared.output import line, tell
    from hub.cli.shared.shell import settings, who, with_storage
    from hub.desk.store import add_ticket
    from hub.model import Contact, Severity, TicketDraft

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
    prefix = settings().settings.prefix
    added = with_storage(lambda storage: add_ticket(storage, prefix, draft, who=who(as_name)))
    tell(added, lambda: line(added.number), as_json=as_json)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="The other desk's export: CSV or JSON lines.")],
    mapping: Annotated[
        Path | None, typer.Option("--mapping", help="A TOML file: its columns and words in the hub's.")
    ] = None,
    rejects: Annotated[Path | None, typer.Option("--rejects", help="The folder for rows that can't be read.")] = None,
    as_json: AsJson = False,
) -> None:
    """Take in another desk's export; a second import of the same tickets brings them up to date.

    Rows that can't be read are kept beside the export, to be mended and imported again. Exits with 65 if there are any.
    """
    from hub.cli.shared.output import facts, progress, tell
    from hub.cli.shared.shell import settings, with_storage
    from hub.desk import load_mapping
    from hub.desk.store import import_tickets

    how = load_mapping(mapping) if mapping else None
    prefix = settings().settings.prefix
    with progress(f"importing {file.name}") as moved:
        came = with_storage(lambda storage: import_tickets(storage, prefix, file, how, progress=moved, folder=rejects))
    told = {name: str(value) if isinstance(value, Path) else value for name, value in vars(came).items()}
    tell(told, lambda: facts((name.replace("_", " "), value) for name, value in told.items()), as_json=as_json)
    if came.rejected:
        raise typer.Exit(65)


@app.command("list")
def list_(
    vendor: Annotated[str, typer.Option("--vendor", help="Only those with this vendor as their hint.")] = "",
    status: Annotated[
        Literal["", "open", "waiting", "resolved", "closed"],
        typer.Option("--status", metavar="STATUS", help="Only those that are open, waiting, resolved or closed."),
    ] = "",
    find: Annotated[str, typer.Option("--find", help="Only those with this in the title.")] = "",
    limit: Limit = 50,
    before: Before = None,
    as_json: AsJson = False,
) -> None:
    """List tickets, newest first."""
    from hub import insights
    from hub.cli.shared.output import following, more, table, tell
    from hub.cli.shared.shell import with_storage

    found = with_storage(
        lambda storage: insights.tickets(storage, before=before, limit=limit, vendor=vendor, status=status, find=find)
    )
    rows = [(one.number, one.severity, one.status, one.vendor, one.title) for one in found]

    def show() -> None:
        table(("ticket", "sev", "status", "vendor", "title"), rows, wide="title", empty="no tickets")
        if found:
            more("hub tickets list", len(found), limit, "--before", found[-1].id)

    after = following(found, limit, lambda one: one.id)
    tell({"tickets": found, "next_before": after}, show, as_json=as_json)


@app.command()
def show(number: TicketNumber, as_json: AsJson = False) -> None:
    """Show one ticket whole, with its bonds."""
    from hub import insights
    from hub.cli.shared.output import facts, line, tell
    from hub.cli.shared.shell import offer, with_storage
    from hub.cli.tickets.bonds import case_of

    plans = offer().plans
    view = with_storage(lambda storage: insights.ticket(storage, number, plans))
    covered = view.coverage
    plan = f"{covered.plan}, contract {covered.contract}" if covered.plan else f"none: {covered.why}"

    def told() -> None:
        one = view.ticket
        facts(
            [
                ("ticket", one.number),
                ("title", one.title),
                ("severity", one.severity),
                ("status", one.status),
                ("from", f"{one.source} {one.source_id}".strip()),
                ("product", one.product),
                ("vendor", one.vendor),
                ("customer", one.customer),
                ("plan", plan),
                ("contact", one.contact.name),
                ("e-mail", one.contact.email),
                ("phone", one.contact.phone),
                ("created", one.created_at),
                ("answered", one.answered_at),
                ("changed", one.updated_at),
                ("comments", view.comments),
                ("files", view.attachments),
                *((f"field {name}", value) for name, value in one.fields.items()),
                *(
                    (f"bond {bond.key}", f"{bond.account}: {bond.state}, case {case_of(bond) or 'to come'}")
                    for bond in view.bonds
                ),
            ]
        )
        if one.description:
            line(f"\n{one.description}")

    tell(view, told, as_json=as_json)


@app.command()
def change(
    number: TicketNumber,
    severity: Annotated[SeverityName | None, typer.Option("--severity", help="The new severity.")] = None,
    title: Annotated[str | None, typer.Option("--title", help="The new title.")] = None,
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Change a ticket; what may leave goes to its cases too."""
    from hub.bonding.outbound import ticket_actions
    from hub.cli.shared.shell import who, with_hub
    from hub.cli.tickets.speak import tell_said
    from hub.errors import BadInput
    from hub.model import Severity

    if severity is None and title is None:
        raise BadInput("nothing to change was named", next_step="give --severity, --title or both")
    wanted = Severity[severity] if severity else None
    said = with_hub(
        lambda hub: ticket_actions.change(hub.context, number, severity=wanted, title=title, who=who(as_name))
    )
    tell_said(said, "changed", as_json=as_json)


@app.command()
def close(
    number: TicketNumber,
    resolution: Annotated[str, typer.Option("--resolution", help="What solved it; goes to the vendors, masked.")] = "",
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Close a ticket and its cases."""
    from hub.bonding.outbound import ticket_actions
    from hub.cli.shared.shell import who, with_hub
    from hub.cli.tickets.speak import tell_said

    said = with_hub(lambda hub: ticket_actions.close(hub.context, number, resolution, who=who(as_name)))
    tell_said(said, "closed", as_json=as_json)


@app.command()
def reopen(number: TicketNumber, as_name: As = "", as_json: AsJson = False) -> None:
    """Reopen a ticket and its cases."""
    from hub.bonding.outbound import ticket_actions
    from hub.cli.shared.shell import who, with_hub
    from hub.cli.tickets.speak import tell_said

    said = with_hub(lambda hub: ticket_actions.reopen(hub.context, number, who=who(as_name)))
    tell_said(said, "reopened", as_json=as_json)
