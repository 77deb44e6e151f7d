"""Runs one account's calls: login, pace, deadline, retries, and the meaning of error answers."""

from __future__ import annotations

import asyncio
import copy
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urljoin

import httpx

from hub.errors import (
    AskOperator,
    CaseMissing,
    CaseRefused,
    HubError,
    LoginRefused,
    RateLimited,
    TryLater,
    VendorError,
    VendorMisbehaved,
)
from hub.http.auth import Auth, Call, SessionLogin
from hub.http.body import Body, make_body
from hub.http.call import PreparedCall
from hub.http.connection import Connection, Explain
from hub.http.login import LoginFailed, TokenSession
from hub.http.outcome import Progress
from hub.http.pace import Pace
from hub.http.reply import Reply
from hub.http.retry import BUDGET, retry
from hub.http.sender import RequestSender
from hub.http.status import error_by_status, requested_wait
from hub.http.writes import ask_guard

log = logging.getLogger("hub.http")

LOGOUT_SECONDS = 5.0
MAX_REDIRECTS = 4
REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LINK_EXPIRED = frozenset({401, 403, 404, 410})
"""What a storage answers when a signed address has expired; it says nothing about the account."""

Answer = tuple[Reply, httpx.Response]
"""The answer; for a stream the reply's content is empty and the response is still open."""


