"""`hub breaches`: promises that are broken, or soon will be."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

import typer

from hub.cli.shared.options import AsJson, Limit


def breaches(
    within: Annotated[
        str, typer.Option("--within", metavar="TIME", help="Also those that break within 90m, 2h or 1d.")
    ] = "",
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List promises that wait for an answer and are broken, ours and the vendors', the oldest first."""
    from hub.cli.shared.output import age, shown, table, tell
    from hub.cli.shared.shell import with_storage
    from hub.deadlines import queries

    ahead = span(within) if within else timedelta()
    found = with_storage(lambda storage: queries.breaches(storage, ahead, limit=limit))
    rows = [
        (
            one.clock.ticket,
            one.clock.vendor or "us",
            one.clock.severity.name,
            one.clock.goal,
            shown(one.clock.deadline),
            f"{age(abs(one.late_seconds))} {'late' if one.late_seconds > 0 else 'left'}",
        )
        for one in found
    ]
    tell(
        {"breaches": found},
        lambda: table(
            ("ticket", "who owes", "severity", "goal", "deadline", "how"), rows, empty="no promise is broken"
        ),
        as_json=as_json,
    )


def span(text: str) -> timedelta:
    """A stretch of time such as 90m, 2h or 1d; raises BadInput."""
    from hub.errors import BadInput

    found = re.fullmatch(r"(\d{1,6})([mhd])", text)
    if not found:
        raise BadInput(f"{text!r} is no stretch of time", next_step="write it as 90m, 2h or 1d")
    return int(found[1]) * {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}[found[2]]
