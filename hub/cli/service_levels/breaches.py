"""`hub breaches`: missed deadlines, and those that are close."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

import typer

from hub.cli.shared.options import AsJson, Limit
from hub.cli.shared.output import print_result, print_table
from hub.cli.shared.runtime import with_storage
from hub.cli.shared.text import format_age
from hub.deadlines import queries
from hub.errors import BadInput


def breaches(
    within: Annotated[
        str, typer.Option("--within", metavar="TIME", help="Also list deadlines within 90m, 2h or 1d from now.")
    ] = "",
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List missed deadlines that are still unanswered.

    Includes our own deadlines and the vendors', oldest first.
    """
    ahead = _duration(within) if within else timedelta()
    missed = with_storage(lambda storage: queries.breaches(storage, ahead, limit=limit))
    rows = [
        (
            breach.clock.ticket,
            breach.clock.vendor or "us",
            breach.clock.severity.name,
            breach.clock.goal,
            breach.clock.deadline,
            f"{format_age(abs(breach.late_seconds))} {'late' if breach.late_seconds > 0 else 'left'}",
        )
        for breach in missed
    ]
    columns = ("ticket", "owed by", "severity", "goal", "deadline", "time")
    print_result({"breaches": missed}, lambda: print_table(columns, rows, empty="no missed deadlines"), as_json=as_json)


def _duration(text: str) -> timedelta:
    """A duration such as 90m, 2h or 1d. Raises BadInput."""
    match = re.fullmatch(r"(\d{1,6})([mhd])", text)
    if not match:
        raise BadInput(f"{text!r} is not a duration", next_step="write it as 90m, 2h or 1d")
    return int(match[1]) * {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}[match[2]]
