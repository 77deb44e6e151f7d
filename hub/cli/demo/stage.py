"""The demo's stage: a fresh data folder with its database, a simulated vendor, and a hub with an account there."""

from __future__ import annotations

import asyncio
import json
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hub import bootstrap
from hub.bonding.parts import Parts, Party
from hub.errors import HubError, NotFound, PluginError
from hub.settings import HubSettings, load, written
from hub.simulators.kit import Simulator, serve
from hub.vendors import Plugins, Vendor

ACCOUNT = "demo"
PAUSE = 0.1
"""Seconds between two looks at the hub's state."""


class Fails(HubError):
    """The demo did not come to where it has to come."""


class Stand(Simulator, Protocol):
    """A simulated vendor that can say which account fits it."""

    def account(self, url: str) -> dict[str, object]:
        """The account settings that fit it at its address, secrets included."""


@dataclass(frozen=True)
class Stage:
    """All that the acts play with."""

    parts: Parts
    party: Party
    vendor: Stand
    url: str
    folder: Path

    async def until(self, what: str, reached: Callable[[], Awaitable[bool]], seconds: float = 30) -> None:
        """Wait until the hub's state is as described. Raises Fails when it is not within so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                while not await reached():  # noqa: ASYNC110 - the state is the database's, not this process's
                    await asyncio.sleep(PAUSE)
        except TimeoutError:
            raise Fails(
                f"{what}: not so within {seconds:.0f} s", next_step="run the demo again with --keep"
            ) from None


@asynccontextmanager
async def set_up(vendor: str, *, keep: bool) -> AsyncIterator[Stage]:
    """The stage, until the block ends; then all of it is gone, but for the folder if it is to be kept.

    Raises NotFound or PluginError when no vendor can be simulated, SettingsError when the database can't start.
    """
    plugins = bootstrap.load_plugins(HubSettings())
    found = _choose(plugins, vendor)
    # Right under the system's folder, which every user may enter: root's database runs as another user.
    folder = Path(tempfile.mkdtemp(prefix="hub-demo-"))
    try:
        simulator: Stand = found.simulator()
        async with serve(simulator) as served:
            loaded = load(*_configure(folder, found, simulator.account(served.url)))
            async with bootstrap.open_storage(loaded.settings, connections=2) as storage:
                await storage.upgrade()
                await storage.ensure_hub_id(secrets.token_hex(8))
                async with bootstrap.open_hub(loaded, plugins=plugins) as hub:
                    yield Stage(hub.parts, hub.parts.party(ACCOUNT), simulator, served.url, folder)
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def _choose(plugins: Plugins, name: str) -> Vendor:
    if name and name not in plugins.vendors:
        known = ", ".join(sorted(plugins.vendors)) or "none"
        raise NotFound(f"there is no vendor {name!r}", next_step=f"loaded plugins: {known}")
    wanted = [plugins.vendors[name]] if name else list(plugins.vendors.values())
    able = [one for one in wanted if "simulator" in one.capabilities]
    if not able:
        raise PluginError(f"{name or 'no loaded plugin'} brings no simulator", next_step="see `hub plugins`")
    return able[0]


def _configure(folder: Path, vendor: Vendor, account: dict[str, object]) -> tuple[Path, dict[str, str]]:
    """A settings file like any other; the secrets go the way of the environment."""
    quick: dict[str, object] = {"vendor": vendor.name, "poll_seconds": 1, "settle_seconds": 0.5}
    table, secrets_told = written(ACCOUNT, vendor.settings(), quick | account)
    path = folder / "hub.toml"
    path.write_text(f"data_dir = {json.dumps(str(folder))}\n\n{table}", encoding="utf-8")
    return path, secrets_told
