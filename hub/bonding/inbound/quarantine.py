"""Fetches again what failed for a passing reason, with growing waits; what reads well leaves the quarantine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from hub.context import HubContext, VendorAccount
from hub.db.quarantine import FIRST_RETRY, QuarantinedItem
from hub.db.streams import Stream
from hub.db.unit import Unit
from hub.errors import HubError, LoginRefused, RateLimited, VendorError
from hub.model.journal.accounts import UpdateReleased

T = TypeVar("T")

LONGEST_WAIT = timedelta(minutes=15)
SOON = timedelta(seconds=60)
"""The longest wait within the first tries, so that an item arrives within two minutes of the end of a fault."""
SOON_TRIES = 30
MOST_AT_ONCE = 50


def next_wait(tries: int) -> timedelta:
    """How long to wait after so many tries: doubled each time, to a minute for half an hour, then 15 minutes."""
    if tries > SOON_TRIES:
        return LONGEST_WAIT
    return min(FIRST_RETRY * (1 << min(tries, 10)), SOON)


async def fetch_again(
    context: HubContext,
    vendor_account: VendorAccount,
    stream: Stream,
    fetch: Callable[[QuarantinedItem], Awaitable[T | None]],
    take: Callable[[Unit, T], Awaitable[None]],
    stopping: Callable[[], bool],
) -> int:
    """Fetch the items that are due, and store each with `take`; returns how many left the quarantine.

    `fetch` returns None for an item that the hub can't fetch on its own; it waits for a person. Errors that speak for
    the whole account end the run without a try being counted: RateLimited, LoginRefused, and no answer at all.
    """
    async with context.storage.unit() as unit:
        due = await unit.quarantine.due(vendor_account.name, stream.kind, unit.now, MOST_AT_ONCE)
    released = 0
    for item in due:
        if stopping():
            break
        try:
            fetched = await fetch(item)
        except (RateLimited, LoginRefused):
            break
        except HubError as error:
            if isinstance(error, VendorError) and not error.answered:
                break
            passing = isinstance(error, VendorError) and error.passing
            await _tried(context, item, error.message, passing=passing)
            continue
        if fetched is None:
            await _tried(context, item, item.reason, passing=False)
            continue
        released += await _store(context, item, fetched, take)
    return released


async def _store(
    context: HubContext, item: QuarantinedItem, fetched: T, take: Callable[[Unit, T], Awaitable[None]]
) -> int:
    try:
        async with context.storage.unit() as unit:
            await take(unit, fetched)
            await release(unit, item, how="read")
    except HubError:
        raise
    except Exception as error:  # noqa: BLE001 - any error concerns this item only
        await _tried(context, item, f"internal error ({type(error).__name__}); see the log", passing=False)
        return 0
    return 1


async def release(unit: Unit, item: QuarantinedItem, *, how: str, who: str = "") -> None:
    """Take an item out of quarantine, and journal how it left."""
    if await unit.quarantine.remove(item.account, item.kind, [item.reference]):
        unit.note(
            f"account:{item.account}", UpdateReleased(stream=item.kind, reference=item.reference, how=how, who=who)
        )


async def _tried(context: HubContext, item: QuarantinedItem, reason: str, *, passing: bool) -> None:
    async with context.storage.unit() as unit:
        due_at = unit.now + next_wait(item.tries + 1) if passing else None
        await unit.quarantine.tried(item, reason, due_at)
