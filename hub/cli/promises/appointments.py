"""`hub appointments`: work that is arranged before, and the account managers' calls."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.cli.shared.options import As, AsJson, Limit, OverrideReason, TicketNumber

app = typer.Typer(help="Make and settle appointments, and keep up follow-up calls.", no_args_is_help=True)

Id = Annotated[int, typer.Argument(metavar="ID", help="From `hub appointments list`.")]


@app.command()
def add(
    number: TicketNumber,
    at: Annotated[
        str, typer.Option("--at", metavar="TIME", help="As 2027-01-09T10:00; the customer's time, or with an offset.")
    ],
    minutes: Annotated[int, typer.Option("--minutes", min=1, max=2880, help="How long it takes.")] = 60,
    agent: Annotated[str, typer.Option("--agent", metavar="NAME", help="Who does it; by default who says so.")] = "",
    remind: Annotated[float, typer.Option("--remind", min=0, metavar="HOURS", help="Remind so long before.")] = 24,
    override: OverrideReason = "",
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Arrange work on a ticket; outside business hours only if its plan includes that."""
    from datetime import timedelta

    from hub.cli.shared.output import line, shown, tell
    from hub.cli.shared.shell import offer, who, with_storage
    from hub.customers import appointments
    from hub.desk.customer_fields import read

    ours, begin, name = offer(), read("at", at), who(as_name)
    made = with_storage(
        lambda storage: appointments.add(
            storage,
            ours,
            number,
            begin,
            minutes=minutes,
            agent=agent or name,
            who=name,
            remind=timedelta(hours=remind),
            override=override,
        )
    )
    kind = "after hours" if made.after_hours else "in business hours"
    tell(made, lambda: line(f"appointment {made.id}, {shown(made.starts_at)}, {kind}"), as_json=as_json)


@app.command("list")
def list_(
    ticket: Annotated[str, typer.Option("--ticket", help="All of this ticket, settled ones too.")] = "",
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List planned appointments, the earliest first."""
    from hub.cli.shared.output import table, tell
    from hub.cli.shared.shell import with_storage
    from hub.customers import appointments

    found = with_storage(lambda storage: appointments.listed(storage, ticket=ticket, limit=limit))
    rows = [
        (one.id, one.ticket, one.customer, one.starts_at, one.minutes, one.who, one.after_hours, one.state)
        for one in found
    ]
    columns = ("id", "ticket", "customer", "starts", "minutes", "who", "after hours", "state")
    tell({"appointments": found}, lambda: table(columns, rows, empty="no appointments"), as_json=as_json)


@app.command()
def done(appointment_id: Id, as_name: As = "", as_json: AsJson = False) -> None:
    """Tell that an appointment was kept."""
    _settle(appointment_id, "done", as_name, as_json=as_json)


@app.command()
def cancel(appointment_id: Id, as_name: As = "", as_json: AsJson = False) -> None:
    """Tell that an appointment will not be kept."""
    _settle(appointment_id, "cancelled", as_name, as_json=as_json)


def _settle(appointment_id: int, state: str, as_name: str, *, as_json: bool) -> None:
    from hub.cli.shared.output import line, tell
    from hub.cli.shared.shell import who, with_storage
    from hub.customers import appointments
    from hub.model import AppointmentState

    wanted = AppointmentState(state)
    one = with_storage(lambda storage: appointments.settle(storage, appointment_id, wanted, who=who(as_name)))
    tell(one, lambda: line(f"appointment {one.id} of {one.ticket} is {one.state}"), as_json=as_json)


@app.command("follow-ups")
def follow_ups(limit: Limit = 50, as_json: AsJson = False) -> None:
    """List the account managers' next calls, the earliest first; one a month under plans that include it."""
    from hub.cli.shared.output import table, tell
    from hub.cli.shared.shell import offer, with_storage
    from hub.customers import appointments

    ours = offer()
    found = with_storage(lambda storage: appointments.follow_ups(storage, ours, limit=limit))
    rows = [
        (one.due_on, one.contract, one.customer, one.customer_name, one.account_manager or "nobody") for one in found
    ]
    columns = ("due", "contract", "customer", "name", "account manager")
    tell({"follow_ups": found}, lambda: table(columns, rows, wide="name", empty="no follow-ups"), as_json=as_json)


@app.command()
def followed(
    contract: Annotated[str, typer.Argument(metavar="CONTRACT", help="The contract's number.")],
    on: Annotated[str, typer.Option("--on", metavar="DAY", help="When; by default today.")] = "",
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Tell that an account manager has called; the next call is due a month later."""
    from hub.cli.shared.output import line, tell
    from hub.cli.shared.shell import who, with_storage
    from hub.customers import appointments
    from hub.desk.customer_fields import read

    day = read("ends_on", on)
    after = with_storage(lambda storage: appointments.followed_up(storage, contract, day, who=who(as_name)))
    tell(
        {"contract": contract, "due_on": after},
        lambda: line(f"the next call for {contract} is due on {after}"),
        as_json=as_json,
    )
