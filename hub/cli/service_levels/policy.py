"""`hub policy`: the steps taken as deadlines approach, and what another policy would have done."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from hub.bootstrap import load_people
from hub.cli.service_levels.people import print_missing
from hub.cli.shared.groups import new_app
from hub.cli.shared.options import AsJson, OneTicket
from hub.cli.shared.output import print_line, print_result, print_table
from hub.cli.shared.runtime import load_offer, load_settings, with_hub
from hub.cli.shared.text import count_of
from hub.deadlines import queries
from hub.notify.messages import notified_roles
from hub.notify.recipients import roles_without_recipient
from hub.sla.policy import PolicyStep, read_policy

app = new_app("Show the escalation policy, and try out another one.")


@app.command()
def show(as_json: AsJson = False) -> None:
    """Show the steps of the policy in use."""
    policy = read_policy(load_offer(), load_settings().settings.policy)

    def show_steps() -> None:
        print_line(f"policy {policy.version}, quiet outside {policy.quiet.title}")
        columns = ("step", "clock", "at", "action", "recipients", "only for")
        print_table(columns, map(_row, policy.steps), wide="recipients")

    data = {"version": policy.version, "quiet_outside": policy.quiet.name, "steps": policy.steps}
    print_result(data, show_steps, as_json=as_json)


def _row(step: PolicyStep) -> tuple[str, ...]:
    return (
        step.name,
        step.clock,
        step.when.replace("_", " ") or f"{step.at:.0%}",
        step.do,
        ", ".join(step.whom) or (step.level if step.do == "raise" else ""),
        ", ".join((*step.severities, *step.plans, *step.vendors, *step.products)),
    )


@app.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A policy, as a TOML file.")], as_json: AsJson = False
) -> None:
    """Check a policy file; an error names the step, and roles without a recipient are listed."""
    policy = read_policy(load_offer(), file)
    missing = roles_without_recipient(load_people(load_settings().settings), notified_roles(policy.steps))

    def show_outcome() -> None:
        print_line(f"policy {policy.version} is valid: {count_of(len(policy.steps), 'step')}")
        print_missing(missing)

    data = {"version": policy.version, "steps": len(policy.steps), "nobody": missing}
    print_result(data, show_outcome, as_json=as_json)


@app.command("test")
def replay(
    ticket: OneTicket = "",
    days: Annotated[int, typer.Option("--days", min=1, max=3660, metavar="N", help="Look back N days.")] = 31,
    policy: Annotated[
        Path | None, typer.Option("--policy", metavar="FILE", help="The policy to try, as a TOML file.")
    ] = None,
    offer: Annotated[
        Path | None,
        typer.Option("--offer", metavar="FILE", help="The offer to try, with its calendars, as a TOML file."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Replay past tickets through another policy or offer, and list what would have differed."""
    since = timedelta(days=days)
    result = with_hub(lambda hub: queries.replayed(hub.storage, hub.rules(), policy, offer, ticket=ticket, since=since))
    rows = [
        (difference.ticket, difference.clock, difference.what, difference.before or "no", difference.after or "no")
        for difference in result.differences
    ]

    def show_differences() -> None:
        print_line(f"{count_of(result.tickets, 'ticket')} replayed, {count_of(len(rows), 'difference')}")
        if rows:
            print_table(("ticket", "clock", "what", "was", "would be"), rows)

    print_result(result, show_differences, as_json=as_json)
