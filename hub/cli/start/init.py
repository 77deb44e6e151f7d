"""`hub init`: sets up the database, and writes a settings file to start with."""

from __future__ import annotations

import os
from pathlib import Path

from hub import bootstrap
from hub.cli.shared.options import AsJson, global_options
from hub.cli.shared.output import print_fields, print_line, print_result
from hub.cli.shared.runtime import load_settings, run
from hub.errors import SettingsError
from hub.http.redact import redact
from hub.settings import HubSettings, Loaded, example, load


def init(as_json: AsJson = False) -> None:
    """Set up or upgrade the hub's database, and write an example hub.toml.

    An existing settings file is left alone. The command may be run again at any time.
    """
    written = _write_example()
    loaded = load_settings()
    hub_id = run(bootstrap.initialise(loaded.settings))
    result = {
        "hub_id": hub_id,
        "database": _database(loaded),
        "settings": str(loaded.path) if loaded.path else None,
        "settings_written": written is not None,
        "accounts": sorted(loaded.settings.accounts),
    }

    def show() -> None:
        print_line("the hub is set up")
        print_fields([("hub", hub_id), ("database", result["database"]), ("settings", result["settings"])])
        if loaded.settings.accounts:
            print_line("next: check the accounts with `hub check`, then start `hub worker`")
        else:
            print_line(f"next: add an account to {loaded.place}, then run `hub check`")

    print_result(result, show, as_json=as_json)


def _write_example() -> Path | None:
    """Write the example to the place where settings are read from, unless there are some already; returns its path."""
    variable = os.environ.get("HUB_CONFIG")
    named = global_options().config or (Path(variable).expanduser() if variable else None)
    path = named or Path("hub.toml")
    if path.exists() or (named is None and load().path is not None):
        return None
    text = example(bootstrap.load_plugins(HubSettings()).models())
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise SettingsError(
            f"can't write {path}: {error.strerror}",
            next_step="run `hub init` in a folder that you can write to, or name a file with --config",
        ) from None
    return path


def _database(loaded: Loaded) -> str:
    url = loaded.settings.database_url
    if url is None:
        return f"embedded, in {loaded.settings.data_dir}"
    return redact(url.get_secret_value())
