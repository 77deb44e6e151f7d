"""The demo's stage: a fresh data folder with its database, a simulated vendor, and a hub with an account there."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import tomli_w

from hub import bootstrap
from hub.context import HubContext, VendorAccount
from hub.errors import HubError, NotFound, PluginError
from hub.settings import HubSettings, export_account, load
from hub.simulators.kit import Desk, serve
from hub.vendors import Plugins, Vendor

ACCOUNT = "demo"
QUICK: dict[str, object] = {"poll_seconds": 1, "knowledge_seconds": 1, "settle_seconds": 0.5}
PAUSE = 0.1
"""Seconds between two looks at the hub's state."""


class DemoFailed(HubError):
    """The demo did not come to where it has to come."""


@dataclass(frozen=True)
class Partner:
    """One more account, and the simulated system behind it."""

    vendor_account: VendorAccount
    vendor: Desk


@dataclass(frozen=True)
class DemoStage:
    """All that the acts play with."""

    context: HubContext
    vendor_account: VendorAccount
    vendor: Desk
    url: str
    folder: Path
    partners: tuple[Partner, ...] = ()
    """All other systems that can be simulated, unless one vendor was asked for."""

    async def until(self, what: str, reached: Callable[[], Awaitable[bool]], seconds: float = 30) -> None:
        """Wait until the hub's state is as described. Raises Fails when it is not within so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                while not await reached():  # noqa: ASYNC110 - the state is the database's, not this process's
                    await asyncio.sleep(PAUSE)
        except TimeoutError:
            raise DemoFailed(
                f"{what}: not so within {seconds:.0f} s", next_step="run the demo again with --keep"
            ) from None


@asynccontextmanager
async def set_up(vendor: str, *, keep: bool) -> AsyncIterator[DemoStage]:
    """The stage, until the block ends; then all of it is gone, but for the folder if it is to be kept.

    Raises NotFound or PluginError when no vendor can be simulated, SettingsError when the database can't start.
    """
    plugins = bootstrap.load_plugins(HubSettings())
    found = _choose(plugins, vendor)
    # Right under the system's folder, which every user may enter: root's database runs as another user.
    folder = Path(tempfile.mkdtemp(prefix="hub-demo-"))
    played = {ACCOUNT: (found, found.info.platforms[0] if found.info.platforms else "")}
    if not vendor:
        played |= _others(plugins, found)
    try:
        async with AsyncExitStack() as stack:
            desks, tables, env, urls = {}, "", dict[str, str](), {}
            for name, (one, platform) in played.items():
                desks[name] = one.simulator(platform)
                urls[name] = (await stack.enter_async_context(serve(desks[name]))).url
                told = {"vendor": one.name, **QUICK, **desks[name].account(urls[name])}
                told |= {"platform": platform} if platform else {}
                table, secret = export_account(name, one.settings(platform), told)
                tables, env = f"{tables}\n{table}", env | secret
            path = folder / "hub.toml"
            path.write_text(tomli_w.dumps({"data_dir": str(folder)}) + tables, encoding="utf-8")
            loaded = load(path, env)
            storage = await stack.enter_async_context(bootstrap.open_storage(loaded.settings, connections=2))
            await storage.upgrade()
            await storage.ensure_hub_id(secrets.token_hex(8))
            hub = await stack.enter_async_context(bootstrap.open_hub(loaded, plugins=plugins))
            others = tuple(
                Partner(hub.context.vendor_account(name), desk) for name, desk in desks.items() if name != ACCOUNT
            )
            yield DemoStage(
                hub.context, hub.context.vendor_account(ACCOUNT), desks[ACCOUNT], urls[ACCOUNT], folder, others
            )
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def _others(plugins: Plugins, chosen: Vendor) -> dict[str, tuple[Vendor, str]]:
    """Every other vendor's systems that can be simulated, by the name of an account there."""
    return {
        "-".join(filter(None, (name, platform))).replace("_", "-"): (vendor, platform)
        for name, vendor in plugins.vendors.items()
        if vendor is not chosen and "simulator" in vendor.capabilities
        for platform in vendor.info.platforms or ("",)
    }


def _choose(plugins: Plugins, name: str) -> Vendor:
    if name and name not in plugins.vendors:
        known = ", ".join(sorted(plugins.vendors)) or "none"
        raise NotFound(f"there is no vendor {name!r}", next_step=f"loaded plugins: {known}")
    wanted = [plugins.vendors[name]] if name else list(plugins.vendors.values())
    able = [one for one in wanted if "simulator" in one.capabilities]
    if not able:
        raise PluginError(f"{name or 'no loaded plugin'} brings no simulator", next_step="see `hub plugins`")
    return able[0]
