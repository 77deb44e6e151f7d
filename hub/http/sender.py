"""Sends single requests, reads their answers, and logs one line for each."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Mapping
from importlib.metadata import PackageNotFoundError, version

import httpx

from hub.errors import HubError, VendorError
from hub.http.body import Body
from hub.http.call import PreparedCall
from hub.http.connection import Connection
from hub.http.cookies import NoCookies
from hub.http.outcome import Progress, failure
from hub.http.receive import receive
from hub.http.reply import Reply
from hub.http.trace import current_trace, new_trace_id, traceparent
from hub.http.transport import Observed, make_transport, tls_context

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


class RequestSender:
    """The account's httpx client, with what is the same for all of its requests."""

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
        for name in ("httpx", "httpcore", "aiohttp"):  # they log whole addresses and headers
            logging.getLogger(name).setLevel(logging.WARNING)
        self._http = httpx.AsyncClient(
            transport=chosen, cookies=NoCookies(), timeout=httpx.Timeout(None), trust_env=False
        )

    def headers(self, body: Body, extra: Mapping[str, str] | None, *, foreign: bool = False) -> dict[str, str]:
        """A request's headers without credentials; `extra` wins, whatever the case of its names.

        A foreign host gets none of the account's own headers, as they may hold a key.
        """
        headers = dict(_PLAIN_HEADERS if foreign else self._default_headers)
        if body.media_type:
            headers["Content-Type"] = body.media_type
        if body.pieces and body.length is not None:
            headers["Content-Length"] = str(body.length)
        if extra:
            names = {name.lower(): name for name in headers}
            headers |= {names.get(name.lower(), name): value for name, value in extra.items()}
        return headers

    async def open(self, call: PreparedCall, headers: dict[str, str]) -> httpx.Response:
        """Send one request and return its answer with the body unread; raises VendorError."""
        progress = call.progress = Progress()
        trace_id = current_trace.get() or new_trace_id()
        headers["traceparent"] = traceparent(trace_id)
        started = time.perf_counter()
        whole = call.body.whole
        request = httpx.Request(
            call.method,
            call.url,
            headers=headers,
            content=_streamed(call) if whole is None else whole or None,
            extensions={"progress": progress},
        )
        try:
            response = await self._http.send(request, stream=True)
            progress.status = response.status_code
        except Exception as error:
            source_error = _source_error(error)
            if source_error is not None:
                raise source_error from None
            failed = self._failed(error, call)
            self._log(call, type(failed).__name__, started, trace_id, "")
            raise failed from error
        if log.isEnabledFor(logging.INFO):
            request_id = Reply(response.status_code, response.headers, b"").request_id
            self._log(call, str(response.status_code), started, trace_id, request_id)
        return response

    async def read(self, call: PreparedCall, response: httpx.Response) -> Reply:
        """Read an opened answer to its end; raises VendorError."""
        try:
            content = await receive(response, call.limit)
        except VendorError as error:
            message = f"{call.method} {call.path}: {error.message}"
            raise self.complete(type(error)(message, next_step=error.next_step), call) from None
        except Exception as error:
            raise self._failed(error, call) from error
        finally:
            await response.aclose()
        return self.reply(call, response, content)

    async def next_chunk(self, call: PreparedCall, chunks: AsyncIterator[bytes]) -> bytes:
        """The next bytes of a streamed answer, empty at its end; raises VendorError."""
        try:
            async for chunk in chunks:
                if chunk:
                    return chunk
        except Exception as error:
            raise self._failed(error, call) from error
        return b""

    def reply(self, call: PreparedCall, response: httpx.Response, content: bytes) -> Reply:
        """The answer as plain values."""
        return Reply(
            response.status_code,
            response.headers,
            content,
            method=call.method,
            path=call.path,
            vendor=self._vendor,
            account=self._account,
        )

    def complete(self, error: VendorError, call: PreparedCall) -> VendorError:
        """The same error with vendor and account filled in; in doubt if the write may have been stored."""
        error.vendor = error.vendor or self._vendor
        error.account = error.account or self._account
        error.in_doubt = error.in_doubt or (call.write is not None and call.progress.may_be_stored)
        return error

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    def _failed(self, error: Exception, call: PreparedCall) -> VendorError:
        failed = failure(error, call.progress, write=call.write is not None)
        failed.message = f"{call.method} {call.path}: {failed.message}"
        failed.args = (failed.message,)
        failed.vendor, failed.account = self._vendor, self._account
        return failed

    def deadline_passed(self, call: PreparedCall) -> VendorError:
        """The error for a call whose deadline has passed."""
        return self._failed(TimeoutError(), call)

    def _log(self, call: PreparedCall, outcome: str, started: float, trace_id: str, request_id: str) -> None:
        log.info(
            "%s %s %s %.0f ms account=%s request=%s trace=%s",
            call.method,
            call.path,
            outcome,
            (time.perf_counter() - started) * 1000,
            self._account,
            request_id or "-",
            trace_id,
        )


async def _streamed(call: PreparedCall) -> AsyncIterator[bytes]:
    try:
        async for chunk in call.body.stream():
            yield chunk
            call.extend_deadline(len(chunk))
    except Exception as error:
        raise _SourceFailed(error) from error


class _SourceFailed(Exception):
    """The caller's own stream failed; `error` is what it raised."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


def _source_error(error: BaseException | None) -> Exception | None:
    """What the caller's own stream raised, if that is what ended the request."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, _SourceFailed):
            return error.error
        if isinstance(error, HubError):
            return error
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return None
