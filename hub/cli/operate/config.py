"""`hub config`: the settings explained, and those in force with their origins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.shared.options import AsJson

if TYPE_CHECKING:
    from hub.model import AccountSettings
    from hub.settings import HubSettings

app = typer.Typer(help="See what can be set, and what is set.", no_args_is_help=True)


@app.command()
def example(as_json: AsJson = False) -> None:
    """Print a settings file that explains every setting; nothing in it is in force."""
    from hub.cli.shared.output import line, tell
    from hub.settings import HubSettings
    from hub.settings import example as explained

    text = explained(_models(HubSettings()))
    tell({"example": text}, lambda: line(text.rstrip("\n")), as_json=as_json)


@app.command()
def show(
    origin: Annotated[bool, typer.Option("--origin", help="Where each value comes from.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print the settings in force; secrets are masked."""
    from hub.cli.shared.output import facts, line, tell
    from hub.cli.shared.shell import settings
    from hub.settings import show as in_force

    loaded = settings()
    rows = in_force(loaded, _models(loaded.settings))

    def told() -> None:
        facts((one.key, f"{one.value or '-'}{f'  ({one.origin})' if origin else ''}") for one in rows)
        for note in loaded.notes:
            line(f"note: {note}")

    file = str(loaded.path) if loaded.path else None
    plain = {"settings": [one._asdict() for one in rows], "file": file, "notes": loaded.notes}
    tell(plain, told, as_json=as_json)


def _models(settings: HubSettings) -> dict[tuple[str, str], type[AccountSettings]]:
    from hub import bootstrap

    return bootstrap.load_plugins(settings).models()
