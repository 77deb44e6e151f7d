"""What every command stands on: the global options, the settings, and the hub for as long as the command runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from hub.bootstrap import Hub
    from hub.db.storage import Storage
    from hub.settings import Loaded
    from hub.sla.offer import Offer

T = TypeVar("T")


@dataclass(frozen=True)
class Options:
    """The options before the command."""

    config: Path | None = None
    debug: bool = False


_OPTIONS: ContextVar[Options] = ContextVar("options", default=Options())  # noqa: B039 - it is frozen


def options() -> Options:
    """The options of this run."""
    return _OPTIONS.get()


def set_options(chosen: Options) -> None:
    """Keep the options for this run."""
    _OPTIONS.set(chosen)


def settings(*, service: bool = False) -> Loaded:
    """The settings, and logging set up by them; a service logs at the level that is set, a command warnings only.

    Raises SettingsError.
    """
    from hub.cli.shared.logs import set_up_logging
    from hub.settings import load

    loaded = load(options().config)
    chosen = loaded.settings
    level = "debug" if options().debug else chosen.log_level if service else max_level(chosen.log_level)
    set_up_logging(level, chosen.log_format)
    return loaded


def offer() -> Offer:
    """The offer that the settings name, or the hub's own. Raises SettingsError."""
    from hub.sla.offer import read_offer

    return read_offer(settings().settings.offer)


def max_level(level: str) -> str:
    """The level, or `warning` when it is chattier."""
    return level if level in {"warning", "error"} else "warning"


def run(work: Coroutine[Any, Any, T]) -> T:
    """Do what waits, to its end; Ctrl-C cancels it."""
    return asyncio.run(work)


def with_hub(work: Callable[[Hub], Awaitable[T]]) -> T:
    """What `work` makes of the open hub. Raises SettingsError, StorageUnavailable and what `work` raises."""
    from hub import bootstrap

    loaded = settings()

    async def opened() -> T:
        async with bootstrap.open_hub(loaded, connections=4) as hub:
            return await work(hub)

    return run(opened())


def with_storage(work: Callable[[Storage], Awaitable[T]]) -> T:
    """What `work` makes of the database, for commands that only read; loads no plugin."""
    from hub import bootstrap

    loaded = settings()

    async def opened() -> T:
        async with bootstrap.open_storage(loaded.settings, connections=4) as storage:
            await storage.hub_id()
            return await work(storage)

    return run(opened())


def who(name: str) -> str:
    """The name for the journal: the one given, or the system user's."""
    if name:
        return name
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return "unknown"
