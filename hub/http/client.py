"""The client: the one way from the hub to a vendor, one per account."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Self

import httpx

from hub.errors import BadInput, VendorError
from hub.http.body import Body, Files, MultipartPart, make_body
from hub.http.connection import Connection, Explain
from hub.http.courier import Courier
from hub.http.exchange import Errand, earned
from hub.http.receive import too_long, unpacked
from hub.http.redact import is_secret_name
from hub.http.reply import Reply
from hub.http.writes import Captured, Outgoing, begin_write, capturing

MOST_CAPTURED = 64 * 1024 * 1024  # bytes


class Client:
    """Calls one account's system: logged in, paced, bounded in time and size, and honest about what was sent.

    Every call raises only `HubError`s, and what a streamed body of the caller's raises itself. `in_doubt` of
    a `VendorError` is True when a write may have been stored.
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
        self._courier = Courier(
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
        """Change this client's share of the account's concurrency and budget, at any time."""
        self._courier.pace.resize(concurrency, requests_per_minute)

    async def get(
        self,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        explain: Explain | None = None,
    ) -> Reply:
        """The answer to a GET; repeated for some seconds while the vendor can't answer."""
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
        """The vendor's 2xx answer; anything else is raised as the error that `explain` or the status names.

        A write is sent once: again only after the vendor refused its token, and never when its body is a
        stream. `safe=True` is for calls that change nothing, such as searches by POST, and repeats them like
        a GET. `files` maps names to `MultipartPart`s, or to (filename, content, media type) where content may be an
        async iterator of bytes; `form` goes before them.

        The deadline counts from the moment the call has a seat, and stands still while it waits for the
        account's own budget: that waiting is ours, not the vendor's, and has a bound of its own (300 s, then
        TryLater). A streamed body earns time as it moves, up to one deadline more.
        """
        body = make_body(json=json, content=content, files=files, form=form, media_type=_media_type(headers))
        errand = self._courier.errand(method, path, params=params, headers=headers, body=body, explain=explain)
        if safe:
            return await self._carry(errand)
        if (capture := capturing()) is not None:
            capture.outgoing = await _outgoing(errand)
            raise Captured(capture.outgoing)
        write = errand.write = begin_write()
        try:
            reply = await self._carry(errand)
        except VendorError as error:
            write.stored_maybe = error.in_doubt
            raise
        except BaseException:
            write.stored_maybe = errand.progress.may_be_stored
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

        `elsewhere` is for files that the vendor keeps at another host, named by an address or by redirects: the
        connection's file_hosts has to allow it, and no credentials go there. Raises CaseMissing when such an
        address is no longer good.

        Raises VendorUnavailable when it breaks off or trickles (slower than 16 KiB a second once the deadline
        has passed), and VendorMisbehaved beyond `limit` bytes. Time that the reader takes does not count.
        """
        wanted = {"Accept": "*/*", "Accept-Encoding": "identity", **(headers or {})}
        courier = self._courier
        async with courier.pace.seat():
            began = self._clock()
            errand = courier.errand(
                "GET", path, params=params, headers=wanted, body=Body(), explain=explain, elsewhere=elsewhere
            )
            async with courier.deadline(errand):
                errand, response = await courier.follow(errand)
            left, size, chunks = self.connection.deadline - (self._clock() - began), 0, unpacked(response)
            try:
                while True:
                    asked = self._clock()
                    async with courier.deadline(errand, left):
                        chunk = await courier.wire.next_chunk(errand, chunks)
                    if not chunk:
                        return
                    size += len(chunk)
                    if limit is not None and size > limit:
                        raise courier.wire.named(too_long(limit), errand)
                    left = earned(left - (self._clock() - asked), len(chunk), errand.deadline)
                    yield chunk
            finally:
                await response.aclose()

    async def close(self) -> None:
        """Log out where the flow has a logout, and close all connections; a failing logout is only logged."""
        await self._courier.close()

    async def _carry(self, errand: Errand) -> Reply:
        async with self._courier.pace.seat(), self._courier.deadline(errand):
            return (await self._courier.carry(errand))[0]


def _media_type(headers: Mapping[str, str] | None) -> str:
    return next((value for name, value in (headers or {}).items() if name.lower() == "content-type"), "")


async def _outgoing(errand: Errand) -> Outgoing:
    chunks: list[bytes] = []
    size = 0
    async for chunk in errand.body.stream():
        size += len(chunk)
        if size > MOST_CAPTURED:
            raise BadInput(f"a body beyond {MOST_CAPTURED} bytes can't be previewed")
        chunks.append(chunk)
    shown = {name.lower(): value for name, value in errand.headers.items() if not is_secret_name(name)}
    return Outgoing(errand.method, httpx.URL(errand.url).raw_path.decode("ascii"), shown, b"".join(chunks))
