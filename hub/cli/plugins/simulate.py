"""`hub simulate`: a fake of a vendor's system on a port of this machine."""

from __future__ import annotations

import asyncio
import shlex
import signal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.shared.options import AsJson

if TYPE_CHECKING:
    from hub.vendors import Vendor


def simulate(
    name: Annotated[str, typer.Argument(metavar="VENDOR", help="A vendor whose plugin brings a simulator.")],
    platform: Annotated[
        str, typer.Option("--platform", help="Which of the vendor's systems, where it has several.")
    ] = "",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes a free one; it is printed.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Run a vendor's system as a simulation, until it is stopped; prints the account that fits it."""
    from hub import bootstrap
    from hub.cli.shared.shell import run, settings
    from hub.errors import NotFound

    vendors = bootstrap.load_plugins(settings().settings).vendors
    if name not in vendors:
        raise NotFound(
            f"no loaded plugin speaks for {name!r}", next_step=f"choose one of: {', '.join(vendors) or 'none'}"
        )
    run(_serve(vendors[name], platform, port, as_json=as_json))


async def _serve(vendor: Vendor, platform: str, port: int, *, as_json: bool) -> None:
    import sys

    from hub.cli.shared.output import line, tell
    from hub.errors import SettingsError
    from hub.settings import export_account
    from hub.settings.sources import secret_fields
    from hub.simulators.kit import serve

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
            table, variables = export_account(account, model, {"vendor": vendor.name, **fits})
            shown = {"vendor": vendor.name, **fits}
            plain = {key: value for key, value in shown.items() if key not in secret_fields(model)}
            told = {"url": served.url, "account": account, "settings": plain, "environment": variables}
            tell(told, lambda: line(_text(served.url, table, variables)), as_json=as_json)
            sys.stdout.flush()
            await done.wait()
    except OSError as error:
        raise SettingsError(
            f"port {port} can't be used: {error.strerror}", next_step="choose another port, or 0 for a free one"
        ) from None


def _text(url: str, table: str, variables: dict[str, str]) -> str:
    lines = [f"{url} answers until Ctrl-C; the account for hub.toml:", "", table]
    if variables:
        lines += ["and for the environment:", ""]
        lines += [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
    return "\n".join(lines)