class CallRunner:
    """Runs the calls of one account, which share its login, pace and connections."""

    def __init__(
        self,
        connection: Connection,
        *,
        account: str,
        vendor: str,
        concurrency: int,
        requests_per_minute: float | None,
        transport: str | httpx.AsyncBaseTransport,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._connection, self._account, self._vendor = connection, account, vendor
        self._auth: Auth | None = connection.auth
        self._clock, self._sleep = clock, sleep
        self.sender = RequestSender(connection, vendor=vendor, account=account, transport=transport)
        self.pace = Pace(concurrency, requests_per_minute, clock=clock, sleep=sleep)
        self._session = TokenSession(self._log_in, clock=clock)

    def prepare(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
        body: Body,
        explain: Explain | None,
        elsewhere: bool = False,
    ) -> PreparedCall:
        """A call that is ready to run; raises BadInput or VendorMisbehaved for an address that may not be called.

        `elsewhere` also allows the hosts in the connection's file_hosts, for the address and for redirects.
        """
        foreign = elsewhere and not self._connection.is_ours(path)
        url = self._connection.elsewhere(path) if foreign else self._connection.address(path, params)
        return PreparedCall(
            method.upper(),
            url,
            url.partition("?")[0].removeprefix(self._connection.origin),
            self.sender.headers(body, headers, foreign=foreign),
            body,
            began=self._clock(),
            limit=self._connection.max_reply,
            deadline=self._connection.deadline,
            explain=explain,
            foreign=foreign,
            follows=elsewhere,
        )

    @asynccontextmanager
    async def deadline(self, call: PreparedCall, seconds: float | None = None) -> AsyncIterator[None]:
        """Limit the time that the block may take; raises VendorUnavailable when it is over."""
        try:
            async with asyncio.timeout(self._connection.deadline if seconds is None else seconds) as scope:
                call.scope = scope
                yield
        except TimeoutError as error:
            if not scope.expired():  # raised by the caller's own stream
                raise
            raise self.sender.deadline_passed(call) from error
        except LoginFailed as failed:
            unsent = copy.copy(failed.error)
            if isinstance(unsent, VendorError):
                unsent.answered = False
            raise unsent from None

    async def run(self, call: PreparedCall, *, whole: bool = True) -> Answer:
        """The 2xx answer, after one fresh login if the vendor refuses the current token."""
        auth = self._auth
        if not isinstance(auth, SessionLogin) or call.foreign:
            return await self._run_with_token(call, "", whole=whole)
        token = await self._session.current(call.began)
        answer = await self._run_with_token(call, token.value, whole=whole)
        if not auth.is_refused(answer[0]):
            return answer
        self._session.drop(token)
        await answer[1].aclose()
        call.progress = Progress()  # refused means not stored
        token = await self._session.current(call.began)
        if not call.body.replayable:
            raise TryLater(
                f"{call.method} {call.path}: the session had expired and a stream can't be sent again; "
                "nothing was stored",
                vendor=self._vendor,
                account=self._account,
            )
        answer = await self._run_with_token(call, token.value, whole=whole)
        if auth.is_refused(answer[0]):
            self._session.drop(token)
            raise LoginRefused(
                f"{call.method} {call.path}: the vendor refused a new token",
                next_step="check the account's credentials and permissions",
                vendor=self._vendor,
                account=self._account,
                request_id=answer[0].request_id,
            )
        return answer

    async def follow(self, call: PreparedCall) -> tuple[PreparedCall, httpx.Response]:
        """The open answer of a stream and its call, after a few redirects if the call follows them."""
        scope = call.scope
        for _ in range(MAX_REDIRECTS):
            reply, response = await self.run(call, whole=False)
            if not (call.follows and reply.status in REDIRECTS):
                return call, response
            await response.aclose()
            target = urljoin(call.url, str(reply.headers.get("location", "")))
            wanted = {name: value for name, value in call.headers.items() if name in {"Accept", "Accept-Encoding"}}
            call = self.prepare(
                "GET", target, params=None, headers=wanted, body=call.body, explain=call.explain, elsewhere=True
            )
            call.scope = scope
        raise VendorMisbehaved(
            f"{call.method} {call.path}: too many redirects", vendor=self._vendor, account=self._account
        )

    async def close(self) -> None:
        """Log out where the flow has a logout, and close all connections."""
        await self._session.close()
        token = self._session.token
        try:
            if isinstance(self._auth, SessionLogin) and token is not None:
                self._session.drop(token)
                request = self._auth.logout_request(token.value)
                if request is not None:
                    call = self._prepare_request(request)
                    async with asyncio.timeout(LOGOUT_SECONDS):
                        await self._attempt(call, self._authorized(call, token.value), whole=True)
        except (HubError, TimeoutError) as error:
            log.info("logout of account %s failed (%s)", self._account, type(error).__name__)
        finally:
            await self.sender.close()

    async def _run_with_token(self, call: PreparedCall, token: str, *, whole: bool) -> Answer:
        async def attempt() -> Answer:
            await self._wait_for_turn(call)
            if call.write is not None:
                ask_guard()
            answer = await self._attempt(call, self._authorized(call, token), whole=whole)
            refused = isinstance(self._auth, SessionLogin) and self._auth.is_refused(answer[0])
            if call.foreign and answer[0].status in _LINK_EXPIRED:
                raise self._expired_link(call)
            redirects = call.follows and answer[0].status in REDIRECTS
            if not (200 <= answer[0].status < 300 or refused or redirects):
                raise self._error(call, answer[0])
            return answer

        if call.write is not None:
            return await attempt()
        budget = min(BUDGET, self._connection.deadline)
        return await retry(attempt, budget=budget, clock=self._clock, sleep=self._sleep)

    async def _attempt(self, call: PreparedCall, headers: dict[str, str], *, whole: bool) -> Answer:
        response = await self.sender.open(call, headers)
        if whole or not 200 <= response.status_code < 300:
            return await self.sender.read(call, response), response
        return self.sender.reply(call, response, b""), response

    def _authorized(self, call: PreparedCall, token: str) -> dict[str, str]:
        headers = dict(call.headers)
        if self._auth is not None and not call.foreign:
            self._auth.apply(headers, token)
        return headers

    async def _wait_for_turn(self, call: PreparedCall) -> None:
        """Wait for the account's budget; this time does not count toward the deadline."""
        if self.pace.is_clear():
            return
        scope = call.scope
        if scope is None or (when := scope.when()) is None:
            await self.pace.turn(call.began)
            return
        loop = asyncio.get_running_loop()
        left = when - loop.time()
        scope.reschedule(None)
        await self.pace.turn(call.began)
        scope.reschedule(loop.time() + left)

    def _error(self, call: PreparedCall, reply: Reply) -> HubError:
        """The meaning of an error answer: from the call's `explain`, the connection's, or the status."""
        error: HubError | None = None
        for explain in () if call.foreign else (call.explain, self._connection.explain):
            if error is None and explain is not None:
                try:
                    error = explain(reply)
                except Exception as failure:  # noqa: BLE001 - a bug in `explain` must not hide the error
                    log.warning("can't read an error answer of account %s (%s)", self._account, type(failure).__name__)
        if error is not None and type(error) in {TryLater, RateLimited} and not error.in_doubt:
            call.progress = Progress()  # the vendor said so: refused for now, not stored
        error = error or error_by_status(reply)
        if isinstance(error, RateLimited):
            error.wait = requested_wait(reply) if error.wait is None else error.wait
            self.pace.hold(error.wait or 0.0)
        if isinstance(error, VendorError):
            error.request_id = error.request_id or reply.request_id
            if isinstance(error, (CaseRefused, AskOperator)):  # the vendor said that nothing was stored
                call.progress = Progress()
            self.sender.complete(error, call)
        return error

    def _expired_link(self, call: PreparedCall) -> CaseMissing:
        return CaseMissing(
            f"{call.method} {call.path}: the file's address has expired",
            next_step="read the case again",
            vendor=self._vendor,
            account=self._account,
        )

    async def _log_in(self) -> tuple[str, float | None]:
        auth = self._auth
        assert isinstance(auth, SessionLogin)
        call = self._prepare_request(auth.login_request())

        async def attempt() -> Reply:
            await self._wait_for_turn(call)
            reply, _ = await self._attempt(call, dict(call.headers), whole=True)
            if 200 <= reply.status < 300:
                return reply
            error = self._error(call, reply)
            if isinstance(error, (CaseRefused, AskOperator)) and not isinstance(error, LoginRefused):
                error = LoginRefused(
                    f"the vendor refused the login: {error.message}",
                    next_step="check the account's credentials",
                    vendor=self._vendor,
                    account=self._account,
                    request_id=reply.request_id,
                )
            raise error

        async with self.deadline(call):
            budget = min(BUDGET, self._connection.deadline)
            reply = await retry(attempt, budget=budget, clock=self._clock, sleep=self._sleep)
        return auth.read_token(reply)

    def _prepare_request(self, request: Call) -> PreparedCall:
        media_type = next((value for name, value in request.headers.items() if name.lower() == "content-type"), "")
        body = make_body(json=request.json, content=request.content, form=request.form, media_type=media_type)
        return self.prepare(
            request.method, request.path, params=request.params, headers=request.headers, body=body, explain=None
        )
