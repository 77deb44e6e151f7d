"""What concurrent calls of an account share: seats, pauses and one login."""

from __future__ import annotations

import asyncio

import pytest

from hub.errors import LoginRefused, RateLimited, TryLater
from hub.http.login import LoginFailed, TokenSession
from hub.http.pace import Pace, Seats


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


# --- seats ---


async def test_seats_are_given_in_the_order_of_asking():
    """First come, first served; a latecomer does not overtake."""
    seats, order = Seats(1), []

    async def sit(name: int) -> None:
        await seats.take()
        order.append(name)

    await seats.take()
    tasks = [asyncio.create_task(sit(name)) for name in range(3)]
    await settle()
    assert order == []
    for _ in range(3):
        seats.leave()
        await settle()
    assert order == [0, 1, 2]
    await asyncio.gather(*tasks)
    assert seats.taken == 1


async def test_the_number_of_seats_may_change():
    """More seats are filled at once; with fewer, no new call gets one until enough have left."""
    seats = Seats(1)
    tasks = [asyncio.create_task(seats.take()) for _ in range(4)]
    await settle()
    assert seats.taken == 1
    seats.resize(3)
    await settle()
    assert seats.taken == 3
    seats.resize(1)
    seats.leave()
    seats.leave()
    await settle()
    assert seats.taken == 1
    seats.leave()
    await settle()
    assert seats.taken == 1
    await asyncio.gather(*tasks)


async def test_a_cancelled_wait_costs_no_seat():
    """A cancelled wait frees its place, even if it is cancelled at the moment it gets the seat."""
    seats = Seats(1)
    await seats.take()
    early, late = asyncio.create_task(seats.take()), asyncio.create_task(seats.take())
    await settle()
    early.cancel()
    await asyncio.gather(early, return_exceptions=True)
    seats.leave()  # passes the seat to `late` ...
    late.cancel()  # ... which is cancelled before it runs
    await asyncio.gather(late, return_exceptions=True)
    assert seats.taken == 0
    await seats.take()


async def test_a_cancelled_place_is_passed_over():
    """A place cancelled but not yet cleared away gets no seat; the next in line does."""
    seats = Seats(1)
    await seats.take()
    first, second = asyncio.create_task(seats.take()), asyncio.create_task(seats.take())
    await settle()
    first.cancel()
    seats.leave()
    await asyncio.gather(first, return_exceptions=True)
    await asyncio.wait_for(second, 1)
    assert seats.taken == 1


# --- pace ---


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def pace(clock: Clock, per_minute: float | None = None, **known: float) -> Pace:
    return Pace(2, per_minute, clock=clock, sleep=clock.sleep, **known)


async def test_a_call_does_not_wait_for_a_seat_for_ever():
    """A call that gets no seat within its patience fails unsent."""
    full = pace(Clock(), patience=0.01)
    async with full.seat(), full.seat():
        with pytest.raises(TryLater, match="seats"):
            async with full.seat():
                pass
    async with full.seat():
        pass


async def test_every_call_waits_for_a_short_pause():
    """A pause of up to ten seconds holds up calls that began before it and after it."""
    clock = Clock()
    held = pace(clock)
    assert held.is_clear()
    held.hold(4.0)
    assert not held.is_clear()
    await held.turn(began=0.0)
    assert clock.slept == [4.0]
    await held.turn(began=clock.now)
    assert clock.slept == [4.0]


async def test_a_long_pause_fails_waiting_calls():
    """Calls that began before the pause raise the wait that is left; later ones are not held up."""
    clock = Clock()
    held = pace(clock)
    held.hold(60.0)
    clock.now += 1
    with pytest.raises(RateLimited) as raised:
        await held.turn(began=1000.0)
    assert raised.value.wait == 59.0
    await held.turn(began=clock.now)
    assert clock.slept == []


async def test_a_pause_asked_for_while_waiting_counts():
    """A call that waits for the budget is not sent when a long pause starts meanwhile."""
    clock = Clock()
    held = pace(clock, per_minute=1)

    async def sleep(seconds: float) -> None:
        held.hold(500.0)

    held._sleep = sleep
    await held.turn(began=clock.now)
    with pytest.raises(RateLimited):
        await held.turn(began=clock.now)


async def test_a_call_does_not_wait_for_the_budget_for_ever():
    """A call whose wait for the budget would exceed its patience fails and books nothing."""
    clock = Clock()
    spent = pace(clock, per_minute=1, patience=150.0)
    for _ in range(3):
        await spent.turn(began=clock.now)
        clock.now = 1000.0
    with pytest.raises(TryLater, match="budget"):
        await spent.turn(began=clock.now)
    spent.resize(2, None)
    await spent.turn(began=clock.now)
    assert clock.slept == [60.0, 120.0]


# --- one login ---


async def test_a_failed_login_fails_those_who_came_before_its_end():
    """Everyone who set out before the failure shares it; who comes after may try."""
    clock, logins = Clock(), 0

    async def log_in() -> tuple[str, float | None]:
        nonlocal logins
        logins += 1
        if logins == 1:
            raise LoginRefused("no")
        return "token", 50.0

    session = TokenSession(log_in, clock=clock)
    with pytest.raises(LoginFailed) as first:
        await session.current(began=999.0)
    with pytest.raises(LoginFailed) as second:
        await session.current(began=1000.0)
    assert first.value.error is second.value.error
    assert logins == 1
    clock.now = 1001.0
    token = await session.current(began=1001.0)
    assert (token.value, token.good_until) == ("token", 1046.0)
    assert "value" not in repr(token)


async def test_a_refused_old_token_does_not_drop_a_new_one():
    """A late refusal of the old token leaves the new one in use."""
    clock, logins = Clock(), 0

    async def log_in() -> tuple[str, float | None]:
        nonlocal logins
        logins += 1
        return f"token {logins}", None

    session = TokenSession(log_in, clock=clock)
    old = await session.current(began=1.0)
    session.drop(old)
    new = await session.current(began=2.0)
    session.drop(old)
    assert await session.current(began=3.0) is new
    assert logins == 2


async def test_closing_gives_up_a_login_under_way():
    """No task is left behind."""

    async def log_in() -> tuple[str, float | None]:
        await asyncio.Event().wait()
        return "", None

    session = TokenSession(log_in, clock=Clock())
    waiting = asyncio.create_task(session.current(began=1.0))
    await settle()
    await session.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await session.close()
