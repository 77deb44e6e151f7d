"""Retries a safe call for a few seconds; the dispatcher handles longer outages."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from hub.errors import RateLimited, TryLater

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]

BUDGET = 10.0  # seconds from the start of the first try to the start of the last
MAX_TRIES = 5
FIRST_PAUSE = 0.25  # seconds; doubled with each try
MAX_PAUSE = 4.0


def pause_after(error: BaseException | None, tries: int, *, jitter: float) -> float:
    """Seconds to wait after so many tries: the vendor's own wait, or full jitter; `jitter` is a random number, 0..1."""
    backoff = jitter * min(MAX_PAUSE, FIRST_PAUSE * 2.0 ** (tries - 1))
    if isinstance(error, RateLimited) and error.wait is not None:
        return error.wait + jitter * FIRST_PAUSE  # never too early, and not all at the same moment
    return backoff


def should_stop(tries: int, spent: float, pause: float, budget: float) -> bool:
    """Whether to stop: the tries are used up, or the next one would begin after the budget of seconds."""
    return tries >= MAX_TRIES or spent + pause >= budget


async def retry(
    attempt: Callable[[], Awaitable[T]],
    *,
    budget: float,
    clock: Callable[[], float],
    sleep: Sleep,
    jitter: Callable[[], float] = random.random,
) -> T:
    """The attempt's result, retried after TryLater while the budget lasts; then raises the last error."""
    began = clock()
    try:
        return await attempt()  # most calls end here and skip the overhead of what follows
    except TryLater as error:
        first = [error]

    async def again() -> T:
        if first:
            raise first.pop()
        return await attempt()

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        return pause_after(error, state.attempt_number, jitter=jitter())

    def stop(state: RetryCallState) -> bool:
        return should_stop(state.attempt_number, clock() - began, state.upcoming_sleep, budget)

    retrying = AsyncRetrying(retry=retry_if_exception_type(TryLater), wait=wait, stop=stop, sleep=sleep, reraise=True)
    return await retrying(again)
