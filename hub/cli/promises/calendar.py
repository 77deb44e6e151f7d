"""`hub calendar`: when business time counts, and what another calendar would change."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.shared.options import AsJson

if TYPE_CHECKING:
    from hub.sla.calendar import Calendar
    from hub.sla.offer import Offer

app = typer.Typer(help="Look at business calendars.", no_args_is_help=True)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the calendars of the offer with their zones and hours."""
    from hub.cli.shared.output import table, tell
    from hub.cli.shared.shell import offer

    found = offer().calendars.values()
    told = [
        {"name": one.name, "title": one.title, "version": one.version, "zone": one.zone.key, "hours": one.hours}
        for one in found
    ]
    rows = [
        (one.name, one.title, one.version, one.zone.key, [f"{day[:3]} {' '.join(at)}" for day, at in one.hours.items()])
        for one in found
    ]
    tell({"calendars": told}, lambda: table(("calendar", "title", "version", "zone", "hours"), rows), as_json=as_json)


@app.command()
def show(
    year: Annotated[int, typer.Argument(metavar="YEAR", min=1970, max=2200, help="Such as 2027.")],
    name: Annotated[
        str, typer.Option("--calendar", metavar="NAME", help="From `hub calendar list`; not needed if there is one.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Show the days of a year on which nobody works, each with the reason."""
    from hub.cli.shared.output import line, table, tell
    from hub.cli.shared.shell import offer

    one = _named(offer(), name)
    found = one.holidays(year)

    def shown() -> None:
        line(f"{one.title} ({one.name} {one.version}), {one.zone.key}")
        rows = [(day.day.isoformat(), f"{day.day:%A}", day.name, day.reason) for day in found]
        table(("day", "weekday", "name", "reason"), rows, empty=f"no holidays in {year}")

    told = {"calendar": one.name, "version": one.version, "zone": one.zone.key, "year": year, "days": found}
    tell(told, shown, as_json=as_json)


def _named(offer: Offer, name: str) -> Calendar:
    from hub.errors import BadInput, NotFound

    names = ", ".join(sorted(offer.calendars))
    if not name and len(offer.calendars) == 1:
        return next(iter(offer.calendars.values()))
    if not name:
        raise BadInput(f"there are several calendars: {names}", next_step="choose one with --calendar")
    if name not in offer.calendars:
        raise NotFound(f"there is no calendar {name}", next_step=f"choose one of: {names}")
    return offer.calendars[name]


@app.command()
def compare(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The offer until now, a TOML file.")],
    new: Annotated[
        Path | None, typer.Argument(metavar="NEW", help="The offer to come; left out, the one in use.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the open tickets that wait for an answer and whose deadline another offer moves.

    Each is counted as its journal tells: with the changes of its severity and plan, and with its pauses.
    """
    from hub.cli.shared.output import line, table, tell
    from hub.cli.shared.shell import offer, with_storage
    from hub.deadlines.queries import waiting
    from hub.sla.offer import read_offer
    from hub.sla.offer_diff import moved_deadlines

    before = read_offer(old)
    after = read_offer(new) if new else offer()
    told = with_storage(lambda storage: waiting(storage, before))
    found = sorted(moved_deadlines(before, after, told), key=lambda one: (one.after or one.before, one.ticket))
    versions = [
        {"offer": one.version, "calendars": {name: cal.version for name, cal in one.calendars.items()}}
        for one in (before, after)
    ]

    def shown() -> None:
        rows = [(one.ticket, one.severity, one.plan, one.before, one.after, one.why) for one in found]
        table(("ticket", "sev", "plan", "before", "after", "why"), rows, empty="no deadline moves")
        line(f"{len(found)} of {len(told)} open tickets that wait for an answer")
        if found and versions[0] == versions[1]:
            line("both offers have the same versions: change `version` with the data, so that deadlines name it")

    answer = {"old": versions[0], "new": versions[1], "waiting": len(told), "moved": found}
    tell(answer, shown, as_json=as_json)
