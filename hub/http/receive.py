"""Reads reply bodies within limits: unpacks them bit by bit and proves that they are complete."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator

import httpx

from hub.errors import VendorMisbehaved
from hub.http.fate import BodyBroken

STEP = 262144  # bytes unpacked at once; what bounds the memory that a bomb can take


async def unpacked(response: httpx.Response) -> AsyncIterator[bytes]:
    """The body's bytes, gzip and deflate undone; raises BodyBroken for other codings and broken ones."""
    coding = response.headers.get("content-encoding", "").strip().lower()
    if response.is_stream_consumed:  # a reply made in memory, by a mock
        yield response.content
        return
    if coding in {"", "identity"}:
        async for chunk in response.aiter_raw():
            yield chunk
        return
    if coding not in {"gzip", "x-gzip", "deflate"}:
        raise BodyBroken("content coding was not asked for")
    unpacker = None
    async for raw in response.aiter_raw():
        if unpacker is None and raw:
            unpacker = _unpacker(coding, raw)
        chunk = raw
        while chunk and unpacker is not None:
            try:
                out = unpacker.decompress(chunk, STEP)
            except zlib.error:
                raise BodyBroken("packed data is damaged") from None
            yield out
            chunk = unpacker.unconsumed_tail
    while unpacker is not None and not unpacker.eof:
        out = unpacker.decompress(unpacker.unconsumed_tail, STEP)
        if not out:
            raise BodyBroken("packed data ends too early")
        yield out


def _unpacker(coding: str, first: bytes) -> zlib._Decompress:
    if coding != "deflate":
        return zlib.decompressobj(16 + zlib.MAX_WBITS)
    # RFC 9110 wants a zlib wrapper, some servers send none; its first byte names the method, 8
    return zlib.decompressobj(zlib.MAX_WBITS if first[0] & 0x0F == 8 else -zlib.MAX_WBITS)


async def receive(response: httpx.Response, limit: int) -> bytes:
    """The whole body; raises VendorMisbehaved beyond the limit, and reads no further."""
    told = response.headers.get("content-length", "")
    if told.isdigit() and int(told) > limit:
        raise too_long(limit)
    chunks: list[bytes] = []
    size = 0
    async for chunk in unpacked(response):
        size += len(chunk)
        if size > limit:
            raise too_long(limit)
        chunks.append(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def too_long(limit: int) -> VendorMisbehaved:
    """The error for a body beyond its limit."""
    return VendorMisbehaved(f"the reply is longer than {limit} bytes", next_step="ask for smaller pages")
