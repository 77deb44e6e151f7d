"""`hub session`: remote support sessions for tickets."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.cli.shared.options import As, AsJson, Before, Limit, OverrideReason, TicketNumber

app = typer.Typer(help="Start and look at remote support sessions.", no_args_is_help=True)


@app.command()
def start(
    number: TicketNumber,
    to: Annotated[str, typer.Option("--to", metavar="ACCOUNT", help="The account whose system holds sessions.")],
    override: OverrideReason = "",
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Get a session key for a ticket's customer, if its plan includes that; one that is still good is given again."""
    from hub import sessions
    from hub.cli.shared.output import facts, tell
    from hub.cli.shared.shell import offer, who, with_hub

    ours = offer()
    made = with_hub(
        lambda hub: sessions.start(hub.context, number, to, offer=ours, who=who(as_name), override=override)
    )
    one = made.session
    tell(
        made,
        lambda: facts(
            [("code", one.code), ("address", one.address), ("queue", one.queue), ("expires", one.expires_at)]
        ),
        as_json=as_json,
    )


@app.command("list")
def list_(limit: Limit = 50, before: Before = None, as_json: AsJson = False) -> None:
    """List sessions, newest first."""
    from hub import sessions
    from hub.cli.shared.output import following, more, table, tell
    from hub.cli.shared.shell import with_hub

    found = with_hub(lambda hub: sessions.sessions(hub.context, before=before, limit=limit))
    rows = [
        (stored.id, stored.account, one.ticket_number, one.agents, one.started_at, one.ended_at)
        for stored in found
        if (one := stored.session)
    ]

    def show() -> None:
        table(("id", "account", "ticket", "agents", "started", "ended"), rows, empty="no session yet")
        if found:
            more("hub session list", len(found), limit, "--before", found[-1].id)

    tell({"sessions": found, "next_before": following(found, limit, lambda one: one.id)}, show, as_json=as_json)


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A session's id, or a ticket's number.")],
    as_json: AsJson = False,
) -> None:
    """Show a session, or all of a ticket, with report and transcript."""
    from hub import sessions
    from hub.cli.shared.output import facts, line, tell
    from hub.cli.shared.shell import with_hub

    found = with_hub(lambda hub: sessions.sessions(hub.context, name=name))

    def shown() -> None:
        for stored in found:
            one = stored.session
            names = ("ticket_number", "reference", "code", "queue", "started_at", "ended_at", "agents", "recording")
            facts([("account", stored.account), *((name, getattr(one, name)) for name in names)])
            if one.report:
                line(f"\n{one.report}\n")
            for said in one.chat:
                line(f"{said.author}: {said.body}")

    tell({"sessions": found}, shown, as_json=as_json)
