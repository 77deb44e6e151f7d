"""Repeats a safe call for a few seconds; what lasts longer is the dispatcher's business."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from hub.errors import RateLimited, TryLater

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]

BUDGET = 10.0  # seconds from the first try to the start of the last
MOST_TRIES = 5
FIRST_PAUSE = 0.25  # seconds; doubles with each try
MOST_PAUSE = 4.0


def pause_after(error: BaseException | None, tries: int, *, share: float) -> float:
    """Seconds to wait after so many tries: the vendor's own wait, or full jitter; `share` is random, 0..1."""
    jittered = share * min(MOST_PAUSE, FIRST_PAUSE * 2.0 ** (tries - 1))
    if isinstance(error, RateLimited) and error.wait is not None:
        return error.wait + share * FIRST_PAUSE  # never before the time, and not all at the same moment
    return jittered


def is_over(tries: int, spent: float, pause: float, budget: float) -> bool:
    """Whether another try would be one too many, or would begin after the budget of seconds."""
    return tries >= MOST_TRIES or spent + pause >= budget


async def repeat(
    attempt: Callable[[], Awaitable[T]],
    *,
    budget: float,
    clock: Callable[[], float],
    sleep: Sleep,
    chance: Callable[[], float] = random.random,
) -> T:
    """The attempt's result, tried again after TryLater while the budget lasts; then the last error."""
    began = clock()
    try:
        return await attempt()  # most calls end here and need not pay for what follows
    except TryLater as error:
        first = [error]

    async def again() -> T:
        if first:
            raise first.pop()
        return await attempt()

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        return pause_after(error, state.attempt_number, share=chance())

    def stop(state: RetryCallState) -> bool:
        return is_over(state.attempt_number, clock() - began, state.upcoming_sleep, budget)

    retrying = AsyncRetrying(retry=retry_if_exception_type(TryLater), wait=wait, stop=stop, sleep=sleep, reraise=True)
    return await retrying(again)
