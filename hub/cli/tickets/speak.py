"""`hub comment` and `hub attach`: what RjR says on a ticket, and what of it goes to the vendors."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.shared.options import As, AsJson, TicketNumber, To, Visible

if TYPE_CHECKING:
    from hub.bonding.outbound.ticket_actions import Addressed

_PIECE = 256 * 1024


def comment(
    number: TicketNumber,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The comment; - reads it from stdin.")],
    visibility: Visible = "private",
    to: To = "",
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Comment on a ticket; private unless said otherwise, and masked before it leaves."""
    from hub.bonding.outbound import ticket_actions
    from hub.cli.shared.shell import who, with_hub
    from hub.errors import BadInput
    from hub.model import Visibility

    body = sys.stdin.read() if text == "-" else text
    if not body.strip():
        raise BadInput("the comment is empty", next_step="give its text, or - and the text on stdin")
    said = with_hub(
        lambda hub: ticket_actions.comment(hub.context, number, body, Visibility(visibility), who=who(as_name), to=to)
    )
    tell_said(said, "commented", as_json=as_json)


def attach(
    number: TicketNumber,
    file: Annotated[Path, typer.Argument(help="The file.")],
    visibility: Visible = "private",
    to: To = "",
    as_name: As = "",
    as_json: AsJson = False,
) -> None:
    """Attach a file to a ticket; private unless said otherwise, and text files are masked before they leave."""
    import mimetypes

    from hub.bonding.outbound import ticket_actions
    from hub.cli.shared.shell import who, with_hub
    from hub.errors import BadInput
    from hub.model import Visibility

    if not file.is_file():
        raise BadInput(f"{file} is not a file", next_step="check its path")
    media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    said = with_hub(
        lambda hub: ticket_actions.attach(
            hub.context, number, file.name, media_type, _pieces(file), Visibility(visibility), who=who(as_name), to=to
        )
    )
    tell_said(said, "attached", as_json=as_json)


async def _pieces(file: Path) -> AsyncIterator[bytes]:
    from hub.errors import BadInput

    try:
        with file.open("rb") as opened:
            while piece := opened.read(_PIECE):
                yield piece
    except OSError as error:
        raise BadInput(f"{file} can't be read: {error.strerror}", next_step="check its path") from None


def tell_said(said: Addressed, what: str, *, as_json: bool) -> None:
    """Say where something that was said is kept, and where it goes."""
    from hub.cli.shared.output import line, tell

    def show() -> None:
        goes = f"goes to {', '.join(said.goes_to)}" if said.goes_to else "stays inside"
        line(f"{said.ticket} {what}; {goes}")
        if said.goes_to and said.stays:
            line(f"may not go to {', '.join(said.stays)}")

    tell(said, show, as_json=as_json)
