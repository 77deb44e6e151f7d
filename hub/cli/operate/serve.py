"""`hub serve`: takes what vendors push, until it is told to stop."""

from __future__ import annotations

import asyncio
import socket
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.operate.service import serve_hub, stop_on_signals
from hub.cli.shared.options import AsJson

if TYPE_CHECKING:
    from uvicorn import Server

    from hub.bootstrap import Hub
    from hub.settings import Loaded


def serve(
    host: Annotated[str, typer.Option("--host", help="The address to listen on; by default serve_host.")] = "",
    port: Annotated[
        int | None,
        typer.Option("--port", min=0, max=65535, help="The port; by default serve_port, 0 takes a free one."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Take deliveries of vendors and answer health checks, until SIGTERM or Ctrl-C.

    A delivery only makes the workers look sooner. Put a reverse proxy with TLS in front of it.
    """
    from hub.cli.shared.shell import run, settings

    loaded = settings(service=True)
    chosen = loaded.settings
    run(_serve(loaded, host or chosen.serve_host, chosen.serve_port if port is None else port, as_json=as_json))


async def _serve(loaded: Loaded, host: str, port: int, *, as_json: bool) -> None:
    from hub.cli.shared.output import line, tell

    stopping = stop_on_signals()
    listening = _listen(host, port)
    url = f"http://{host}:{listening.getsockname()[1]}"
    told = f"{url} takes deliveries at /webhooks/ACCOUNT until Ctrl-C"

    async def work(hub: Hub) -> None:
        import uvicorn

        from hub.model import utc_now
        from hub.serve import make_app
        from hub.serve.receive import Receiver

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
        vars(server)["capture_signals"] = nullcontext  # the signals are ours
        tell({"url": url}, lambda: line(told), as_json=as_json)
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


async def _end(server: Server, stopping: asyncio.Event) -> None:
    await stopping.wait()
    server.should_exit = True


def _listen(host: str, port: int) -> socket.socket:
    from hub.errors import SettingsError

    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise SettingsError(
            f"{host}:{port} can't be used: {error.strerror}", next_step="choose another port, or 0 for a free one"
        ) from None
