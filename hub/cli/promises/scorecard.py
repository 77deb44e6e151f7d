"""`hub scorecard`: how vendors keep what they owe."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.cli.shared.options import AsJson


def scorecard(
    days: Annotated[int, typer.Option("--days", min=1, max=3660, help="Cases of so many days.")] = 90,
    as_json: AsJson = False,
) -> None:
    """Show the vendors' answers by severity; --json names the journal entries behind each row."""
    from datetime import timedelta

    from hub.cli.shared.output import age, table, tell
    from hub.cli.shared.shell import with_storage
    from hub.deadlines import queries

    found = with_storage(lambda storage: queries.scores(storage, timedelta(days=days)))
    rows = [
        (
            one.vendor,
            one.severity,
            one.cases,
            one.answered,
            "" if one.median_seconds is None else age(one.median_seconds),
            "" if one.ninetieth_seconds is None else age(one.ninetieth_seconds),
            one.breaches,
            one.questions,
        )
        for one in found
    ]
    columns = ("vendor", "severity", "cases", "answered", "half within", "nine of ten", "breaches", "questions")
    tell({"scores": found}, lambda: table(columns, rows, empty="no vendor's clock ran"), as_json=as_json)
