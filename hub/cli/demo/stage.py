"""Sets the demo up: a new data folder with its database, simulated vendors, and a hub with an account at each."""

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
from hub.simulators.kit import VendorSimulator, serve
from hub.vendors import Plugins, Vendor

ACCOUNT = "demo"
QUICK: dict[str, object] = {"poll_seconds": 1, "knowledge_seconds": 1, "settle_seconds": 0.5}
PAUSE = 0.1
"""Seconds between two checks of the hub's state."""


class DemoFailed(HubError):
    """The demo did not reach an expected state in time."""


@dataclass(frozen=True)
class Partner:
    """One more account, and the simulated system behind it."""

    vendor_account: VendorAccount
    vendor: VendorSimulator


@dataclass(frozen=True)
class DemoStage:
    """What the acts work with."""

    context: HubContext
    vendor_account: VendorAccount
    vendor: VendorSimulator
    url: str
    folder: Path
    partners: tuple[Partner, ...] = ()
    """Every other system that can be simulated; none if one vendor was asked for."""

    async def until(self, what: str, reached: Callable[[], Awaitable[bool]], seconds: float = 30) -> None:
        """Wait until `reached` returns true. Raises DemoFailed after `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                while not await reached():  # noqa: ASYNC110 - the state is the database's, not this process's
                    await asyncio.sleep(PAUSE)
        except TimeoutError:
            raise DemoFailed(
                f"not reached within {seconds:.0f} s: {what}", next_step="run the demo again with --keep"
            ) from None


@asynccontextmanager
async def set_up(vendor: str, *, keep: bool) -> AsyncIterator[DemoStage]:
    """The stage, until the block ends; then everything is removed, except the folder if it is to be kept.

    Raises NotFound or PluginError when no vendor can be simulated, SettingsError when the database can't start.
    """
    plugins = bootstrap.load_plugins(HubSettings())
    chosen = _choose(plugins, vendor)
    # Directly in the system's temporary folder, which every user may enter: root's database runs as another user.
    folder = Path(tempfile.mkdtemp(prefix="hub-demo-"))
    systems = {ACCOUNT: (chosen, chosen.info.platforms[0] if chosen.info.platforms else "")}
    if not vendor:
        systems |= _others(plugins, chosen)
    try:
        async with AsyncExitStack() as stack:
            desks, tables, env, urls = {}, "", dict[str, str](), {}
            for name, (simulated, platform) in systems.items():
                desks[name] = simulated.simulator(platform)
                urls[name] = (await stack.enter_async_context(serve(desks[name]))).url
                settings = {"vendor": simulated.name, **QUICK, **desks[name].account(urls[name])}
                settings |= {"platform": platform} if platform else {}
                table, secret = export_account(name, simulated.settings(platform), settings)
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
        raise NotFound(f"there is no vendor {name!r}", next_step=f"choose one of: {known}")
    wanted = [plugins.vendors[name]] if name else list(plugins.vendors.values())
    able = [vendor for vendor in wanted if "simulator" in vendor.capabilities]
    if not able:
        raise PluginError(
            f"{name} can't be simulated" if name else "no vendor can be simulated", next_step="see `hub plugins`"
        )
    return able[0]
