"""Keeps an account within its vendor's budget: how many calls at once, and how many a minute."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from hub.errors import RateLimited, TryLater

MINUTE = 60.0
MOST_BURST = 10


class Bucket:
    """A budget of calls a minute, spread evenly but for a small burst; values in, values out.

    No 60 seconds hold more bookings than the budget: the burst is paid for by a slower pace.
    """

    def __init__(self, per_minute: float | None) -> None:
        self._empty_at = 0.0
        self.resize(per_minute)

    def resize(self, per_minute: float | None) -> None:
        """Change the budget; None means no limit. Bookings made stand."""
        self.per_minute = per_minute
        if per_minute is None:
            self._interval, self._slack = 0.0, 0.0
            return
        burst = max(1, min(MOST_BURST, int(per_minute // 30)))
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
    """At most so many calls at once, first come, first served; the number may change at any time."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.taken = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    def resize(self, size: int) -> None:
        """Change the number of seats; calls that sit stay until they are done."""
        self.size = size
        self._fill()

    async def take(self) -> None:
        """Take a seat, waiting for one if need be; give it back with `leave`."""
        if self.taken < self.size and not self._waiting:
            self.taken += 1
            return
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.leave()  # the seat was given in the moment we gave up
            else:
                self._waiting.remove(place)
            raise

    def leave(self) -> None:
        """Give a seat back."""
        self.taken -= 1
        self._fill()

    def _fill(self) -> None:
        while self._waiting and self.taken < self.size:
            place = self._waiting.popleft()
            if not place.done():
                self.taken += 1
                place.set_result(None)


class Pace:
    """Seats and budget of one account, and the pause that its vendor asked for."""

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
        self._patience = patience  # seconds that a call waits for its turn before it is given up unsent
        self._short = short  # a pause up to this many seconds is sat out here
        self._asked_at = self._until = 0.0

    def resize(self, concurrency: int, per_minute: float | None) -> None:
        """Change both shares at once."""
        self._bucket.resize(per_minute)
        self._seats.resize(concurrency)

    @asynccontextmanager
    async def seat(self) -> AsyncIterator[None]:
        """Sit for one call; raises TryLater when no seat came free in time."""
        if self._seats.taken < self._seats.size:
            await self._seats.take()
        else:
            try:
                async with asyncio.timeout(self._patience):
                    await self._seats.take()
            except TimeoutError:
                raise TryLater("all of the account's seats stayed taken", next_step="raise concurrency") from None
        try:
            yield
        finally:
            self._seats.leave()

    def hold(self, wait: float) -> None:
        """The vendor asked for a pause of so many seconds."""
        self._asked_at = self._clock()
        self._until = max(self._until, self._asked_at + wait)

    def is_clear(self) -> bool:
        """Whether a call may leave at once without a booking."""
        return self._bucket.per_minute is None and self._until == 0.0

    async def turn(self, began: float) -> None:
        """Wait until one more request may leave.

        A short pause is sat out. A long one turns away the calls that began before it was asked for, with the
        wait that is left; whoever calls after that has decided to.
        """
        pause = self._pause(began)
        now = self._clock()
        if self._bucket.wait(now) > self._patience:
            raise TryLater("the account's budget is spent for now", next_step="raise requests_per_minute")
        delay = max(pause, self._bucket.book(now))
        if delay > 0:
            await self._sleep(delay)
            self._pause(began)

    def _pause(self, began: float) -> float:
        """Seconds to sit out for the vendor's sake."""
        left = self._until - self._clock()
        if left <= self._short:
            return max(left, 0.0)
        if began <= self._asked_at:
            raise RateLimited("the vendor asked for a pause while this call waited", wait=left)
        return 0.0
