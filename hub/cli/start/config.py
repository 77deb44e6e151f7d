"""`hub config`: all settings explained, and those in effect with their origins."""

from __future__ import annotations

from typing import Annotated

import typer

from hub import bootstrap
from hub.cli.shared.groups import new_app
from hub.cli.shared.options import AsJson
from hub.cli.shared.output import print_fields, print_line, print_result
from hub.cli.shared.runtime import load_settings
from hub.model import AccountSettings
from hub.settings import HubSettings
from hub.settings import example as example_text
from hub.settings import show as settings_in_effect

app = new_app("Explain all settings, and show those in effect.")


@app.command()
def example(as_json: AsJson = False) -> None:
    """Print an example settings file that explains every setting; all of them are commented out."""
    text = example_text(_models(HubSettings()))
    print_result({"example": text}, lambda: print_line(text.rstrip("\n")), as_json=as_json)


@app.command()
def show(
    origin: Annotated[bool, typer.Option("--origin", help="Also show where each value comes from.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print the settings in effect; secrets are masked."""
    loaded = load_settings()
    rows = settings_in_effect(loaded, _models(loaded.settings))

    def show_rows() -> None:
        print_fields((row.key, f"{row.value or '-'}{f'  ({row.origin})' if origin else ''}") for row in rows)
        for note in loaded.notes:
            print_line(f"note: {note}")

    file = str(loaded.path) if loaded.path else None
    data = {"settings": [row._asdict() for row in rows], "file": file, "notes": loaded.notes}
    print_result(data, show_rows, as_json=as_json)


def _models(settings: HubSettings) -> dict[tuple[str, str], type[AccountSettings]]:
    return bootstrap.load_plugins(settings).models()
