"""`hub clock`: a ticket's deadlines explained, and what agents do about them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from hub.cli.service_levels.explanations import print_clock, watch_text
from hub.cli.shared.groups import new_app
from hub.cli.shared.options import As, AsJson, Limit, TicketNumber
from hub.cli.shared.output import print_line, print_result, print_table
from hub.cli.shared.runtime import acting_user, with_hub, with_storage
from hub.db.clocks import StoredClock
from hub.db.storage import Storage
from hub.db.watches import TicketWatch
from hub.deadlines import ownership, queries
from hub.errors import BadInput

app = new_app("Show deadlines, and acknowledge, take over or mute tickets.")


@app.command()
def explain(number: TicketNumber, as_json: AsJson = False) -> None:
    """Explain a ticket's deadlines: every period that counts or does not, and why."""
    explained = with_hub(lambda hub: queries.clocks(hub.storage, hub.rules(), number))

    def show() -> None:
        if explained.why:
            print_line(f"no goal for our answer to the customer: {explained.why}")
        if text := watch_text(explained.watch):
            print_line(text)
        for clock in explained.clocks:
            print_clock(clock)

    print_result(explained, show, as_json=as_json)


@app.command("list")
def list_(limit: Limit = 50, as_json: AsJson = False) -> None:
    """List unanswered tickets and cases by deadline, next deadline first."""

    async def look(storage: Storage) -> tuple[list[StoredClock], dict[str, TicketWatch]]:
        clocks = await queries.running_clocks(storage, limit=limit)
        return clocks, await queries.watches(storage, {clock.ticket for clock in clocks})

    clocks, watches = with_storage(look)
    rows = [
        (
            clock.ticket,
            clock.vendor or "us",
            clock.severity.name,
            clock.plan,
            clock.goal,
            clock.deadline,
            watch_text(watches.get(clock.ticket)),
        )
        for clock in clocks
    ]
    columns = ("ticket", "owed by", "severity", "plan", "goal", "deadline", "status")
    print_result(
        {"clocks": clocks, "watches": watches},
        lambda: print_table(columns, rows, empty="no running clocks"),
        as_json=as_json,
    )


@app.command()
def answered(
    number: TicketNumber,
    at: Annotated[
        str, typer.Option("--at", metavar="TIME", help="The time of the answer, with an offset; default: now.")
    ] = "",
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Record an answer given outside the hub, such as by phone."""
    given_at, who = _moment(at) if at else None, acting_user(as_name)
    watch = with_storage(lambda storage: ownership.answered(storage, number, given_at, who=who))
    _print(watch, f"{number} marked as answered", as_json=as_json)


@app.command()
def acknowledge(number: TicketNumber, as_name: As = "", as_json: AsJson = False) -> None:
    """Acknowledge a ticket: warnings stop, breaches are still reported."""
    who = acting_user(as_name)
    watch = with_storage(lambda storage: ownership.acknowledge(storage, number, who=who))
    _print(watch, f"{number} acknowledged by {watch.owner}", as_json=as_json)


@app.command()
def take(number: TicketNumber, as_name: As = "", as_json: AsJson = False) -> None:
    """Take ownership of a ticket: notifications go to you."""
    who = acting_user(as_name)
    watch = with_storage(lambda storage: ownership.take(storage, number, who=who))
    _print(watch, f"{number} is now owned by {watch.owner}", as_json=as_json)


@app.command()
def snooze(
    number: TicketNumber,
    until: Annotated[
        str, typer.Option("--until", metavar="TIME", help="Such as 2027-01-04T09:00-05:00, with an offset.")
    ],
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Mute warnings until a time; breaches are still reported."""
    moment, who = _moment(until), acting_user(as_name)
    watch = with_storage(lambda storage: ownership.snooze(storage, number, moment, who=who))
    _print(watch, f"{number} muted until {until}", as_json=as_json)


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{text!r} is not a time", next_step="write it as 2027-01-04T09:00-05:00") from None


def _print(watch: TicketWatch, message: str, *, as_json: bool) -> None:
    print_result(watch, lambda: print_line(message), as_json=as_json)
