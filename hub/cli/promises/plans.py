"""`hub plans`: what is promised under which plan."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.cli.shared.options import As, AsJson, OverrideReason, TicketNumber

app = typer.Typer(help="Look at the plans of the offer.", invoke_without_command=True)


@app.callback()
def plans(context: typer.Context, as_json: AsJson = False) -> None:
    """List the plans of the offer with their goals; the commands below tell more."""
    from hub.cli.shared.output import table, tell
    from hub.cli.shared.shell import offer
    from hub.model import Severity

    if context.invoked_subcommand is not None:
        return
    ours = offer()
    rows = [
        (one.name, one.hours, *(str(one.response[severity]) for severity in Severity)) for one in ours.plans.values()
    ]
    told = {"version": ours.version, "plans": [one.plain() for one in ours.plans.values()]}
    tell(told, lambda: table(("plan", "hours", *(severity.name for severity in Severity)), rows), as_json=as_json)


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="PLAN", help="From `hub plans`.")], as_json: AsJson = False
) -> None:
    """Show one plan with its features, those included and those not."""
    from hub.cli.shared.output import facts, line, table, tell
    from hub.cli.shared.shell import offer

    ours = offer()
    one = ours.plan(ours.plan_words.get(name.casefold(), name))
    told = {name: {"title": title, "included": name in one.features} for name, title in ours.features.items()}

    def shown() -> None:
        facts(
            [
                ("plan", one.name),
                ("title", one.title),
                ("hours", one.hours),
                ("offer", ours.version),
                ("calendar", one.calendar),
                *((severity.name, goal) for severity, goal in one.response.items()),
            ]
        )
        line("")
        table(
            ("feature", "what it is", "included"),
            [(name, ours.features[name], told[name]["included"]) for name in told],
        )

    tell(one.plain() | {"version": ours.version, "features": told}, shown, as_json=as_json)


@app.command("offer")
def offer_(as_json: AsJson = False) -> None:
    """Print the file of the offer in use, as a beginning for another."""
    from hub.cli.shared.output import line, tell
    from hub.cli.shared.shell import offer, settings
    from hub.sla.offer import offer_text

    version = offer().version  # a file that is no offer is told
    text = offer_text(settings().settings.offer)
    tell({"version": version, "text": text}, lambda: line(text.rstrip("\n")), as_json=as_json)


@app.command()
def check(
    number: TicketNumber,
    feature: Annotated[str, typer.Argument(metavar="FEATURE", help="From `hub plans show`.")],
    override: OverrideReason = "",
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Tell whether a ticket's plan includes a feature, and why. Exits with 65 when it does not."""
    from hub.cli.shared.output import line, tell
    from hub.cli.shared.shell import offer, who, with_storage
    from hub.customers import entitled

    ours = offer()
    ruling = with_storage(
        lambda storage: entitled.check(storage, number, feature, ours, who=who(as_name), override=override)
    )
    word = "included" if ruling.allowed else "not included"
    tell(ruling, lambda: line(f"{ruling.title}: {word}; {ruling.why}"), as_json=as_json)
    if not ruling.allowed:
        raise typer.Exit(65)
