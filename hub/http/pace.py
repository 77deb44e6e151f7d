"""Limits an account's calls: how many at once, and how many a minute."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from hub.errors import RateLimited, TryLater

MINUTE = 60.0
MAX_BURST = 10


class Bucket:
    """A budget of calls a minute, spread evenly except for a small burst. Pure.

    No 60 seconds hold more bookings than the budget: after a burst the pace is slower.
    """

    def __init__(self, per_minute: float | None) -> None:
        self._empty_at = 0.0
        self.resize(per_minute)

    def resize(self, per_minute: float | None) -> None:
        """Change the budget; None means no limit. Earlier bookings remain."""
        self.per_minute = per_minute
        if per_minute is None:
            self._interval, self._slack = 0.0, 0.0
            return
        burst = max(1, min(MAX_BURST, int(per_minute // 30)))
        self._interval = MINUTE / (per_minute - burst + 1)
        self._slack = self._interval * (burst - 1)

    def book(self, now: float) -> float:
        """Book one call and return the seconds to wait for it; `now` is monotonic time in seconds."""
        if self.per_minute is None:
            return 0.0
        start = max(now, self._empty_at - self._slack)
        self._empty_at = max(start, self._empty_at) + self._interval
        return start - now

    def wait(self, now: float) -> float:
        """Seconds that the next booking would have to wait."""
        return 0.0 if self.per_minute is None else max(0.0, self._empty_at - self._slack - now)


class Seats:
    """A limited number of calls at once, first come, first served; the number may change at any time."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.taken = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    def resize(self, size: int) -> None:
        """Change the number of seats; calls that have a seat keep it until they are done."""
        self.size = size
        self._fill()

    async def take(self) -> None:
        """Take a seat, and wait for it if necessary; return it with `leave`."""
        if self.taken < self.size and not self._waiting:
            self.taken += 1
            return
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.leave()  # the seat became free at the moment of the cancellation
            else:
                self._waiting.remove(place)
            raise

    def leave(self) -> None:
        """Return a seat."""
        self.taken -= 1
        self._fill()

    def _fill(self) -> None:
        while self._waiting and self.taken < self.size:
            place = self._waiting.popleft()
            if not place.done():
                self.taken += 1
                place.set_result(None)


class Pace:
    """Seats and budget of one account, and the pause that the vendor asked for."""

    def __init__(
        self,
        concurrency: int,
        per_minute: float | None,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        patience: float = 300.0,
        short: float = 10.0,
    ) -> None:
        self._seats = Seats(concurrency)
        self._bucket = Bucket(per_minute)
        self._clock, self._sleep = clock, sleep
        self._patience = patience  # seconds that a call waits for its turn before it fails unsent
        self._short = short  # a pause of at most this many seconds is waited for here
        self._paused_at = self._paused_until = 0.0

    def resize(self, concurrency: int, per_minute: float | None) -> None:
        """Change concurrency and budget."""
        self._bucket.resize(per_minute)
        self._seats.resize(concurrency)

    @asynccontextmanager
    async def seat(self) -> AsyncIterator[None]:
        """Hold a seat for one call; raises TryLater when no seat became free in time."""
        if self._seats.taken < self._seats.size:
            await self._seats.take()
        else:
            try:
                async with asyncio.timeout(self._patience):
                    await self._seats.take()
            except TimeoutError:
                raise TryLater(
                    "all of the account's seats remained taken", next_step="raise concurrency", answered=False
                ) from None
        try:
            yield
        finally:
            self._seats.leave()

    def hold(self, wait: float) -> None:
        """Start a pause of so many seconds, which the vendor asked for."""
        self._paused_at = self._clock()
        self._paused_until = max(self._paused_until, self._paused_at + wait)

    def is_clear(self) -> bool:
        """Whether a request may be sent at once, without a booking."""
        return self._bucket.per_minute is None and self._paused_until == 0.0

    async def turn(self, began: float) -> None:
        """Wait until one more request may be sent.

        A short pause is waited for. A long pause raises RateLimited, with the wait that is left, in calls that began
        before it; later calls are not held up.
        """
        pause = self._pause(began)
        now = self._clock()
        if self._bucket.wait(now) > self._patience:
            raise TryLater(
                "the account's call budget is used up for now", next_step="raise requests_per_minute", answered=False
            )
        delay = max(pause, self._bucket.book(now))
        if delay > 0:
            await self._sleep(delay)
            self._pause(began)

    def _pause(self, began: float) -> float:
        """Seconds left to wait of the vendor's pause."""
        left = self._paused_until - self._clock()
        if left <= self._short:
            return max(left, 0.0)
        if began <= self._paused_at:
            raise RateLimited("the vendor asked for a pause while this call waited", wait=left)
        return 0.0
