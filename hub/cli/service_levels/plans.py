"""`hub plans`: the support plans of the offer, and what each includes."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.cli.shared.groups import new_app
from hub.cli.shared.options import As, AsJson, OverrideReason, TicketNumber
from hub.cli.shared.output import print_fields, print_line, print_result, print_table
from hub.cli.shared.runtime import acting_user, load_offer, load_settings, with_storage
from hub.errors import EXIT_CODES, Actor
from hub.model import Severity
from hub.sla.offer import offer_text

app = new_app(
    "List the support plans, and check what a plan includes.\n\nWithout a command, the plans are listed.",
    no_args_is_help=False,
    invoke_without_command=True,
)


@app.callback()
def plans(context: typer.Context, as_json: AsJson = False) -> None:
    """List the plans with their response goals, if no command is given."""
    if context.invoked_subcommand is not None:
        return
    offer = load_offer()
    columns = ("plan", "hours", *(severity.name for severity in Severity))
    rows = [
        (plan.name, plan.hours, *(str(plan.response[severity]) for severity in Severity))
        for plan in offer.plans.values()
    ]
    data = {"version": offer.version, "plans": [plan.plain() for plan in offer.plans.values()]}
    print_result(data, lambda: print_table(columns, rows), as_json=as_json)


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="PLAN", help="A plan from `hub plans`.")], as_json: AsJson = False
) -> None:
    """Show a plan's response goals and features."""
    offer = load_offer()
    plan = offer.plan(offer.plan_words.get(name.casefold(), name))
    features = {
        feature: {"title": title, "included": feature in plan.features} for feature, title in offer.features.items()
    }

    def show_plan() -> None:
        print_fields(
            [
                ("plan", plan.name),
                ("title", plan.title),
                ("hours", plan.hours),
                ("offer", offer.version),
                ("calendar", plan.calendar),
                *((severity.name, goal) for severity, goal in plan.response.items()),
            ]
        )
        print_line()
        rows = [(feature, facts["title"], facts["included"]) for feature, facts in features.items()]
        print_table(("feature", "description", "included"), rows)

    print_result(plan.plain() | {"version": offer.version, "features": features}, show_plan, as_json=as_json)


@app.command("offer")
def offer_(as_json: AsJson = False) -> None:
    """Print the offer in use as TOML, as a starting point for another."""
    version = load_offer().version  # raises SettingsError if the file is not an offer
    text = offer_text(load_settings().settings.offer)
    print_result({"version": version, "text": text}, lambda: print_line(text.rstrip("\n")), as_json=as_json)


@app.command()
def check(
    number: TicketNumber,
    feature: Annotated[str, typer.Argument(metavar="FEATURE", help="A feature from `hub plans show`.")],
    override: OverrideReason = "",
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Check whether a ticket's plan includes a feature; exits with 65 if it does not."""
    from hub.customers import entitled  # the other commands need no database

    offer, who = load_offer(), acting_user(as_name)
    ruling = with_storage(lambda storage: entitled.check(storage, number, feature, offer, who=who, override=override))
    included = "included" if ruling.allowed else "not included"
    print_result(ruling, lambda: print_line(f"{ruling.title}: {included}; {ruling.why}"), as_json=as_json)
    if not ruling.allowed:
        raise typer.Exit(EXIT_CODES[Actor.OWNER])
