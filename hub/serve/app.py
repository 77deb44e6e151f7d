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

MAX_BYTES = 256 * 1024
"""The size limit of one delivery."""


def make_app(receiver: Receiver, routes: dict[str, Any] | None = None) -> Starlette:
    """The application; `routes` are the plugins' own ASGI applications by name, served under /plugins/NAME."""

    async def deliver(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return _problem(413, "the delivery is too large", f"the limit is {MAX_BYTES} bytes")
        headers = {name.lower(): value for name, value in request.headers.items()}
        account, rest = request.path_params["account"], request.path_params.get("rest", "")
        await receiver.take(account, rest, dict(request.query_params), headers, body)
        return JSONResponse({"received": True})

    async def live(_: Request) -> Response:
        return JSONResponse({"alive": True})

    async def ready(_: Request) -> Response:
        problem = await receiver.problem()
        content = {"ready": not problem, **({"problem": problem} if problem else {})}
        return JSONResponse(content, status_code=503 if problem else 200)

    hooks: list[BaseRoute] = [
        Route("/webhooks/{account}", deliver, methods=["POST"]),
        Route("/webhooks/{account}/{rest:path}", deliver, methods=["POST"]),
        Route("/health/live", live),
        Route("/health/ready", ready),
        *(Mount(f"/plugins/{name}", app) for name, app in (routes or {}).items()),
    ]
    return Starlette(routes=hooks, exception_handlers={HubError: _error_response, ClientDisconnect: _disconnected})


async def _body(request: Request) -> bytes | None:
    """The raw body, or None above the limit; the sender's Content-Length is not trusted."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BYTES:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


async def _error_response(_: Request, error: Exception) -> Response:
    assert isinstance(error, HubError)
    if isinstance(error, (DeliveryRefused, NotFound)):
        # the same reply for both, so that account names can't be guessed
        return _problem(401, "the delivery was refused", "")
    if isinstance(error, StorageUnavailable):
        return _problem(503, "the hub is unavailable", "send it again later")
    log.error("a delivery failed: %s: %s", type(error).__name__, error.message)
    return _problem(500, "the delivery failed", "")


async def _disconnected(_: Request, __: Exception) -> Response:
    return Response(status_code=400)


def _problem(status: int, title: str, detail: str) -> JSONResponse:
    content = {"type": "about:blank", "title": title, "status": status, **({"detail": detail} if detail else {})}
    return JSONResponse(content, status_code=status, media_type="application/problem+json")
