"""`hub calendar`: business hours and holidays, and the deadlines that another offer would move."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hub.cli.shared.groups import new_app
from hub.cli.shared.options import AsJson
from hub.cli.shared.output import print_line, print_result, print_table
from hub.cli.shared.runtime import load_offer, with_storage
from hub.cli.shared.text import count_of
from hub.errors import BadInput, NotFound
from hub.sla.calendar import Calendar
from hub.sla.offer import Offer, read_offer
from hub.sla.offer_diff import moved_deadlines

app = new_app("Show business calendars, and compare two offers.")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the offer's calendars with their time zones and business hours."""
    calendars = load_offer().calendars.values()
    data = [
        {
            "name": calendar.name,
            "title": calendar.title,
            "version": calendar.version,
            "zone": calendar.zone.key,
            "hours": calendar.hours,
        }
        for calendar in calendars
    ]
    rows = [
        (
            calendar.name,
            calendar.title,
            calendar.version,
            calendar.zone.key,
            [f"{day[:3]} {' '.join(hours)}" for day, hours in calendar.hours.items()],
        )
        for calendar in calendars
    ]
    columns = ("calendar", "title", "version", "zone", "hours")
    print_result({"calendars": data}, lambda: print_table(columns, rows), as_json=as_json)


@app.command()
def show(
    year: Annotated[int, typer.Argument(metavar="YEAR", min=1970, max=2200, help="The year, such as 2027.")],
    name: Annotated[
        str,
        typer.Option("--calendar", metavar="NAME", help="From `hub calendar list`; not needed if there is only one."),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Show the holidays of a year, each with its reason."""
    calendar = _named(load_offer(), name)
    holidays = calendar.holidays(year)

    def show_holidays() -> None:
        print_line(f"{calendar.title} ({calendar.name} {calendar.version}), {calendar.zone.key}")
        rows = [(holiday.day.isoformat(), f"{holiday.day:%A}", holiday.name, holiday.reason) for holiday in holidays]
        print_table(("day", "weekday", "name", "reason"), rows, empty=f"no holidays in {year}")

    data = {
        "calendar": calendar.name,
        "version": calendar.version,
        "zone": calendar.zone.key,
        "year": year,
        "days": holidays,
    }
    print_result(data, show_holidays, as_json=as_json)


def _named(offer: Offer, name: str) -> Calendar:
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
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The previous offer, as a TOML file.")],
    new: Annotated[Path | None, typer.Argument(metavar="NEW", help="The next offer; default: the one in use.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the unanswered tickets whose deadline another offer would move.

    Deadlines are computed from each ticket's journal, including changes of severity and plan, and pauses.
    """
    from hub.deadlines.queries import waiting  # the other commands need no database

    before = read_offer(old)
    after = read_offer(new) if new else load_offer()
    tickets = with_storage(lambda storage: waiting(storage, before))
    changes = sorted(
        moved_deadlines(before, after, tickets), key=lambda change: (change.after or change.before, change.ticket)
    )
    versions = [
        {"offer": offer.version, "calendars": {name: calendar.version for name, calendar in offer.calendars.items()}}
        for offer in (before, after)
    ]

    def show_changes() -> None:
        rows = [
            (change.ticket, change.severity, change.plan, change.before, change.after, change.why) for change in changes
        ]
        print_table(("ticket", "sev", "plan", "before", "after", "why"), rows, empty="no deadline moves")
        print_line(f"{len(changes)} of {count_of(len(tickets), 'unanswered ticket')} affected")
        if changes and versions[0] == versions[1]:
            print_line("both offers have the same versions; change `version` whenever you change an offer")

    data = {"old": versions[0], "new": versions[1], "waiting": len(tickets), "moved": changes}
    print_result(data, show_changes, as_json=as_json)
