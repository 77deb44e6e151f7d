"""Options and arguments that several commands share."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

VisibilityName = Literal["private", "public", "vendor"]
SeverityName = Literal["S1", "S2", "S3", "S4"]

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object; errors too, on stderr.")]
As = Annotated[
    str, typer.Option("--as", metavar="NAME", help="Who does this, for the journal; by default the system's user.")
]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1000, help="The most rows to show.")]
Before = Annotated[
    int | None, typer.Option("--before", metavar="ID", help="Go on after a page; it says with which id.")
]
After = Annotated[int, typer.Option("--after", metavar="ID", help="Go on after a page; it says with which id.")]
TicketNumber = Annotated[str, typer.Argument(metavar="TICKET", help="The ticket's number.")]
AccountName = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account, or the vendor that has just one.")]
Visible = Annotated[
    VisibilityName, typer.Option("--visibility", help="Who may read it: RjR only, the customer too, or the vendor too.")
]
To = Annotated[
    str, typer.Option("--to", metavar="ACCOUNT", help="Only to this account; an error when it may not go there.")
]
OverrideReason = Annotated[
    str,
    typer.Option("--override", metavar="REASON", help="Allow it although the plan doesn't; the reason is journalled."),
]
