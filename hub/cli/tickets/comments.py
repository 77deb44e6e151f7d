"""`hub comment` and `hub attach`: comments and files, kept inside or sent to the vendors."""

from __future__ import annotations

import mimetypes
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import typer

from hub.bonding.outbound import ticket_actions
from hub.bonding.outbound.ticket_actions import Addressed
from hub.cli.shared.options import As, AsJson, TicketNumber, To, Visible
from hub.cli.shared.output import print_line, print_result
from hub.cli.shared.runtime import acting_user, with_hub
from hub.errors import BadInput
from hub.model import Visibility

_CHUNK = 256 * 1024


def comment(
    number: TicketNumber,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The comment; - reads it from stdin.")],
    visibility: Visible = "private",
    to: To = "",
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Comment on a ticket; private by default, masked before it is sent."""
    body = sys.stdin.read() if text == "-" else text
    if not body.strip():
        raise BadInput("the comment is empty", next_step="give its text, or - and the text on stdin")
    who = acting_user(as_name)
    result = with_hub(
        lambda hub: ticket_actions.comment(hub.context, number, body, Visibility(visibility), who=who, to=to)
    )
    print_addressed(result, "comment added", as_json=as_json)


def attach(
    number: TicketNumber,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to attach.")],
    visibility: Visible = "private",
    to: To = "",
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Attach a file to a ticket; private by default.

    Text files are masked before they are sent.
    """
    if not file.is_file():
        raise BadInput(f"{file} is not a file", next_step="check the path")
    media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    who, seen_by = acting_user(as_name), Visibility(visibility)
    result = with_hub(
        lambda hub: ticket_actions.attach(
            hub.context, number, file.name, media_type, _chunks(file), seen_by, who=who, to=to
        )
    )
    print_addressed(result, "file attached", as_json=as_json)


async def _chunks(file: Path) -> AsyncIterator[bytes]:
    try:
        with file.open("rb") as opened:
            while chunk := opened.read(_CHUNK):
                yield chunk
    except OSError as error:
        raise BadInput(f"can't read {file}: {error.strerror}", next_step="check the path") from None


def print_addressed(result: Addressed, what: str, *, as_json: bool) -> None:
    """Print what was done to a ticket and which accounts it is sent to."""

    def show() -> None:
        destination = f"queued for {', '.join(result.goes_to)}" if result.goes_to else "not sent to any vendor"
        print_line(f"{result.ticket}: {what}; {destination}")
        if result.goes_to and result.stays:
            print_line(f"not allowed to go to {', '.join(result.stays)}")

    print_result(result, show, as_json=as_json)
