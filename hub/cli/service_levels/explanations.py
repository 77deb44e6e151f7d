"""Prints one clock with its periods, and who is working on a ticket."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from hub.cli.shared.output import print_fields, print_line, print_table
from hub.cli.shared.text import format_value
from hub.db.watches import TicketWatch
from hub.model import utc_now
from hub.sla.explain import ClockExplanation


def print_clock(clock: ClockExplanation) -> None:
    """Print a clock: its goal, its deadline, and each period with what it counts."""
    zone = ZoneInfo(clock.zone)

    def local(moment: datetime | None) -> str:
        return f"{moment.astimezone(zone):%a %Y-%m-%d %H:%M:%S}" if moment else ""

    plan = f" under {clock.plan}" if clock.plan else ""
    print_fields(
        [
            ("clock", "our answer to the customer" if clock.clock == "response" else f"{clock.who}, {clock.clock}"),
            ("goal", f"{clock.promise} for {clock.severity}{plan}"),
            ("started", local(clock.started_at)),
            ("deadline", local(clock.deadline) or "none while the clock is paused"),
            ("answered", local(clock.answered_at)),
            ("state", clock.state),
            ("time zone", clock.zone),
            ("based on", clock.version),
        ]
    )
    rows = [
        (local(period.start), local(period.end), _hours(period.seconds) if period.counted else "", period.why)
        for period in clock.intervals
    ]
    print_table(("from", "to", "counted", "why"), rows, wide="why")
    complete = clock.goal_seconds == clock.counted_seconds
    print_line(f"counted: {_hours(clock.counted_seconds)}{', the whole goal' if complete else ''}")
    print_line()


def watch_text(watch: TicketWatch | None) -> str:
    """Who acknowledged or owns a ticket, and until when it is muted; empty if nothing is known."""
    if watch is None:
        return ""
    owner = f"acknowledged by {watch.owner}" if watch.acknowledged_at else f"owned by {watch.owner}"
    until = watch.snoozed_until
    muted = f"muted until {format_value(until)}" if until and until > utc_now() else ""
    return ", ".join(filter(None, (owner if watch.owner else "", muted)))


def _hours(seconds: int) -> str:
    """Hours, minutes and seconds, as in 4:00:00."""
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
