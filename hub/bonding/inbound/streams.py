"""Reads one stream of an account page by page, and stores each page with its cursor."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import msgspec

from hub.bonding.inbound.apply import NewsCounts, apply_news
from hub.bonding.inbound.quarantine import fetch_again
from hub.bonding.inbound.reconcile import reconcile_some
from hub.context import HubContext, VendorAccount
from hub.db.attachments import StoredAttachment
from hub.db.quarantine import QuarantinedItem
from hub.db.streams import Stream
from hub.db.unit import Unit
from hub.errors import (
    BadInput,
    CaseRefused,
    HubError,
    LeaseLost,
    NotPermitted,
    VendorError,
    VendorMisbehaved,
    VendorUnavailable,
)
from hub.model import AnyAccount, Attachment, CaseNews, Cursor, Page, Quarantined, StreamKind
from hub.model.journal.accounts import FileFetched, FileRefused, UpdateQuarantined, UpdateReleased
from hub.privacy.disclose import safe_name

log = logging.getLogger("hub.bonding")

T = TypeVar("T")

MOST_PAGES = 200
"""Pages in one run; the next run reads the rest, so that no stream keeps an account busy for long."""

MOST_BYTES = 100 * 1024 * 1024
FILE_TRIES = 5


@dataclass
class StreamRun:
    """The result of reading a stream."""

    pages: int = 0
    items: int = 0
    more: bool = False
    tally: NewsCounts = field(default_factory=NewsCounts)
    differences: int = 0


async def read_stream(
    context: HubContext,
    vendor_account: VendorAccount,
    stream: Stream,
    *,
    lease_seconds: float,
    stopping: Callable[[], bool] = lambda: False,
) -> StreamRun:
    """Read a leased stream to its end. Raises the vendor's error; pages stored before it stay."""
    if stream.kind == StreamKind.FILES:
        return await _files(context, vendor_account, stream, lease_seconds, stopping)
    if stream.kind == StreamKind.RECONCILE:
        return await _reconcile(context, vendor_account, stream, lease_seconds, stopping)
    return await _cases(context, vendor_account, stream, lease_seconds, stopping)


async def _cases(
    context: HubContext,
    vendor_account: VendorAccount,
    stream: Stream,
    lease_seconds: float,
    stopping: Callable[[], bool],
) -> StreamRun:
    tally = NewsCounts()

    async def take(unit: Unit, items: Sequence[CaseNews], read_at: datetime) -> None:
        tally.add(await apply_news(unit, vendor_account, items, read_at=read_at))

    run = await read_pages(
        context,
        vendor_account,
        stream,
        vendor_account.vendor.changed_cases,
        take,
        lambda update: update.reference.number,
        lease_seconds=lease_seconds,
        stopping=stopping,
    )

    async def fetch(item: QuarantinedItem) -> tuple[CaseNews, datetime] | None:
        return await _read_case(context, vendor_account, item)

    async def take_one(unit: Unit, fetched: tuple[CaseNews, datetime]) -> None:
        await take(unit, [fetched[0]], fetched[1])

    if vendor_account.can("read_case"):
        await fetch_again(context, vendor_account, stream, fetch, take_one, stopping)
    run.tally = tally
    return run


async def _read_case(
    context: HubContext, vendor_account: VendorAccount, item: QuarantinedItem
) -> tuple[CaseNews, datetime] | None:
    """The case in quarantine, and the hub's time before it was read; None for a case without a bond."""
    async with context.storage.unit() as unit:
        bonds = await unit.bonds.of_cases(vendor_account.name, [item.reference])
    if not bonds or bonds[0].reference is None:
        return None
    read_at = context.storage.clock()
    case = await vendor_account.vendor.read_case(vendor_account.account, bonds[0].reference)
    return CaseNews(reference=case.reference, case=case), read_at


async def read_pages(
    context: HubContext,
    vendor_account: VendorAccount,
    stream: Stream,
    fetch: Callable[[AnyAccount, Cursor], Awaitable[Page[T]]],
    take: Callable[[Unit, Sequence[T], datetime], Awaitable[None]],
    name: Callable[[T], str],
    *,
    lease_seconds: float,
    stopping: Callable[[], bool] = lambda: False,
) -> StreamRun:
    """Read a leased stream page by page, each page stored by `take` in the transaction that moves the cursor.

    `take` gets the hub's time when the reading of the page began. When a page can't be stored as a whole, its items are
    stored one by one, and an item that can't be stored is quarantined under its `name`. Raises the vendor's error;
    pages stored before it stay.
    """
    run, cursor = StreamRun(more=True), stream.cursor
    while run.more and run.pages < MOST_PAGES and not stopping():
        read_at = context.storage.clock()
        page = await fetch(vendor_account.account, cursor)
        if page.more and page.cursor == cursor:
            raise VendorMisbehaved(
                "the stream's cursor does not move although there are more pages",
                account=vendor_account.name,
                next_step="report it to the plugin's author",
            )
        whole = [(list(page.items), "")]
        try:
            await _store(context, vendor_account, stream, page, whole, take, name, read_at, lease_seconds)
        except HubError:
            raise
        except Exception:
            log.exception("a page of %s could not be stored; trying its items one by one", vendor_account.name)
            single = [([item], "internal error") for item in page.items]
            await _store(context, vendor_account, stream, page, single, take, name, read_at, lease_seconds)
        cursor, run.more = page.cursor, page.more
        run.pages += 1
        run.items += len(page.items)
    return run


