"""`hub simulate`: a simulated vendor on a local port."""

from __future__ import annotations

import asyncio
import shlex
import signal
import sys
from typing import Annotated, Any

import typer

from hub import bootstrap
from hub.cli.shared.options import AsJson
from hub.cli.shared.output import print_line, print_result
from hub.cli.shared.runtime import load_settings, run
from hub.errors import NotFound, SettingsError
from hub.settings import export_account
from hub.settings.sources import secret_fields
from hub.simulators.kit import serve
from hub.vendors import Vendor


def simulate(
    name: Annotated[str, typer.Argument(metavar="VENDOR", help="A vendor whose plugin brings a simulator.")],
    platform: Annotated[
        str,
        typer.Option("--platform", metavar="PLATFORM", help="The vendor's platform to simulate, if it has several."),
    ] = "",
    port: Annotated[
        int, typer.Option("--port", metavar="PORT", min=0, max=65535, help="The port; 0 picks a free port.")
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Run a simulated vendor on a local port.

    Prints the settings of an account that can use it, and runs until it is stopped with SIGTERM or Ctrl-C.
    """
    vendors = bootstrap.load_plugins(load_settings().settings).vendors
    if name not in vendors:
        raise NotFound(
            f"no plugin for vendor {name!r} is loaded", next_step=f"choose one of: {', '.join(vendors) or 'none'}"
        )
    run(_serve(vendors[name], platform, port, as_json=as_json))


async def _serve(vendor: Vendor, platform: str, port: int, *, as_json: bool) -> None:
    done = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, done.set)
    simulator = vendor.simulator(platform)
    account = f"{vendor.name.replace('_', '-')}-sim"
    try:
        async with serve(simulator, port=port) as served:
            fits: dict[str, Any] = simulator.account(served.url) if hasattr(simulator, "account") else {}
            model = vendor.settings(platform)
            settings = {"vendor": vendor.name, **fits}
            table, variables = export_account(account, model, settings)
            plain = {key: value for key, value in settings.items() if key not in secret_fields(model)}
            data = {"url": served.url, "account": account, "settings": plain, "environment": variables}
            print_result(data, lambda: print_line(_text(served.url, table, variables)), as_json=as_json)
            sys.stdout.flush()
            await done.wait()
    except OSError as error:
        raise SettingsError(
            f"can't listen on port {port}: {error.strerror}", next_step="choose another port, or 0 for a free one"
        ) from None


def _text(url: str, table: str, variables: dict[str, str]) -> str:
    lines = [f"simulating at {url}; press Ctrl-C to stop. To use it, add to hub.toml:", "", table]
    if variables:
        lines += ["and to the environment:", ""]
        lines += [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
    return "\n".join(lines)
