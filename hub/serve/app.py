"""The ASGI application of `hub serve`: deliveries, liveness, readiness, and the plugins' own endpoints."""

from __future__ import annotations

import logging
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from hub.errors import DeliveryRefused, HubError, NotFound, StorageUnavailable
from hub.serve.receive import Receiver

log = logging.getLogger("hub.serve")

MOST_BYTES = 256 * 1024
"""Of one delivery."""


def make_app(receiver: Receiver, routes: dict[str, Any] | None = None) -> Starlette:
    """The application; `routes` are the plugins' own ASGI applications by name, served under /plugins/NAME."""

    async def deliver(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return _problem(413, "the delivery is too large", f"at most {MOST_BYTES} bytes are taken")
        headers = {name.lower(): value for name, value in request.headers.items()}
        account, rest = request.path_params["account"], request.path_params.get("rest", "")
        await receiver.take(account, rest, dict(request.query_params), headers, body)
        return JSONResponse({"received": True})

    async def live(_: Request) -> Response:
        return JSONResponse({"alive": True})

    async def ready(_: Request) -> Response:
        problem = await receiver.problem()
        told = {"ready": not problem, **({"problem": problem} if problem else {})}
        return JSONResponse(told, status_code=503 if problem else 200)

    hooks: list[BaseRoute] = [
        Route("/webhooks/{account}", deliver, methods=["POST"]),
        Route("/webhooks/{account}/{rest:path}", deliver, methods=["POST"]),
        Route("/health/live", live),
        Route("/health/ready", ready),
        *(Mount(f"/plugins/{name}", app) for name, app in (routes or {}).items()),
    ]
    return Starlette(routes=hooks, exception_handlers={HubError: _failed, ClientDisconnect: _gone})


async def _body(request: Request) -> bytes | None:
    """The raw body, or None beyond the limit; what the sender says of its length is not trusted."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MOST_BYTES:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


async def _failed(_: Request, error: Exception) -> Response:
    assert isinstance(error, HubError)
    if isinstance(error, (DeliveryRefused, NotFound)):
        # one answer for both: who guesses names of accounts learns nothing
        return _problem(401, "the delivery is refused", "")
    if isinstance(error, StorageUnavailable):
        return _problem(503, "the hub can't take it now", "send it again")
    log.error("a delivery could not be taken: %s: %s", type(error).__name__, error.message)
    return _problem(500, "the delivery could not be taken", "")


async def _gone(_: Request, __: Exception) -> Response:
    return Response(status_code=400)


def _problem(status: int, title: str, detail: str) -> JSONResponse:
    told = {"type": "about:blank", "title": title, "status": status, **({"detail": detail} if detail else {})}
    return JSONResponse(told, status_code=status, media_type="application/problem+json")
