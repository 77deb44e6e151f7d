"""Keeps an account's session: however many calls need a token, only one login runs at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from hub.errors import HubError

EARLY = 30.0  # seconds before its end after which no call starts with a token
EARLY_SHARE = 0.1  # of a short lifetime


@dataclass(frozen=True)
class Token:
    """A session's token; its repr does not show it."""

    value: str
    good_until: float  # monotonic seconds
    number: int  # of the login that returned it

    def __repr__(self) -> str:
        return f"Token(number={self.number})"


class LoginFailed(Exception):
    """A login failed; `error` is what the caller gets."""

    def __init__(self, error: HubError) -> None:
        super().__init__()
        self.error = error


class TokenSession:
    """Returns the current token, and renews it once for all calls that need it."""

    def __init__(self, login: Callable[[], Awaitable[tuple[str, float | None]]], *, clock: Callable[[], float]) -> None:
        self._login, self._clock = login, clock
        self._token: Token | None = None
        self._logins = 0
        self._running: asyncio.Task[Token] | None = None
        self._failed_at = float("-inf")
        self._failure: HubError | None = None

    @property
    def token(self) -> Token | None:
        """The current token, if any."""
        return self._token

    async def current(self, began: float) -> Token:
        """A token to start a call with; `began` is when the call started.

        A failed login fails all calls that started before it ended. So a wrong password is tried once, not fifty
        times, and the account isn't locked out.
        """
        token = self._token
        if token is not None and self._clock() < token.good_until:
            return token
        if self._failure is not None and began <= self._failed_at:
            raise LoginFailed(self._failure)
        if self._running is None:
            self._running = asyncio.create_task(self._renew())
            self._running.add_done_callback(
                lambda done: done.cancelled() or done.exception()
            )  # retrieved, even if no call awaits it
        return await asyncio.shield(self._running)

    def drop(self, token: Token) -> None:
        """Forget this token, which the vendor refused; a newer token stays."""
        if self._token is not None and self._token.number == token.number:
            self._token = None

    async def close(self) -> None:
        """Cancel a running login."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def _renew(self) -> Token:
        try:
            value, lifetime = await self._login()
        except HubError as error:
            self._failed_at, self._failure = self._clock(), error
            raise LoginFailed(error) from error
        else:
            self._logins += 1
            life = float("inf") if lifetime is None else lifetime - min(EARLY, lifetime * EARLY_SHARE)
            self._token = Token(value, self._clock() + life, self._logins)
            self._failure = None
            return self._token
        finally:
            self._running = None
