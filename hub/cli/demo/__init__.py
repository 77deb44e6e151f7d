"""`hub demo`: escalates tickets to simulated vendors over a bad line, and shows that nothing is lost or sent twice."""

from __future__ import annotations

import asyncio
import logging
from typing import Annotated

import msgspec
import typer

from hub.cli.demo.acts import play
from hub.cli.demo.story import Narrator, Story
from hub.cli.shared.options import AsJson
from hub.errors import EXIT_CODES, Actor


def demo(
    as_json: AsJson = False,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the data folder, and print where it is.")] = False,
    tickets: Annotated[
        int, typer.Option("--tickets", metavar="N", min=3, help="The number of tickets to escalate.")
    ] = 36,
    vendor: Annotated[
        str, typer.Option("--vendor", metavar="VENDOR", help="Simulate only this vendor; default: all that can be.")
    ] = "",
) -> None:
    """Show the hub at work with simulated vendors; needs no setup and leaves nothing behind.

    Exits with 70 if a ticket, case, comment or file is missing or doubled anywhere.
    """
    for name in ("hub", "alembic"):  # the demo causes errors on purpose, and reports them itself
        logging.getLogger(name).setLevel(logging.ERROR)
    logging.getLogger("apscheduler").addHandler(logging.NullHandler())  # warns of skipped runs on a busy machine
    narrator = Narrator(quiet=as_json)
    story = asyncio.run(play(Story(), narrator, vendor=vendor, wanted=tickets, keep=keep))
    if as_json:
        typer.echo(msgspec.json.encode(story.plain()).decode())
    for fault in story.wrong:
        typer.echo(f"demo failed: {fault}", err=True)
    if story.wrong:
        raise typer.Exit(EXIT_CODES[Actor.DEVELOPER])
    if not as_json:
        typer.echo(story.last_line())
