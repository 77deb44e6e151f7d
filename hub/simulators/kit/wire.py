"""Misbehaviour below the protocol: cut, garbled and dripping connections."""

from __future__ import annotations

import asyncio
import socket
import struct
from http import HTTPStatus

from aiohttp import web

from hub.simulators.kit.call import Reply

# With a linger time of zero the kernel sends a reset instead of an orderly end.
_RESET = struct.pack("ii", 1, 0)


def hang_up(request: web.BaseRequest) -> web.Response:
    """Reset the connection without a byte of reply."""
    if request.transport is not None:
        abort(request.transport)
    return web.Response()


def abort(transport: asyncio.Transport | asyncio.WriteTransport) -> None:
    """Reset a connection."""
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport.abort()


def cut(request: web.BaseRequest, reply: Reply) -> web.Response:
    """Promise the whole body, send half of it and end the connection."""
    # A cut must show even for an empty body, so at least one byte is promised.
    return _write_and_close(request, head(reply, max(1, len(reply.body))) + reply.body[: len(reply.body) // 2])


def garble(request: web.BaseRequest) -> web.Response:
    """Send a first line that no HTTP client can read."""
    return _write_and_close(request, b"HTPP/one.one okay\r\n\r\n")


async def drip(request: web.BaseRequest, reply: Reply, seconds: float) -> web.Response:
    """Send head and body one byte at a time, until done or the client disconnects."""
    transport = request.transport
    for byte in head(reply, len(reply.body)) + reply.body:
        if transport is None or transport.is_closing():
            break
        transport.write(bytes((byte,)))
        await asyncio.sleep(seconds)
    return _write_and_close(request, b"")


def head(reply: Reply, length: int) -> bytes:
    """The reply's status line and headers as sent on a connection that will close."""
    lines = [f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in reply.headers.items()]
    lines += [f"Content-Length: {length}", "Connection: close"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _write_and_close(request: web.BaseRequest, data: bytes) -> web.Response:
    transport = request.transport
    if transport is not None and not transport.is_closing():
        if data:
            transport.write(data)
        transport.close()
    return web.Response()
