"""Lets only one login run until one has succeeded: a wrong password is tried once, not fifty times."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from hub.errors import LoginRefused


class LoginGate:
    """Open after a successful login; closed again after a refused one."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._open = False
        self._alone = asyncio.Lock()
        self._refused_at = float("-inf")
        self._refusal: LoginRefused | None = None

    @asynccontextmanager
    async def login(self) -> AsyncIterator[None]:
        """Run a block that logs in. A refused login fails all blocks that were waiting for it."""
        began = self._clock()
        if self._open:
            async with self._watched():
                yield
            return
        async with self._alone:
            if self._refusal is not None and began <= self._refused_at:
                raise copy.copy(self._refusal)
            async with self._watched():
                yield
            self._open = True

    @asynccontextmanager
    async def _watched(self) -> AsyncIterator[None]:
        try:
            yield
        except LoginRefused as error:
            self._open, self._refusal, self._refused_at = False, error, self._clock()
            raise
