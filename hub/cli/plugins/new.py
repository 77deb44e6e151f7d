"""`hub plugins new`: a new vendor's plugin on a known platform."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hub import generator
from hub.cli.shared.options import AsJson
from hub.cli.shared.output import print_line, print_result


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The plugin's name, such as acme.")],
    platform: Annotated[
        str,
        typer.Option(
            "--platform", metavar="PLATFORM", help="The platform that the vendor runs on, such as servicenow."
        ),
    ],
    title: Annotated[
        str, typer.Option("--title", metavar="TITLE", help="The vendor's name for people; default: from NAME.")
    ] = "",
    into: Annotated[
        Path,
        typer.Option(
            "--into",
            metavar="FOLDER",
            help="The folder to write to; in the hub's own repository, the plugin joins the others there.",
        ),
    ] = Path(),
    apart: Annotated[
        bool, typer.Option("--apart", help="Create a distribution of its own, even in the hub's repository.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Create a plugin for a new vendor, whose tests pass before you adapt it."""
    made = generator.generate(name, platform, into.resolve(), title=title, apart=apart)

    def show() -> None:
        for file in made.files:
            print_line(f"wrote {file}")
        print_line(f"next, in {made.folder}:")
        print_line(f"  {made.test}")
        print_line(f"  {made.install}")
        print_line("then adapt mapping.py, settings.py, intake.toml and simulator.py to the vendor")

    print_result(made.plain(), show, as_json=as_json)
