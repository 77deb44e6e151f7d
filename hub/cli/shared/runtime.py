"""What commands need at run time: the settings, the offer, and the open hub or database."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from hub.cli.shared.logs import set_up_logging
from hub.cli.shared.options import global_options
from hub.settings import Loaded, load
from hub.sla.offer import Offer, read_offer

if TYPE_CHECKING:
    from hub.bootstrap import Hub
    from hub.db.storage import Storage

T = TypeVar("T")


def load_settings(*, service: bool = False) -> Loaded:
    """The settings, with logging set up: a service logs at the level that is set, a command warnings only.

    Raises SettingsError.
    """
    loaded = load(global_options().config)
    level = loaded.settings.log_level
    if not service and level != "error":
        level = "warning"
    set_up_logging("debug" if global_options().debug else level, loaded.settings.log_format)
    return loaded


def load_offer() -> Offer:
    """The offer that the settings name, or the hub's own. Raises SettingsError."""
    return read_offer(load_settings().settings.offer)


def run(work: Coroutine[Any, Any, T]) -> T:
    """The result of the coroutine; Ctrl-C cancels it."""
    return asyncio.run(work)


def with_hub(work: Callable[[Hub], Awaitable[T]]) -> T:
    """The result of `work` on the open hub. Raises SettingsError, StorageUnavailable and what `work` raises."""
    from hub import bootstrap  # half a second that commands without a database save

    loaded = load_settings()

    async def work_on_hub() -> T:
        async with bootstrap.open_hub(loaded, connections=4) as hub:
            return await work(hub)

    return run(work_on_hub())


def with_storage(work: Callable[[Storage], Awaitable[T]]) -> T:
    """The result of `work` on the database; loads no plugin. Raises as `with_hub` does."""
    from hub import bootstrap  # as above

    loaded = load_settings()

    async def work_on_storage() -> T:
        async with bootstrap.open_storage(loaded.settings, connections=4) as storage:
            await storage.hub_id()
            return await work(storage)

    return run(work_on_storage())


def acting_user(name: str) -> str:
    """The name for the journal: the given one, or the system user's."""
    if name:
        return name
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return "unknown"
