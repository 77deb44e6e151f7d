"""`hub init`: the database set up, and a settings file to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hub.cli.shared.options import AsJson

if TYPE_CHECKING:
    from hub.settings import Loaded


def init(as_json: AsJson = False) -> None:
    """Set up the hub's database, or bring it up to this version, and write an example hub.toml if there is none.

    May be run again at any time.
    """
    from hub import bootstrap
    from hub.cli.shared.output import facts, line, tell
    from hub.cli.shared.shell import run, settings

    written = _write_example()
    loaded = settings()
    hub_id = run(bootstrap.initialise(loaded.settings))
    result = {
        "hub_id": hub_id,
        "database": _database(loaded),
        "settings": str(loaded.path) if loaded.path else None,
        "settings_written": written is not None,
        "accounts": sorted(loaded.settings.accounts),
    }

    def show() -> None:
        line("the hub is set up")
        facts([("hub", hub_id), ("database", result["database"]), ("settings", result["settings"])])
        if loaded.settings.accounts:
            line("next: `hub check` tries the accounts, `hub worker` does the work")
        else:
            line(f"next: describe an account in {loaded.place}, then run `hub check`")

    tell(result, show, as_json=as_json)


def _write_example() -> Path | None:
    """Write the example where the settings are looked for, unless there are some already."""
    import os

    from hub import bootstrap
    from hub.cli.shared.shell import options
    from hub.errors import SettingsError
    from hub.settings import HubSettings, example, load

    named = options().config or (Path(os.environ["HUB_CONFIG"]).expanduser() if os.environ.get("HUB_CONFIG") else None)
    path = named or Path("hub.toml")
    if path.exists() or (named is None and load().path is not None):
        return None
    text = example(bootstrap.load_plugins(HubSettings()).models())
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise SettingsError(
            f"{path} can't be written: {error.strerror}",
            next_step="run `hub init` in a folder that you may write to, or name one with --config",
        ) from None
    return path


def _database(loaded: Loaded) -> str:
    from hub.http.redact import redact

    url = loaded.settings.database_url
    if url is None:
        return f"embedded, in {loaded.settings.data_dir}"
    return redact(url.get_secret_value())
