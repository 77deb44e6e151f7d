"""`hub plugin new`: a new vendor's plugin on a known platform."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hub.cli.shared.options import AsJson

app = typer.Typer(no_args_is_help=True, help="Make a vendor's plugin.")


@app.callback()
def plugin() -> None:
    """Make a vendor's plugin."""


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Of the plugin, such as acme.")],
    platform: Annotated[str, typer.Option("--platform", help="The family of its interface, such as servicenow.")],
    title: Annotated[str, typer.Option("--title", help="The vendor as people say it; by default the name.")] = "",
    into: Annotated[
        Path, typer.Option("--into", help="A folder; in the hub's own repository the plugin joins its own.")
    ] = Path(),
    apart: Annotated[
        bool, typer.Option("--apart", help="A distribution of its own, in the hub's repository too.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write a plugin whose tests pass as it stands, to be changed into the vendor's own."""
    from hub import generator
    from hub.cli.shared.output import line, tell

    made = generator.generate(name, platform, into.resolve(), title=title, apart=apart)

    def show() -> None:
        for file in made.files:
            line(f"wrote {file}")
        line(f"in {made.folder}, next:")
        line(f"  {made.test}")
        line(f"  {made.install}")
        line("then change mapping.py, settings.py, intake.toml and simulator.py into the vendor's own")

    tell(made.plain(), show, as_json=as_json)
