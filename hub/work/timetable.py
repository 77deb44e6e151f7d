"""The timetable: makes each stream due at its interval. It runs on every node; leased rows make a run happen once."""

from __future__ import annotations

import asyncio
import logging

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from hub.context import HubContext, VendorAccount
from hub.errors import StorageUnavailable
from hub.model import StreamKind

log = logging.getLogger("hub.work")

JITTER = 0.2
"""Part of an interval by which runs are spread, so that accounts and nodes don't all start at once."""

RECONCILE_SECONDS = 600.0


def intervals(vendor_account: VendorAccount) -> dict[StreamKind, float]:
    """Seconds between two runs of each stream that an account has."""
    poll = float(vendor_account.account.settings.poll_seconds)
    streams = {StreamKind.CASES: poll} if vendor_account.can("changed_cases") else {}
    if vendor_account.can("fetch_attachment"):
        streams[StreamKind.FILES] = max(poll, 60.0)
    if vendor_account.can("read_case"):
        streams[StreamKind.RECONCILE] = max(poll, RECONCILE_SECONDS)
    knowledge = float(vendor_account.account.settings.knowledge_seconds)
    if vendor_account.can("changed_articles"):
        streams[StreamKind.ARTICLES] = knowledge
    if vendor_account.can("changed_patches"):
        streams[StreamKind.PATCHES] = knowledge
    if vendor_account.can("changed_sessions"):
        streams[StreamKind.SESSIONS] = poll
    return streams


def timetable(context: HubContext) -> AsyncIOScheduler:
    """A scheduler for the streams of all accounts; start it within the event loop, and shut it down at the end."""
    scheduler = AsyncIOScheduler(timezone="UTC")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    for vendor_account in context.accounts.values():
        for kind, seconds in intervals(vendor_account).items():
            scheduler.add_job(
                _call,
                IntervalTrigger(seconds=seconds, jitter=int(seconds * JITTER) or None),
                args=[context, vendor_account.name, kind, seconds / 2],
                id=f"{vendor_account.name}/{kind}",
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )
    return scheduler


async def _call(context: HubContext, account: str, kind: StreamKind, since: float) -> None:
    try:
        async with context.storage.unit() as unit:
            if await unit.streams.request(account, kind, since):
                await unit.streams.wake(account, kind)
    except StorageUnavailable as error:
        log.warning("stream %s of %s could not be made due: %s", kind, account, error)
    except asyncio.CancelledError:  # shutting down; the scheduler would log it as an error
        return
