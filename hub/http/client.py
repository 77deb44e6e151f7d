"""The HTTP client of an account: every call to a vendor's API goes through it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Self

import httpx

from hub.errors import BadInput, VendorError
from hub.http.body import Body, Files, MultipartPart, make_body
from hub.http.call import PreparedCall, extended
from hub.http.connection import Connection, Explain
from hub.http.receive import too_long, unpacked
from hub.http.redact import is_secret_name
from hub.http.reply import Reply
from hub.http.runner import CallRunner
from hub.http.writes import Captured, Outgoing, begin_write, capturing

MAX_CAPTURED = 64 * 1024 * 1024  # bytes


class Client:
    """Calls one account's system, with login, pace, retries, and limits on time and size.

    A call raises only `HubError`s, and whatever the caller's own streamed body raises. A `VendorError` is `in_doubt`
    when a write may have been stored.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        account: str,
        vendor: str,
        concurrency: int = 8,
        requests_per_minute: float | None = None,
        transport: str | httpx.AsyncBaseTransport = "aiohttp",
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.account, self.vendor, self.connection = account, vendor, connection
        self._clock = clock
        self._runner = CallRunner(
            connection,
            account=account,
            vendor=vendor,
            concurrency=concurrency,
            requests_per_minute=requests_per_minute,
            transport=transport,
            clock=clock,
            sleep=sleep,
        )

    def __repr__(self) -> str:
        return f"Client(account={self.account!r}, vendor={self.vendor!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def set_pace(self, concurrency: int, requests_per_minute: float | None) -> None:
        """Change this client's share of the account's concurrency and call budget, at any time."""
        self._runner.pace.resize(concurrency, requests_per_minute)

    async def get(
        self,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        explain: Explain | None = None,
    ) -> Reply:
        """The answer to a GET; retried for some seconds while the vendor is unavailable."""
        return await self.send("GET", path, params=params, headers=headers, explain=explain, safe=True)

    async def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        content: bytes | AsyncIterable[bytes] | MultipartPart | None = None,
        files: Files | None = None,
        form: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        explain: Explain | None = None,
        safe: bool = False,
    ) -> Reply:
        """The vendor's 2xx answer; for any other answer raises the error that `explain` or the status gives.

        A write is sent once. It is sent again only if the vendor refused its token, and never if its body is a
        stream. `safe=True` is for calls that change nothing, such as searches by POST; they are retried like a GET.
        `files` maps names to `MultipartPart`s, or to (filename, content, media type) where content may be an async
        iterator of bytes; `form` goes before them.

        The deadline starts when the call gets a seat. Waiting for the account's own budget does not count; that wait
        is limited to 300 s, then raises TryLater. A streamed body extends the deadline while it moves, by one
        deadline at most.
        """
        body = make_body(json=json, content=content, files=files, form=form, media_type=_media_type(headers))
        call = self._runner.prepare(method, path, params=params, headers=headers, body=body, explain=explain)
        if safe:
            return await self._run(call)
        if (capture := capturing()) is not None:
            capture.outgoing = await _outgoing(call)
            raise Captured(capture.outgoing)
        write = call.write = begin_write()
        try:
            reply = await self._run(call)
        except VendorError as error:
            write.stored_maybe = error.in_doubt
            raise
        except BaseException:
            write.stored_maybe = call.progress.may_be_stored
            raise
        write.stored_maybe = True
        return reply

    async def stream(
        self,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        explain: Explain | None = None,
        limit: int | None = None,
        elsewhere: bool = False,
    ) -> AsyncIterator[bytes]:
        """The bytes of a GET as they arrive, in constant memory; wrap it in `contextlib.aclosing`.

        `elsewhere` is for files that the vendor keeps on another host, given by an address or by redirects. The
        connection's file_hosts must allow the host, and no credentials are sent there. Raises CaseMissing when such
        an address has expired.

        Raises VendorUnavailable when the transfer breaks off or is slower than 16 KiB a second once the deadline has
        passed, and VendorMisbehaved beyond `limit` bytes. Time that the reader takes does not count.
        """
        wanted = {"Accept": "*/*", "Accept-Encoding": "identity", **(headers or {})}
        runner = self._runner
        async with runner.pace.seat():
            began = self._clock()
            call = runner.prepare(
                "GET", path, params=params, headers=wanted, body=Body(), explain=explain, elsewhere=elsewhere
            )
            async with runner.deadline(call):
                call, response = await runner.follow(call)
            left, size, chunks = call.deadline - (self._clock() - began), 0, unpacked(response)
            try:
                while True:
                    asked = self._clock()
                    async with runner.deadline(call, left):
                        chunk = await runner.sender.next_chunk(call, chunks)
                    if not chunk:
                        return
                    size += len(chunk)
                    if limit is not None and size > limit:
                        raise runner.sender.complete(too_long(limit), call)
                    left = extended(left - (self._clock() - asked), len(chunk), call.deadline)
                    yield chunk
            finally:
                await response.aclose()

    async def close(self) -> None:
        """Log out if the flow has a logout, and close all connections; a failed logout is only logged."""
        await self._runner.close()

    async def _run(self, call: PreparedCall) -> Reply:
        async with self._runner.pace.seat(), self._runner.deadline(call):
            return (await self._runner.run(call))[0]


def _media_type(headers: Mapping[str, str] | None) -> str:
    return next((value for name, value in (headers or {}).items() if name.lower() == "content-type"), "")


async def _outgoing(call: PreparedCall) -> Outgoing:
    chunks: list[bytes] = []
    size = 0
    async for chunk in call.body.stream():
        size += len(chunk)
        if size > MAX_CAPTURED:
            raise BadInput(f"a body beyond {MAX_CAPTURED} bytes can't be previewed")
        chunks.append(chunk)
    shown = {name.lower(): value for name, value in call.headers.items() if not is_secret_name(name)}
    return Outgoing(call.method, httpx.URL(call.url).raw_path.decode("ascii"), shown, b"".join(chunks))
