"""`hub serve`: receives vendors' webhooks until it is stopped."""

from __future__ import annotations

import asyncio
import socket
import sys
from contextlib import nullcontext
from typing import Annotated

import typer
import uvicorn

from hub.bootstrap import Hub
from hub.cli.operate.daemon import serve_hub, stop_on_signals
from hub.cli.shared.options import AsJson
from hub.cli.shared.output import print_line, print_result
from hub.cli.shared.runtime import load_settings, run
from hub.errors import SettingsError
from hub.model import utc_now
from hub.serve import make_app
from hub.serve.receive import Receiver
from hub.settings import Loaded


def serve(
    host: Annotated[
        str,
        typer.Option("--host", metavar="ADDRESS", help="The address to listen on; default: the setting serve_host."),
    ] = "",
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            metavar="PORT",
            min=0,
            max=65535,
            help="The port; default: the setting serve_port. 0 picks a free port.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Receive vendors' webhooks, and answer health checks.

    A webhook only makes the workers fetch sooner. Put a TLS reverse proxy in front. SIGTERM or Ctrl-C stops the server.
    """
    loaded = load_settings(service=True)
    settings = loaded.settings
    run(_serve(loaded, host or settings.serve_host, settings.serve_port if port is None else port, as_json=as_json))


async def _serve(loaded: Loaded, host: str, port: int, *, as_json: bool) -> None:
    stopping = stop_on_signals()
    listening = _listen(host, port)
    url = f"http://{host}:{listening.getsockname()[1]}"

    async def work(hub: Hub) -> None:
        receiver = Receiver(hub.context, clock=utc_now)
        config = uvicorn.Config(
            make_app(receiver, hub.plugins.routes()),
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=5,
            lifespan="off",
            limit_concurrency=200,
            timeout_keep_alive=15,
        )
        server = uvicorn.Server(config)
        vars(server)["capture_signals"] = nullcontext  # the signals are handled here
        message = f"{url} receives webhooks at /webhooks/ACCOUNT; press Ctrl-C to stop"
        print_result({"url": url}, lambda: print_line(message), as_json=as_json)
        sys.stdout.flush()
        jobs = [asyncio.create_task(receiver.clean_up()), asyncio.create_task(_end(server, stopping))]
        try:
            await server.serve(sockets=[listening])
        finally:
            for job in jobs:
                job.cancel()

    try:
        await serve_hub(loaded, "receiver", stopping, work)
    finally:
        listening.close()


async def _end(server: uvicorn.Server, stopping: asyncio.Event) -> None:
    await stopping.wait()
    server.should_exit = True


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise SettingsError(
            f"can't listen on {host}:{port}: {error.strerror}", next_step="choose another port, or 0 for a free one"
        ) from None
