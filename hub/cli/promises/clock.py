"""`hub clock`: what was promised on tickets, by when, and what a person says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.shared.options import As, AsJson, Limit, TicketNumber

if TYPE_CHECKING:
    from datetime import datetime

    from hub.db.clocks import StoredClock
    from hub.db.storage import Storage
    from hub.db.watches import TicketWatch
    from hub.sla.explain import ClockExplanation

app = typer.Typer(help="Look at promises and their deadlines, and say who is at them.", no_args_is_help=True)


@app.command()
def explain(number: TicketNumber, as_json: AsJson = False) -> None:
    """Explain a ticket's clocks: every stretch that counts or does not, and why."""
    from hub.cli.shared.output import line, tell
    from hub.cli.shared.shell import with_hub
    from hub.deadlines import queries

    told = with_hub(lambda hub: queries.clocks(hub.storage, hub.rules(), number))

    def shown() -> None:
        if told.why:
            line(f"nothing is promised to the customer: {told.why}")
        if said := _said(told.watch):
            line(said)
        for one in told.clocks:
            _show(one)

    tell(told, shown, as_json=as_json)


def _show(clock: ClockExplanation) -> None:
    from zoneinfo import ZoneInfo

    from hub.cli.shared.output import facts, line, table

    zone = ZoneInfo(clock.zone)

    def local(moment: object) -> str:
        from datetime import datetime

        return f"{moment.astimezone(zone):%a %Y-%m-%d %H:%M:%S}" if isinstance(moment, datetime) else ""

    under = f" under {clock.plan}" if clock.plan else ""
    facts(
        [
            ("clock", "our answer to the customer" if clock.clock == "response" else f"{clock.who}, {clock.clock}"),
            ("promise", f"{clock.promise} for {clock.severity}{under}"),
            ("began", local(clock.started_at)),
            ("deadline", local(clock.deadline) or "none while time stands still"),
            ("answered", local(clock.answered_at)),
            ("state", clock.state),
            ("times of", clock.zone),
            ("counted by", clock.version),
        ]
    )
    rows = [
        (local(one.start), local(one.end), _span(one.seconds) if one.counted else "", one.why)
        for one in clock.intervals
    ]
    table(("from", "to", "counts", "why"), rows, wide="why")
    whole = clock.goal_seconds == clock.counted_seconds
    line(f"counted: {_span(clock.counted_seconds)}{', the whole promise' if whole else ''}")
    line("")


def _said(watch: TicketWatch | None) -> str:
    """What people said of a ticket, and is so still; empty when nobody did."""
    from hub.cli.shared.output import shown
    from hub.model import utc_now

    if watch is None:
        return ""
    at_it = f"{watch.owner} is at it" if watch.acknowledged_at else f"{watch.owner}'s" if watch.owner else ""
    until = watch.snoozed_until
    quiet = f"quiet until {shown(until)}" if until and until > utc_now() else ""
    return ", ".join(filter(None, (at_it, quiet)))


def _span(seconds: int) -> str:
    """Hours, minutes and seconds."""
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


@app.command("list")
def list_(limit: Limit = 50, as_json: AsJson = False) -> None:
    """List clocks that wait for an answer, the next deadline first."""
    from hub.cli.shared.output import shown, table, tell
    from hub.cli.shared.shell import with_storage
    from hub.deadlines import queries

    async def look(storage: Storage) -> tuple[list[StoredClock], dict[str, TicketWatch]]:
        clocks = await queries.running_clocks(storage, limit=limit)
        return clocks, await queries.watches(storage, {one.ticket for one in clocks})

    found, watches = with_storage(look)
    rows = [
        (
            one.ticket,
            one.vendor or "us",
            one.severity.name,
            one.plan,
            one.goal,
            shown(one.deadline),
            _said(watches.get(one.ticket)),
        )
        for one in found
    ]
    headings = ("ticket", "who owes", "severity", "plan", "goal", "deadline", "said")
    tell({"clocks": found, "watches": watches}, lambda: table(headings, rows, empty="no clock runs"), as_json=as_json)


@app.command()
def answered(
    number: TicketNumber,
    at: Annotated[str, typer.Option("--at", metavar="TIME", help="When, with an offset; by default now.")] = "",
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Tell that a person has answered the customer elsewhere, as by telephone."""
    from hub.cli.shared.shell import who, with_storage
    from hub.deadlines import ownership

    given, name = _moment(at) if at else None, who(as_name)
    watch = with_storage(lambda storage: ownership.answered(storage, number, given, who=name))
    _tell(watch, f"{number} is answered", as_json=as_json)


@app.command()
def acknowledge(number: TicketNumber, as_name: As = "", as_json: AsJson = False) -> None:
    """Say that you are at it: warnings stop, a breach is told all the same."""
    from hub.cli.shared.shell import who, with_storage
    from hub.deadlines import ownership

    name = who(as_name)
    watch = with_storage(lambda storage: ownership.acknowledge(storage, number, who=name))
    _tell(watch, f"{watch.owner} is at {number}", as_json=as_json)


@app.command()
def take(number: TicketNumber, as_name: As = "", as_json: AsJson = False) -> None:
    """Take a ticket over: you are told what comes."""
    from hub.cli.shared.shell import who, with_storage
    from hub.deadlines import ownership

    name = who(as_name)
    watch = with_storage(lambda storage: ownership.take(storage, number, who=name))
    _tell(watch, f"{number} is {watch.owner}'s", as_json=as_json)


@app.command()
def snooze(
    number: TicketNumber,
    until: Annotated[str, typer.Option("--until", metavar="TIME", help="With an offset.")],
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Have no warning before a moment; a breach is told all the same."""
    from hub.cli.shared.shell import who, with_storage
    from hub.deadlines import ownership

    moment, name = _moment(until), who(as_name)
    watch = with_storage(lambda storage: ownership.snooze(storage, number, moment, who=name))
    _tell(watch, f"{number} is quiet until {until}", as_json=as_json)


def _moment(text: str) -> datetime:
    from datetime import datetime

    from hub.errors import BadInput

    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{text!r} is no time", next_step="write it as 2027-01-04T09:00-05:00") from None


def _tell(watch: TicketWatch, text: str, *, as_json: bool) -> None:
    from hub.cli.shared.output import line, tell

    tell(watch, lambda: line(text), as_json=as_json)
