"""`hub appointments`: scheduled work, and the account managers' follow-up calls."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from hub.cli.shared.groups import new_app
from hub.cli.shared.options import As, AsJson, Limit, OverrideReason, TicketNumber
from hub.cli.shared.output import print_line, print_result, print_table
from hub.cli.shared.runtime import acting_user, load_offer, with_storage
from hub.cli.shared.text import format_value
from hub.customers import appointments
from hub.desk.customer_fields import read
from hub.model import AppointmentState

app = new_app("Schedule appointments and follow-up calls.")

Id = Annotated[int, typer.Argument(metavar="ID", help="The appointment's id, from `hub appointments list`.")]


@app.command()
def add(
    number: TicketNumber,
    at: Annotated[
        str,
        typer.Option(
            "--at",
            metavar="TIME",
            help="Such as 2027-01-09T10:00, in the customer's time zone unless it has an offset.",
        ),
    ],
    minutes: Annotated[int, typer.Option("--minutes", metavar="N", min=1, max=2880, help="The duration.")] = 60,
    agent: Annotated[str, typer.Option("--agent", metavar="NAME", help="The assignee; default: you.")] = "",
    remind: Annotated[
        float, typer.Option("--remind", min=0, metavar="HOURS", help="Remind this many hours before.")
    ] = 24,
    override: OverrideReason = "",
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Schedule work on a ticket; outside business hours only if its plan includes that."""
    offer, start, who = load_offer(), read("at", at), acting_user(as_name)
    appointment = with_storage(
        lambda storage: appointments.add(
            storage,
            offer,
            number,
            start,
            minutes=minutes,
            agent=agent or who,
            who=who,
            remind=timedelta(hours=remind),
            override=override,
        )
    )
    hours = "after hours" if appointment.after_hours else "in business hours"
    message = f"appointment {appointment.id}, {format_value(appointment.starts_at)}, {hours}"
    print_result(appointment, lambda: print_line(message), as_json=as_json)


@app.command("list")
def list_(
    ticket: Annotated[
        str, typer.Option("--ticket", metavar="TICKET", help="Only this ticket, including past appointments.")
    ] = "",
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List planned appointments, earliest first."""
    planned = with_storage(lambda storage: appointments.listed(storage, ticket=ticket, limit=limit))
    rows = [
        (
            appointment.id,
            appointment.ticket,
            appointment.customer,
            appointment.starts_at,
            appointment.minutes,
            appointment.who,
            appointment.after_hours,
            appointment.state,
        )
        for appointment in planned
    ]
    columns = ("id", "ticket", "customer", "starts", "minutes", "who", "after hours", "state")
    print_result(
        {"appointments": planned}, lambda: print_table(columns, rows, empty="no appointments"), as_json=as_json
    )


@app.command()
def done(appointment_id: Id, as_name: As = "", as_json: AsJson = False) -> None:
    """Record that an appointment took place."""
    _settle(appointment_id, AppointmentState.DONE, as_name, as_json=as_json)


@app.command()
def cancel(appointment_id: Id, as_name: As = "", as_json: AsJson = False) -> None:
    """Cancel an appointment."""
    _settle(appointment_id, AppointmentState.CANCELLED, as_name, as_json=as_json)


def _settle(appointment_id: int, state: AppointmentState, as_name: str, *, as_json: bool) -> None:
    who = acting_user(as_name)
    appointment = with_storage(lambda storage: appointments.settle(storage, appointment_id, state, who=who))
    message = f"appointment {appointment.id} for {appointment.ticket} is {appointment.state}"
    print_result(appointment, lambda: print_line(message), as_json=as_json)


@app.command("follow-ups")
def follow_ups(limit: Limit = 50, as_json: AsJson = False) -> None:
    """List the account managers' next calls, earliest first.

    Plans that include follow-ups have one call a month.
    """
    offer = load_offer()
    calls = with_storage(lambda storage: appointments.follow_ups(storage, offer, limit=limit))
    rows = [
        (call.due_on, call.contract, call.customer, call.customer_name, call.account_manager or "none")
        for call in calls
    ]
    columns = ("due", "contract", "customer", "name", "account manager")
    print_result(
        {"follow_ups": calls},
        lambda: print_table(columns, rows, wide="name", empty="no follow-up calls due"),
        as_json=as_json,
    )


@app.command()
def followed(
    contract: Annotated[str, typer.Argument(metavar="CONTRACT", help="The contract's number.")],
    on: Annotated[str, typer.Option("--on", metavar="DAY", help="The day of the call; default: today.")] = "",
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Record a follow-up call; the next one is due a month later."""
    day, who = read("ends_on", on), acting_user(as_name)
    due_on = with_storage(lambda storage: appointments.followed_up(storage, contract, day, who=who))
    message = f"the next call for {contract} is due on {due_on}"
    print_result({"contract": contract, "due_on": due_on}, lambda: print_line(message), as_json=as_json)
