"""Carries a call to its answer: token, pace, deadline, repeats, and what an error answer means."""

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
from hub.http.connection import Connection, Explain
from hub.http.exchange import Errand, Wire
from hub.http.fate import Progress
from hub.http.login import LoginFailed, TokenSession
from hub.http.pace import Pace
from hub.http.reply import Reply
from hub.http.retry import BUDGET, repeat
from hub.http.status import error_by_status, wait_asked
from hub.http.writes import ask_guard

log = logging.getLogger("hub.http")

LOGOUT_SECONDS = 5.0
MOST_REDIRECTS = 4
REDIRECTS = frozenset({301, 302, 303, 307, 308})
_GONE = frozenset({401, 403, 404, 410})
"""Answers of a storage that has nothing against the account: a signed address has had its time."""

Answer = tuple[Reply, httpx.Response]
"""What came back; for a stream the reply's content is empty and the response still open."""


class Courier:
    """All that one account's calls share."""

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
        self.wire = Wire(connection, vendor=vendor, account=account, transport=transport)
        self.pace = Pace(concurrency, requests_per_minute, clock=clock, sleep=sleep)
        self._session = TokenSession(self._log_in, clock=clock)

    def errand(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
        body: Body,
        explain: Explain | None,
        elsewhere: bool = False,
    ) -> Errand:
        """A call made ready; raises BadInput or VendorMisbehaved for an address that may not be called.

        `elsewhere` lets it be, or redirect to, a host of the connection's file_hosts.
        """
        foreign = elsewhere and not self._connection.is_ours(path)
        url = self._connection.elsewhere(path) if foreign else self._connection.address(path, params)
        return Errand(
            method.upper(),
            url,
            url.partition("?")[0].removeprefix(self._connection.origin),
            self.wire.headers(body, headers, foreign=foreign),
            body,
            began=self._clock(),
            limit=self._connection.max_reply,
            deadline=self._connection.deadline,
            explain=explain,
            foreign=foreign,
            follows=elsewhere,
        )

    @asynccontextmanager
    async def deadline(self, errand: Errand, seconds: float | None = None) -> AsyncIterator[None]:
        """Bound what happens inside in time; raises VendorUnavailable when it passes."""
        try:
            async with asyncio.timeout(self._connection.deadline if seconds is None else seconds) as scope:
                errand.scope = scope
                yield
        except TimeoutError as error:
            if not scope.expired():  # the caller's own stream raised it
                raise
            raise self.wire.late(errand) from error
        except LoginFailed as failed:
            raise copy.copy(failed.error) from None

    async def carry(self, errand: Errand, *, whole: bool = True) -> Answer:
        """The 2xx answer, after one fresh login if the vendor refuses the token at hand."""
        auth = self._auth
        if not isinstance(auth, SessionLogin) or errand.foreign:
            return await self._tries(errand, "", whole=whole)
        token = await self._session.current(errand.began)
        answer = await self._tries(errand, token.value, whole=whole)
        if not auth.is_refused(answer[0]):
            return answer
        self._session.drop(token)
        await answer[1].aclose()
        errand.progress = Progress()  # refused means not stored
        token = await self._session.current(errand.began)
        if not errand.body.replayable:
            raise TryLater(
                f"{errand.method} {errand.path}: the session had ended and a stream can't be sent again; "
                "nothing was stored",
                vendor=self._vendor,
                account=self._account,
            )
        answer = await self._tries(errand, token.value, whole=whole)
        if auth.is_refused(answer[0]):
            self._session.drop(token)
            raise LoginRefused(
                f"{errand.method} {errand.path}: the vendor refused a fresh login's token",
                next_step="check the account's credentials and permissions",
                vendor=self._vendor,
                account=self._account,
                request_id=answer[0].request_id,
            )
        return answer

    async def follow(self, errand: Errand) -> tuple[Errand, httpx.Response]:
        """The open answer of a stream, and the call that it belongs to: the last of a few redirects, if it follows."""
        scope = errand.scope
        for _ in range(MOST_REDIRECTS):
            reply, response = await self.carry(errand, whole=False)
            if not (errand.follows and reply.status in REDIRECTS):
                return errand, response
            await response.aclose()
            target = urljoin(errand.url, str(reply.headers.get("location", "")))
            wanted = {name: value for name, value in errand.headers.items() if name in {"Accept", "Accept-Encoding"}}
            errand = self.errand(
                "GET", target, params=None, headers=wanted, body=errand.body, explain=errand.explain, elsewhere=True
            )
            errand.scope = scope
        raise VendorMisbehaved(
            f"{errand.method} {errand.path}: a file's address redirects again and again",
            vendor=self._vendor,
            account=self._account,
        )

    async def close(self) -> None:
        """Log out where the flow has a logout, and close all connections."""
        await self._session.close()
        token = self._session.token
        try:
            if isinstance(self._auth, SessionLogin) and token is not None:
                self._session.drop(token)
                call = self._auth.logout_request(token.value)
                if call is not None:
                    errand = self._errand_of(call)
                    async with asyncio.timeout(LOGOUT_SECONDS):
                        await self._attempt(errand, self._with_proof(errand, token.value), whole=True)
        except (HubError, TimeoutError) as error:
            log.info("logout of account %s failed (%s)", self._account, type(error).__name__)
        finally:
            await self.wire.close()

    # --- one step each ---

    async def _tries(self, errand: Errand, token: str, *, whole: bool) -> Answer:
        async def attempt() -> Answer:
            await self._turn(errand)
            if errand.write is not None:
                ask_guard()
            answer = await self._attempt(errand, self._with_proof(errand, token), whole=whole)
            refused = isinstance(self._auth, SessionLogin) and self._auth.is_refused(answer[0])
            if errand.foreign and answer[0].status in _GONE:
                raise self._gone(errand)
            leads_on = errand.follows and answer[0].status in REDIRECTS
            if not (200 <= answer[0].status < 300 or refused or leads_on):
                raise self._judged(errand, answer[0])
            return answer

        if errand.write is not None:
            return await attempt()
        budget = min(BUDGET, self._connection.deadline)
        return await repeat(attempt, budget=budget, clock=self._clock, sleep=self._sleep)

    async def _attempt(self, errand: Errand, headers: dict[str, str], *, whole: bool) -> Answer:
        response = await self.wire.open(errand, headers)
        if whole or not 200 <= response.status_code < 300:
            return await self.wire.read(errand, response), response
        return self.wire.reply(errand, response, b""), response

    def _with_proof(self, errand: Errand, token: str) -> dict[str, str]:
        headers = dict(errand.headers)
        if self._auth is not None and not errand.foreign:
            self._auth.apply(headers, token)
        return headers

    async def _turn(self, errand: Errand) -> None:
        """Wait for the account's budget, with the deadline's clock stopped."""
        if self.pace.is_clear():
            return
        scope = errand.scope
        if scope is None or (when := scope.when()) is None:
            await self.pace.turn(errand.began)
            return
        loop = asyncio.get_running_loop()
        left = when - loop.time()
        scope.reschedule(None)
        await self.pace.turn(errand.began)
        scope.reschedule(loop.time() + left)

    def _judged(self, errand: Errand, reply: Reply) -> HubError:
        """What an error answer means: by the call's own reading, the vendor's, or else its status."""
        error: HubError | None = None
        for explain in () if errand.foreign else (errand.explain, self._connection.explain):
            if error is None and explain is not None:
                try:
                    error = explain(reply)
                except Exception as fault:  # noqa: BLE001 - a fault in reading an error must not hide the error
                    log.warning("error answer of account %s was not read (%s)", self._account, type(fault).__name__)
        if error is not None and type(error) in {TryLater, RateLimited} and not error.in_doubt:
            errand.progress = Progress()  # read from the vendor's own words: refused for now, not stored
        error = error or error_by_status(reply)
        if isinstance(error, RateLimited):
            error.wait = wait_asked(reply) if error.wait is None else error.wait
            self.pace.hold(error.wait or 0.0)
        if isinstance(error, VendorError):
            error.request_id = error.request_id or reply.request_id
            if isinstance(error, (CaseRefused, AskOperator)):  # the vendor's word that nothing was stored
                errand.progress = Progress()
            self.wire.named(error, errand)
        return error

    def _gone(self, errand: Errand) -> CaseMissing:
        return CaseMissing(
            f"{errand.method} {errand.path}: the file's address is no longer good",
            next_step="read the case again",
            vendor=self._vendor,
            account=self._account,
        )

    async def _log_in(self) -> tuple[str, float | None]:
        auth = self._auth
        assert isinstance(auth, SessionLogin)
        errand = self._errand_of(auth.login_request())

        async def attempt() -> Reply:
            await self._turn(errand)
            reply, _ = await self._attempt(errand, dict(errand.headers), whole=True)
            if 200 <= reply.status < 300:
                return reply
            error = self._judged(errand, reply)
            if isinstance(error, (CaseRefused, AskOperator)) and not isinstance(error, LoginRefused):
                error = LoginRefused(
                    f"the vendor refused the login: {error.message}",
                    next_step="check the account's credentials",
                    vendor=self._vendor,
                    account=self._account,
                    request_id=reply.request_id,
                )
            raise error

        async with self.deadline(errand):
            budget = min(BUDGET, self._connection.deadline)
            reply = await repeat(attempt, budget=budget, clock=self._clock, sleep=self._sleep)
        return auth.read_token(reply)

    def _errand_of(self, call: Call) -> Errand:
        named = {name.lower(): value for name, value in call.headers.items()}
        body = make_body(json=call.json, content=call.content, form=call.form, media_type=named.get("content-type", ""))
        return self.errand(call.method, call.path, params=call.params, headers=call.headers, body=body, explain=None)
