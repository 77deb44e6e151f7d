"""`hub session`: remote support sessions for tickets."""

from __future__ import annotations

from typing import Annotated

import typer

from hub import sessions
from hub.cli.shared.groups import new_app
from hub.cli.shared.options import As, AsJson, Before, Limit, OverrideReason, TicketNumber
from hub.cli.shared.output import Page, print_fields, print_line, print_page, print_result, print_table
from hub.cli.shared.runtime import acting_user, load_offer, with_hub
from hub.db.sessions import StoredSession

app = new_app("Start remote support sessions, and read their reports.")

_FIELDS = {
    "ticket": "ticket_number",
    "reference": "reference",
    "code": "code",
    "queue": "queue",
    "started": "started_at",
    "ended": "ended_at",
    "agents": "agents",
    "recording": "recording",
}


@app.command()
def start(
    number: TicketNumber,
    to: Annotated[str, typer.Option("--to", metavar="ACCOUNT", help="The account whose system runs the session.")],
    override: OverrideReason = "",
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Get a session key for a ticket's customer, if the plan includes remote sessions.

    While an earlier key is still valid, that key is shown again.
    """
    offer, who = load_offer(), acting_user(as_name)
    started = with_hub(lambda hub: sessions.start(hub.context, number, to, offer=offer, who=who, override=override))
    session = started.session
    fields = [
        ("code", session.code),
        ("address", session.address),
        ("queue", session.queue),
        ("expires", session.expires_at),
    ]
    print_result(started, lambda: print_fields(fields), as_json=as_json)


@app.command("list")
def list_(limit: Limit = 50, before: Before = None, as_json: AsJson = False) -> None:
    """List sessions, newest first."""
    stored = with_hub(lambda hub: sessions.sessions(hub.context, before=before, limit=limit))
    rows = [
        (row.id, row.account, session.ticket_number, session.agents, session.started_at, session.ended_at)
        for row in stored
        if (session := row.session)
    ]
    columns = ("id", "account", "ticket", "agents", "started", "ended")
    page = Page(stored, limit, "hub session list", "--before")
    print_page("sessions", page, lambda: print_table(columns, rows, empty="no sessions yet"), as_json=as_json)


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A session's id, or a ticket's number.")],
    as_json: AsJson = False,
) -> None:
    """Show a session, or all sessions of a ticket, with report and transcript."""
    stored = with_hub(lambda hub: sessions.sessions(hub.context, name=name))

    def show_sessions() -> None:
        for row in stored:
            _show(row)

    print_result({"sessions": stored}, show_sessions, as_json=as_json)


def _show(stored: StoredSession) -> None:
    session = stored.session
    fields = [(name, getattr(session, attribute)) for name, attribute in _FIELDS.items()]
    print_fields([("account", stored.account), *fields])
    if session.report:
        print_line(f"\n{session.report}\n")
    for message in session.chat:
        print_line(f"{message.author}: {message.body}")
