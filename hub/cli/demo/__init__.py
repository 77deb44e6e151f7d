"""`hub demo`: tickets become cases at a simulated vendor over a bad line, and the answers come back."""

from __future__ import annotations

from typing import Annotated

import typer


def demo(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of the story.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the data folder, and say where it is.")] = False,
    tickets: Annotated[int, typer.Option("--tickets", min=3, help="How many tickets to escalate.")] = 36,
    vendor: Annotated[
        str, typer.Option("--vendor", help="The vendor to simulate; the first that can be, by default.")
    ] = "",
) -> None:
    """Show the hub at work: nothing to set up, no network, no account; all of it is gone afterwards.

    Exits with 70 and names each fault when anything is not as it has to be.
    """
    import asyncio
    import logging

    import msgspec

    from hub.cli.demo.acts import play
    from hub.cli.demo.story import Narrator, Story

    for noisy in ("hub", "alembic"):  # the faults of this run are meant, and told in the story
        logging.getLogger(noisy).setLevel(logging.ERROR)
    teller = Narrator(quiet=as_json)
    story = asyncio.run(play(Story(), teller, vendor=vendor, wanted=tickets, keep=keep))
    if as_json:
        typer.echo(msgspec.json.encode(story.plain()).decode())
    for fault in story.wrong:
        typer.echo(f"demo failed: {fault}", err=True)
    if story.wrong:
        raise typer.Exit(70)
    if not as_json:
        typer.echo(story.last_line())
