"""Reads reply bodies within limits: decompresses them piece by piece and checks that they are complete."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator

import httpx

from hub.errors import VendorMisbehaved
from hub.http.outcome import BodyBroken

STEP = 262144  # bytes decompressed at once; limits the memory that a decompression bomb can take


async def unpacked(response: httpx.Response) -> AsyncIterator[bytes]:
    """The body's bytes, with gzip and deflate undone; raises BodyBroken for other and for damaged codings."""
    coding = response.headers.get("content-encoding", "").strip().lower()
    if response.is_stream_consumed:  # a reply made in memory, as by a mock
        yield response.content
        return
    if coding in {"", "identity"}:
        async for chunk in response.aiter_raw():
            yield chunk
        return
    if coding not in {"gzip", "x-gzip", "deflate"}:
        raise BodyBroken("unexpected content coding")
    unpacker = None
    async for raw in response.aiter_raw():
        if unpacker is None and raw:
            unpacker = _unpacker(coding, raw)
        chunk = raw
        while chunk and unpacker is not None:
            try:
                out = unpacker.decompress(chunk, STEP)
            except zlib.error:
                raise BodyBroken("compressed data is damaged") from None
            yield out
            chunk = unpacker.unconsumed_tail
    while unpacker is not None and not unpacker.eof:
        out = unpacker.decompress(unpacker.unconsumed_tail, STEP)
        if not out:
            raise BodyBroken("compressed data ends too early")
        yield out


def _unpacker(coding: str, first: bytes) -> zlib._Decompress:
    if coding != "deflate":
        return zlib.decompressobj(16 + zlib.MAX_WBITS)
    # RFC 9110 requires a zlib wrapper, some servers omit it; its first byte holds the method, 8
    return zlib.decompressobj(zlib.MAX_WBITS if first[0] & 0x0F == 8 else -zlib.MAX_WBITS)


async def receive(response: httpx.Response, limit: int) -> bytes:
    """The whole body; stops and raises VendorMisbehaved beyond the limit."""
    declared = response.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
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
    """The error for a body beyond the limit."""
    return VendorMisbehaved(f"the reply is longer than {limit} bytes", next_step="ask for smaller pages")
