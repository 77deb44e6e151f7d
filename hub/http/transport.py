"""httpx transports that record how far a request has come: aiohttp's connections, or httpx's own."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import aiohttp
import httpx
from aiohttp.connector import Connection as AiohttpConnection
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from hub.errors import SettingsError
from hub.http.outcome import Progress

CONNECT_SECONDS = 10.0
KEEPALIVE_SECONDS = 15.0
CHUNK = 65536  # bytes

_progress: ContextVar[Progress] = ContextVar("progress")


def tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """A context that verifies certificates, also against a private CA if one is given; raises SettingsError."""
    context = httpx.create_ssl_context(trust_env=False)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is not None:
        try:
            context.load_verify_locations(ca_file)
        except (OSError, ssl.SSLError) as error:
            raise SettingsError(f"ca_file {ca_file} is not a readable file of PEM certificates") from error
    return context


class _ConnectionUnusable(Exception):
    """The pooled connection can't be used; nothing was sent on it."""


class _MarkedRequest(aiohttp.ClientRequest):
    """Records progress at the moment when a connection gets the request.

    It refuses a connection with unexpected data, which aiohttp would take for the next answer, and a connection that
    the server has closed. Two turns of the event loop make a close visible that has already arrived.
    """

    async def send(self, conn: AiohttpConnection) -> aiohttp.ClientResponse:
        if self.method not in {"GET", "HEAD"}:
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        if conn.protocol is None or conn.protocol.should_close or not conn.protocol.is_connected():
            raise _ConnectionUnusable
        _progress.get().left = True
        return await super().send(conn)


async def _send_once(
    request: aiohttp.ClientRequest, handler: Callable[[aiohttp.ClientRequest], Awaitable[aiohttp.ClientResponse]]
) -> aiohttp.ClientResponse:
    """Keep aiohttp from resending GET, PUT and DELETE when a connection is lost.

    It resends after these two errors only. The hub decides about retries itself, as it knows which calls are writes.
    """
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise aiohttp.ClientConnectionError("connection lost") from error


class AiohttpTransport(httpx.AsyncBaseTransport):
    """Sends httpx's requests over aiohttp's connections, and uses nothing else of aiohttp.

    No cookies, redirects, retries, decompression, proxy from the environment or limit on connections: the client
    decides about all of these. Errors are httpx's own, with aiohttp's as the cause.
    """

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    ssl=self._tls or True, limit=0, keepalive_timeout=KEEPALIVE_SECONDS, ttl_dns_cache=30
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(sock_connect=CONNECT_SECONDS),
                auto_decompress=False,
                request_class=_MarkedRequest,
                middlewares=(_send_once,),
                trust_env=False,
                read_bufsize=CHUNK,
            )
        return self._session

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; the response's body is not read yet."""
        try:
            data: Any = request.content or None
        except httpx.RequestNotRead:
            data = request.stream
        mark = _progress.set(request.extensions["progress"])
        try:
            response = await self._send(request, data)
        except Exception as error:
            raise _translated(error, request) from error
        finally:
            _progress.reset(mark)
        return httpx.Response(
            response.status, headers=response.raw_headers, stream=_Body(response, request), request=request
        )

    async def _send(self, request: httpx.Request, data: Any) -> aiohttp.ClientResponse:
        while True:
            try:
                return await self._open_session().request(
                    request.method,
                    URL(str(request.url), encoded=True),
                    headers=[(k, v) for k, v in request.headers.multi_items() if k != "transfer-encoding"],
                    skip_auto_headers=("Content-Type", "User-Agent", "Accept"),
                    data=data,
                    allow_redirects=False,
                )
            except _ConnectionUnusable:  # it is closed now, so the pool runs out of such connections
                continue

    async def aclose(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()


class _Body(httpx.AsyncByteStream):
    def __init__(self, response: aiohttp.ClientResponse, request: httpx.Request) -> None:
        self._response, self._request = response, request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._response.content.iter_chunked(CHUNK):
                yield chunk
        except (aiohttp.ClientError, HttpProcessingError, OSError) as error:
            raise _translated(error, self._request) from error

    async def aclose(self) -> None:
        self._response.release()


def _translated(error: Exception, request: httpx.Request) -> Exception:
    kind: type[httpx.TransportError]
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        kind = httpx.ConnectTimeout
    elif isinstance(error, (aiohttp.ClientConnectorError, ssl.SSLError)):
        kind = httpx.ConnectError
    elif isinstance(error, (aiohttp.ClientResponseError, HttpProcessingError)):
        kind = httpx.RemoteProtocolError
    elif isinstance(error, (aiohttp.ClientError, OSError)):
        kind = httpx.ReadError
    else:
        return error
    return kind(type(error).__name__, request=request)


class HttpxTransport(httpx.AsyncBaseTransport):
    """httpx's own connections, with the same progress; slower.

    Each connection serves one request: data behind a body that is too long would be taken for the next answer.
    """

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        self._inner = httpx.AsyncHTTPTransport(verify=tls or False, limits=limits, trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; the response's body is not read yet."""
        progress: Progress = request.extensions["progress"]

        async def trace(event: str, _: Any) -> None:
            if event.endswith("send_request_headers.started"):
                progress.left = True

        request.extensions |= {"trace": trace, "timeout": {"connect": CONNECT_SECONDS}}
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._inner.aclose()


class Observed(httpx.AsyncBaseTransport):
    """Any other transport, such as a mock: a request counts as sent unless it could not connect."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request."""
        progress: Progress = request.extensions["progress"]
        progress.left = True
        try:
            return await self._inner.handle_async_request(request)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            progress.left = False
            raise

    async def aclose(self) -> None:
        """Close the transport."""
        await self._inner.aclose()


def make_transport(kind: str, tls: ssl.SSLContext | None) -> httpx.AsyncBaseTransport:
    """The transport with this name, `aiohttp` or `httpx`; raises SettingsError for any other."""
    if kind == "aiohttp":
        return AiohttpTransport(tls)
    if kind == "httpx":
        return HttpxTransport(tls)
    raise SettingsError(f"unknown transport {kind!r}", next_step="choose aiohttp or httpx")
