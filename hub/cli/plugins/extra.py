"""`hub x NAME ...`: the commands that a plugin brings itself."""

from __future__ import annotations

from typing import Annotated

import typer

PASS_ON = {"allow_interspersed_args": False}
"""Whatever follows the plugin's name is the plugin's, its --help too."""


def extra(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Of the plugin; without it, lists them.")] = "",
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[WORDS]...", help="The plugin's own command and its options.")
    ] = None,
) -> None:
    """Run a command that a plugin brings itself; `hub x NAME --help` lists a plugin's.

    A fault in it is told as the plugin's, without its words.
    """
    from hub import bootstrap
    from hub.cli.shared.output import line
    from hub.cli.shared.shell import settings
    from hub.errors import NotFound

    offered = bootstrap.load_plugins(settings().settings).commands()
    if not name:
        for one in sorted(offered):
            line(f"hub x {one}")
        if not offered:
            line("no plugin brings commands of its own")
        return
    if name not in offered:
        raise NotFound(
            f"no plugin {name!r} brings commands of its own",
            next_step=f"those that do: {', '.join(sorted(offered)) or 'none'}",
        )
    if code := _call(name, offered[name], words or []):
        raise typer.Exit(code)


def _call(name: str, app: object, words: list[str]) -> int:
    """The exit code of the plugin's command. Raises its HubError or usage error, and PluginError for all else."""
    from hub.errors import HubError, PluginError

    if not isinstance(app, typer.Typer):
        raise PluginError(
            f"plugin {name}: hub_commands gave {type(app).__name__}, not a Typer application",
            next_step="tell the plugin's author",
        )
    try:
        code = typer.main.get_command(app).main(args=words, prog_name=f"hub x {name}", standalone_mode=False)
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else int(left.code is not None)
    except Exception as error:
        ours = isinstance(error, HubError | BrokenPipeError) or type(error).__name__ == "Abort"
        if ours or hasattr(error, "format_message"):  # the command line is wrong, and says so itself
            raise
        raise PluginError(
            f"plugin {name}: its command {' '.join(words[:1])!r} raised {type(error).__name__}",
            next_step="tell the plugin's author",
        ) from error
    return code if isinstance(code, int) else 0
