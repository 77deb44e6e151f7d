"""`hub policy`: what happens by itself as promises run out, and what another policy would have done."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hub.cli.shared.options import AsJson

app = typer.Typer(help="Look at the escalation policy and try another one.", no_args_is_help=True)


@app.command()
def show(as_json: AsJson = False) -> None:
    """Show the steps of the policy in use."""
    from hub.cli.shared.output import line, table, tell
    from hub.cli.shared.shell import offer, settings
    from hub.sla.policy import read_policy

    ours = read_policy(offer(), settings().settings.policy)
    rows = [
        (
            one.name,
            one.clock,
            one.when.replace("_", " ") or f"{one.at:.0%}",
            one.do,
            ", ".join(one.whom) or (one.level if one.do == "raise" else ""),
            ", ".join((*one.severities, *one.plans, *one.vendors, *one.products)),
        )
        for one in ours.steps
    ]

    def shown() -> None:
        line(f"policy {ours.version}, quiet outside {ours.quiet.title}")
        table(("step", "clock", "at", "does", "whom", "only for"), rows, wide="whom")

    tell({"version": ours.version, "quiet_outside": ours.quiet.name, "steps": ours.steps}, shown, as_json=as_json)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A policy, as TOML.")], as_json: AsJson = False
) -> None:
    """Check that a policy can be used; an error names the step. Roles that mean nobody are told too."""
    from hub.bootstrap import people_of
    from hub.cli.shared.output import line, tell
    from hub.cli.shared.shell import offer, settings
    from hub.notify.messages import roles
    from hub.notify.recipients import unset
    from hub.sla.policy import read_policy

    found = read_policy(offer(), file)
    nobody = unset(people_of(settings().settings), roles(found.steps))

    def show_() -> None:
        line(f"policy {found.version}: {len(found.steps)} steps, all sound")
        if nobody:
            line(f"nobody is set for {', '.join(nobody)}: what they should be told is parked")

    tell({"version": found.version, "steps": len(found.steps), "nobody": nobody}, show_, as_json=as_json)


@app.command("test")
def replay(
    ticket: Annotated[str, typer.Option("--ticket", help="Only this ticket.")] = "",
    days: Annotated[int, typer.Option("--days", min=1, max=3660, help="Tickets of so many days.")] = 31,
    policy: Annotated[Path | None, typer.Option("--policy", help="The policy to try, as TOML.")] = None,
    offer: Annotated[Path | None, typer.Option("--offer", help="The offer to try, with its calendars.")] = None,
    as_json: AsJson = False,
) -> None:
    """Replay past tickets through another policy or offer, and list what would have differed."""
    from datetime import timedelta

    from hub.cli.shared.output import line, shown, table, tell
    from hub.cli.shared.shell import with_hub
    from hub.deadlines import queries

    told = with_hub(
        lambda hub: queries.replayed(hub.storage, hub.rules(), policy, offer, ticket=ticket, since=timedelta(days=days))
    )
    rows = [
        (one.ticket, one.clock, one.what, shown(one.before) or "not", shown(one.after) or "not")
        for one in told.differences
    ]

    def show_() -> None:
        line(f"{told.tickets} tickets replayed, {len(rows)} differences")
        if rows:
            table(("ticket", "clock", "what", "was", "would be"), rows)

    tell(told, show_, as_json=as_json)
