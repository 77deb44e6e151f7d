"""`hub x NAME`: the commands that a plugin provides."""

from __future__ import annotations

from typing import Annotated

import typer

from hub import bootstrap
from hub.cli.shared.groups import new_app
from hub.cli.shared.options import AsJson
from hub.cli.shared.output import print_line, print_result
from hub.cli.shared.runtime import load_settings
from hub.errors import HubError, NotFound, PluginError

app = new_app()


@app.command("x", context_settings={"allow_interspersed_args": False})  # what follows NAME is the plugin's, even --help
def run_own_command(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The plugin; without it, lists the plugins that have commands.")
    ] = "",
    words: Annotated[
        list[str] | None, typer.Argument(metavar="WORDS", help="The plugin's command with its options.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run a command that a plugin provides.

    `hub x NAME --help` lists the commands of a plugin. An error in a command is reported as the plugin's, without its
    text.
    """
    commands = bootstrap.load_plugins(load_settings().settings).commands()
    if not name:
        _list(sorted(commands), as_json=as_json)
        return
    if name not in commands:
        raise NotFound(
            f"plugin {name!r} provides no commands", next_step=f"choose one of: {', '.join(sorted(commands)) or 'none'}"
        )
    if code := _call(name, commands[name], words or []):
        raise typer.Exit(code)


def _list(names: list[str], *, as_json: bool) -> None:
    lines = [f"hub x {name}" for name in names] or ["no plugin provides commands"]
    print_result({"plugins": names}, lambda: print_line("\n".join(lines)), as_json=as_json)


def _call(name: str, commands: object, words: list[str]) -> int:
    """The exit code of the plugin's command. Raises its HubError or usage error, and PluginError for anything else."""
    if not isinstance(commands, typer.Typer):
        raise PluginError(
            f"plugin {name}: hub_commands returned {type(commands).__name__}, not a Typer application",
            next_step="report it to the plugin's author",
        )
    try:
        code = typer.main.get_command(commands).main(args=words, prog_name=f"hub x {name}", standalone_mode=False)
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else int(left.code is not None)
    except Exception as error:
        reportable = isinstance(error, HubError | BrokenPipeError) or type(error).__name__ == "Abort"
        if reportable or hasattr(error, "format_message"):  # a wrong command line
            raise
        raise PluginError(
            f"plugin {name}: its command {' '.join(words[:1])!r} raised {type(error).__name__}",
            next_step="report it to the plugin's author",
        ) from error
    return code if isinstance(code, int) else 0
