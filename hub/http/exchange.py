"""Makes single requests: puts one on the wire, reads what comes back, and writes one line about it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version

import httpx

from hub.errors import HubError, VendorError
from hub.http.body import Body
from hub.http.connection import Connection, Explain
from hub.http.cookies import NoCookies
from hub.http.fate import Progress, failure
from hub.http.receive import receive
from hub.http.reply import Reply
from hub.http.trace import current_trace, new_trace_id, traceparent
from hub.http.transport import Observed, make_transport, tls_context
from hub.http.writes import Write

log = logging.getLogger("hub.http")


def _version() -> str:
    try:
        return version("rjr-hub")
    except PackageNotFoundError:
        return "0"


_PLAIN_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate",
    "User-Agent": f"rjr-hub/{_version()}",
}
SLOWEST = 16384
"""Bytes a second: each that moves earns a streamed transfer so much time beyond the deadline, and no more."""


@dataclass
class Errand:
    """One call of the client's user on its way, over all of its requests."""

    method: str
    url: str
    path: str  # without query, for people
    headers: dict[str, str] = field(repr=False)
    body: Body = field(repr=False)
    began: float  # monotonic seconds
    limit: int  # bytes of the reply
    deadline: float  # seconds
    explain: Explain | None = None
    write: Write | None = None  # None for a safe call
    foreign: bool = False  # goes to another host than the vendor's, without any proof of who we are
    follows: bool = False  # a redirect is an answer
    scope: asyncio.Timeout | None = None  # the deadline at work
    progress: Progress = field(default_factory=Progress)  # of the latest request

    def earn(self, size: int) -> None:
        """Move the deadline on by what a streamed piece is worth."""
        if self.scope is not None and (when := self.scope.when()) is not None and not self.scope.expired():
            now = asyncio.get_running_loop().time()
            self.scope.reschedule(now + earned(when - now, size, self.deadline))


def earned(left: float, size: int, deadline: float) -> float:
    """Seconds left after so many bytes have moved: more, but never more than a whole deadline."""
    return max(left, min(left + size / SLOWEST, deadline))


class Wire:
    """The account's httpx client and what is the same for all of its requests."""

    def __init__(
        self, connection: Connection, *, vendor: str, account: str, transport: str | httpx.AsyncBaseTransport
    ) -> None:
        self._vendor, self._account = vendor, account
        self._default_headers = {**_PLAIN_HEADERS, **connection.headers}
        if isinstance(transport, str):
            tls = tls_context(connection.ca_file) if connection.is_encrypted else None
            chosen = make_transport(transport, tls)
        else:
            chosen = Observed(transport)
        for name in ("httpx", "httpcore", "aiohttp"):  # they would log whole addresses and headers
            logging.getLogger(name).setLevel(logging.WARNING)
        self._http = httpx.AsyncClient(
            transport=chosen, cookies=NoCookies(), timeout=httpx.Timeout(None), trust_env=False
        )

    def headers(self, body: Body, extra: Mapping[str, str] | None, *, foreign: bool = False) -> dict[str, str]:
        """A request's headers without proof of who we are; later ones win, in any case of letters.

        To a foreign host none of the account's own go along: they may hold a key.
        """
        headers = dict(_PLAIN_HEADERS if foreign else self._default_headers)
        if body.media_type:
            headers["Content-Type"] = body.media_type
        if body.pieces and body.length is not None:
            headers["Content-Length"] = str(body.length)
        if extra:
            known = {name.lower(): name for name in headers}
            headers |= {known.get(name.lower(), name): value for name, value in extra.items()}
        return headers

    async def open(self, errand: Errand, headers: dict[str, str]) -> httpx.Response:
        """Send one request and return its answer with the body unread; raises VendorError."""
        progress = errand.progress = Progress()
        trace_id = current_trace.get() or new_trace_id()
        headers["traceparent"] = traceparent(trace_id)
        started = time.perf_counter()
        whole = errand.body.whole
        request = httpx.Request(
            errand.method,
            errand.url,
            headers=headers,
            content=_counted(errand) if whole is None else whole or None,
            extensions={"progress": progress},
        )
        try:
            response = await self._http.send(request, stream=True)
            progress.status = response.status_code
        except Exception as error:
            own = _own_fault(error)
            if own is not None:
                raise own from None
            failed = self._failed(error, errand)
            self._tell(errand, type(failed).__name__, started, trace_id, "")
            raise failed from error
        if log.isEnabledFor(logging.INFO):
            request_id = Reply(response.status_code, response.headers, b"").request_id
            self._tell(errand, str(response.status_code), started, trace_id, request_id)
        return response

    async def read(self, errand: Errand, response: httpx.Response) -> Reply:
        """Read an opened answer to its end; raises VendorError."""
        try:
            content = await receive(response, errand.limit)
        except VendorError as error:
            told = f"{errand.method} {errand.path}: {error.message}"
            raise self.named(type(error)(told, next_step=error.next_step), errand) from None
        except Exception as error:
            raise self._failed(error, errand) from error
        finally:
            await response.aclose()
        return self.reply(errand, response, content)

    async def next_chunk(self, errand: Errand, chunks: AsyncIterator[bytes]) -> bytes:
        """The next bytes of a streamed answer, empty at its end; raises VendorError."""
        try:
            async for chunk in chunks:
                if chunk:
                    return chunk
        except Exception as error:
            raise self._failed(error, errand) from error
        return b""

    def reply(self, errand: Errand, response: httpx.Response, content: bytes) -> Reply:
        """The answer as plain values."""
        return Reply(
            response.status_code,
            response.headers,
            content,
            method=errand.method,
            path=errand.path,
            vendor=self._vendor,
            account=self._account,
        )

    def named(self, error: VendorError, errand: Errand) -> VendorError:
        """The same error, with who and what filled in and doubt settled by what is known of the request."""
        error.vendor = error.vendor or self._vendor
        error.account = error.account or self._account
        error.in_doubt = error.in_doubt or (errand.write is not None and errand.progress.may_be_stored)
        return error

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    def _failed(self, error: Exception, errand: Errand) -> VendorError:
        failed = failure(error, errand.progress, write=errand.write is not None)
        told = f"{errand.method} {errand.path}: {failed.message}"
        known = {"vendor": self._vendor, "account": self._account, "in_doubt": failed.in_doubt}
        return type(failed)(told, next_step=failed.next_step, **known)  # type: ignore[arg-type]

    def late(self, errand: Errand) -> VendorError:
        """The error for a call whose deadline has passed."""
        return self._failed(TimeoutError(), errand)

    def _tell(self, errand: Errand, outcome: str, started: float, trace_id: str, request_id: str) -> None:
        log.info(
            "%s %s %s %.0f ms account=%s request=%s trace=%s",
            errand.method,
            errand.path,
            outcome,
            (time.perf_counter() - started) * 1000,
            self._account,
            request_id or "-",
            trace_id,
        )


async def _counted(errand: Errand) -> AsyncIterator[bytes]:
    try:
        async for chunk in errand.body.stream():
            yield chunk
            errand.earn(len(chunk))
    except Exception as error:
        raise _SourceFailed(error) from error


class _SourceFailed(Exception):
    """The caller's own stream failed; `error` is what it raised."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


def _own_fault(error: BaseException | None) -> Exception | None:
    """What the caller's stream raised, when that is what ended the request."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, _SourceFailed):
            return error.error
        if isinstance(error, HubError):
            return error
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return None
