"""The options before the command, and those and the arguments that several commands share."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer


@dataclass(frozen=True)
class GlobalOptions:
    """The options before the command."""

    config: Path | None = None
    debug: bool = False


_GLOBAL: ContextVar[GlobalOptions] = ContextVar("options", default=GlobalOptions())  # noqa: B039 - it is frozen


def global_options() -> GlobalOptions:
    """The options of this run."""
    return _GLOBAL.get()


def set_global_options(chosen: GlobalOptions) -> None:
    """Store the options of this run."""
    _GLOBAL.set(chosen)


VisibilityName = Literal["private", "public", "vendor"]
SeverityName = Literal["S1", "S2", "S3", "S4"]

AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON; errors are JSON on stderr.")]
As = Annotated[
    str, typer.Option("--as", metavar="NAME", help="The name to record in the journal; default: your system user.")
]
Limit = Annotated[int, typer.Option("--limit", metavar="N", min=1, max=1000, help="The maximum number of rows.")]
Before = Annotated[int | None, typer.Option("--before", metavar="ID", help="Continue after this id.")]
After = Annotated[int, typer.Option("--after", metavar="ID", show_default=False, help="Continue after this id.")]
TicketNumber = Annotated[str, typer.Argument(metavar="TICKET", help="The ticket's number.")]
OneTicket = Annotated[str, typer.Option("--ticket", metavar="TICKET", help="Only this ticket.")]
AccountName = Annotated[
    str, typer.Argument(metavar="ACCOUNT", help="The account, or its vendor if that has only one account.")
]
Visible = Annotated[
    VisibilityName,
    typer.Option("--visibility", help="Who may read it: RjR only, also the customer, or also the vendor."),
]
To = Annotated[
    str, typer.Option("--to", metavar="ACCOUNT", help="Send it only to this account; an error if it may not go there.")
]
Expect = Annotated[
    str, typer.Option("--expect", metavar="HASH", help="Send only if the request still has this preview's hash.")
]
Preview = Annotated[bool, typer.Option("--preview", help="Show exactly what would be sent, and send nothing.")]
OverrideReason = Annotated[
    str,
    typer.Option(
        "--override", metavar="REASON", help="Allow it although the plan does not; the reason goes into the journal."
    ),
]