async def _store(
    context: HubContext,
    vendor_account: VendorAccount,
    stream: Stream,
    page: Page[T],
    groups: Sequence[tuple[list[T], str]],
    take: Callable[[Unit, Sequence[T], datetime], Awaitable[None]],
    name: Callable[[T], str],
    read_at: datetime,
    lease_seconds: float,
) -> None:
    """Store a page's items in groups, with its cursor; a group with a reason is quarantined when it can't be stored."""
    quarantined = list(page.quarantined)
    async with context.storage.unit() as unit:
        encoded = msgspec.json.encode(page.cursor)
        if not await unit.streams.advance(stream, encoded, len(page.items), lease_seconds):
            raise LeaseLost(f"stream {stream.kind} of {vendor_account.name} was taken over; its page was not stored")
        for items, reason in groups:
            if not reason:
                await take(unit, items, read_at)
                continue
            try:
                async with unit.attempt():
                    await take(unit, items, read_at)
            except Exception as error:  # noqa: BLE001 - any error concerns this item only
                why = f"{reason} ({type(error).__name__}); see the log"
                quarantined.append(Quarantined(reference=name(items[0]), reason=why))
        read = [name(item) for items, _ in groups for item in items]
        lost = {bad.reference for bad in quarantined}
        for reference in await unit.quarantine.remove(vendor_account.name, stream.kind, sorted(set(read) - lost)):
            unit.note(
                f"account:{vendor_account.name}", UpdateReleased(stream=stream.kind, reference=reference, how="read")
            )
        for bad in await unit.quarantine.put(vendor_account.name, stream.kind, quarantined, unit.now):
            entry = UpdateQuarantined(stream=stream.kind, reference=bad.reference)
            unit.note(f"account:{vendor_account.name}", entry)
            log.warning("update of %s at %s quarantined: %s", bad.reference, vendor_account.name, bad.reason)


async def _files(
    context: HubContext,
    vendor_account: VendorAccount,
    stream: Stream,
    lease_seconds: float,
    stopping: Callable[[], bool],
) -> StreamRun:
    """Fetch the files that cases mention; each is tried a few times.

    A file that can't be fetched does not stop the others. A failed try counts only when another file arrived: when none
    did, the vendor is down and the files wait. Then VendorUnavailable or NotPermitted is raised.
    """
    run, away = StreamRun(), list[tuple[StoredAttachment, VendorError]]()
    if not vendor_account.can("fetch_attachment"):
        return run
    async with context.storage.unit() as unit:
        waiting = await unit.attachments.unfetched(vendor_account.name, 50, FILE_TRIES)
    for stored, reference in waiting:
        if stopping():
            break
        wanted = Attachment(
            name=stored.name, size=stored.size, media_type=stored.media_type, reference=stored.reference
        )
        try:
            async with context.storage.unit() as unit:
                async with aclosing(
                    vendor_account.vendor.fetch_attachment(vendor_account.account, reference, wanted)
                ) as content:  # type: ignore[type-var]
                    sha256, size = await unit.attachments.store(content, MOST_BYTES)
                # Only now: a unit that wakes this stream would wait for the row as long as the vendor is slow.
                if not await unit.streams.advance(stream, msgspec.json.encode(stream.cursor), 1, lease_seconds):
                    raise LeaseLost(f"stream {stream.kind} of {vendor_account.name} was taken over")
                await unit.attachments.change(stored.id, sha256=sha256, size=size, name=safe_name(stored.name))
                fetched = FileFetched(attachment=stored.id, sha256=sha256, size=size)
                unit.note(f"account:{vendor_account.name}", fetched)
        except (VendorUnavailable, NotPermitted) as error:
            away.append((stored, error))
        except (CaseRefused, VendorMisbehaved, BadInput) as error:
            await _file_failed(context, vendor_account, stored, error)
        else:
            run.items += 1
    if away and not run.items:
        raise away[0][1]
    for stored, gone in away:
        await _file_failed(context, vendor_account, stored, gone)
    run.more = len(waiting) == 50  # the limit above
    return run


async def _file_failed(
    context: HubContext, vendor_account: VendorAccount, stored: StoredAttachment, error: HubError
) -> None:
    async with context.storage.unit() as unit:
        await unit.attachments.change(stored.id, failures=stored.failures + 1)
        refused = FileRefused(attachment=stored.id, error=type(error).__name__)
        unit.note(f"account:{vendor_account.name}", refused)


async def _reconcile(
    context: HubContext,
    vendor_account: VendorAccount,
    stream: Stream,
    lease_seconds: float,
    stopping: Callable[[], bool],
) -> StreamRun:
    run = StreamRun(more=True)
    while run.more and run.pages < MOST_PAGES and not stopping():
        looked, found = await reconcile_some(context, vendor_account, stream, lease_seconds, run.tally)
        run.pages += 1
        run.items += looked
        run.differences += found
        run.more = looked > 0
    return run


def error_text(error: HubError) -> str:
    """An error in the form that a stream's state shows."""
    return f"{type(error).__name__}: {error.message}"
