"""`hub scorecard`: how quickly vendors answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from hub.cli.shared.options import AsJson
from hub.cli.shared.output import print_result, print_table
from hub.cli.shared.runtime import with_storage
from hub.cli.shared.text import format_age
from hub.deadlines import queries


def scorecard(
    days: Annotated[int, typer.Option("--days", min=1, max=3660, metavar="N", help="Look back N days.")] = 90,
    as_json: AsJson = False,
) -> None:
    """Show how quickly each vendor answers, by severity.

    With --json, each row lists the journal entries that it was computed from.
    """
    scores = with_storage(lambda storage: queries.scores(storage, timedelta(days=days)))
    rows = [
        (
            score.vendor,
            score.severity,
            score.cases,
            score.answered,
            "" if score.median_seconds is None else format_age(score.median_seconds),
            "" if score.ninetieth_seconds is None else format_age(score.ninetieth_seconds),
            score.breaches,
            score.questions,
        )
        for score in scores
    ]
    columns = ("vendor", "severity", "cases", "answered", "median", "90% within", "breaches", "questions")
    empty = "no cases with a vendor goal"
    print_result({"scores": scores}, lambda: print_table(columns, rows, empty=empty), as_json=as_json)
