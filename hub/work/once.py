"""Work for one command: takes a share of the lanes like a worker, and gives it back at the end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from hub.bonding.inbound.streams import StreamRun
from hub.context import HubContext, VendorAccount
from hub.db.lanes import Lane
from hub.errors import LeaseLost, StorageUnavailable
from hub.model import StreamKind, Value
from hub.work.pace import budget_part, fair_seats
from hub.work.puller import Puller
from hub.work.timetable import intervals


class StreamResult(Value, frozen=True):
    """The result of reading one stream."""

    account: str
    stream: str
    pages: int = 0
    items: int = 0
    cases: int = 0
    comments: int = 0
    attachments: int = 0
    conflicts: int = 0
    differences: int = 0
    error: str = ""  # the error's class and message
    skipped: str = ""  # why it was not read


class Guest:
    """A worker that lives as long as one command."""

    def __init__(self, context: HubContext, accounts: Sequence[VendorAccount], *, lease_seconds: float) -> None:
        self.id = f"{socket.gethostname()}-{os.getpid()}-once-{secrets.token_hex(3)}"
        self.seats: dict[str, int] = {}
        """Its seats in each lane; none while the workers hold them all."""
        self._context, self._accounts, self.lease_seconds = context, accounts, lease_seconds

    async def take(self) -> None:
        """Take or renew a fair share of every lane, without waiting."""
        for vendor_account in self._accounts:
            async with self._context.storage.unit() as unit:
                await unit.lanes.ensure(vendor_account.name, vendor_account.info.name)
                for kind in intervals(vendor_account):
                    await unit.streams.ensure(vendor_account.name, kind)
                await unit.lanes.get(vendor_account.name, lock=True)
                settings = vendor_account.account.settings
                shares = await unit.lanes.shares(vendor_account.name)
                seats = fair_seats(settings.concurrency, self.id, shares)
                await unit.lanes.take(vendor_account.name, self.id, seats, self.lease_seconds)
            self.seats[vendor_account.name] = seats
            budget = budget_part(settings.requests_per_minute, seats, settings.concurrency)
            vendor_account.account.client.set_pace(max(seats, 1), budget or settings.requests_per_minute)

    async def keep(self) -> None:
        """Renew the share until cancelled."""
        while True:
            await asyncio.sleep(min(self.lease_seconds / 3, 2.0))
            with contextlib.suppress(StorageUnavailable):
                await self.take()

    async def leave(self) -> None:
        """Give the share back."""
        async with self._context.storage.unit() as unit:
            await unit.lanes.leave(self.id)


@asynccontextmanager
async def guest(
    context: HubContext, accounts: Sequence[VendorAccount], *, lease_seconds: float
) -> AsyncIterator[Guest]:
    """A share of these lanes until the block ends, within the vendors' limits.

    While the workers hold all seats, it waits until they give some up, at most one lease.
    """
    worker = Guest(context, accounts, lease_seconds=lease_seconds)
    keeping: asyncio.Task[None] | None = None
    try:
        await worker.take()
        keeping = asyncio.create_task(worker.keep())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(lease_seconds):
                while not all(worker.seats.get(vendor_account.name) for vendor_account in accounts):  # noqa: ASYNC110 - the state is the database's
                    await asyncio.sleep(0.1)
        yield worker
    finally:
        if keeping is not None:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
        await worker.leave()


async def pull(
    context: HubContext,
    accounts: Sequence[VendorAccount],
    *,
    lease_seconds: float,
    told: Callable[[StreamResult], None] = lambda _read: None,
) -> list[StreamResult]:
    """Read every stream of these accounts to its end now, due or not; `told` is called with each result.

    A vendor's error ends its own stream only. Streams that another worker reads, or whose lane is paused or held, are
    skipped with the reason.
    """
    async with guest(context, accounts, lease_seconds=lease_seconds) as worker:
        results = await asyncio.gather(
            *(_account(context, vendor_account, worker, told) for vendor_account in accounts)
        )
    return [read for reads in results for read in reads]


async def _account(
    context: HubContext, vendor_account: VendorAccount, worker: Guest, told: Callable[[StreamResult], None]
) -> list[StreamResult]:
    kinds = list(intervals(vendor_account))
    if why := await closed(context, vendor_account, worker):
        return [StreamResult(account=vendor_account.name, stream=kind, skipped=why) for kind in kinds]
    async with context.storage.unit() as unit:
        for kind in kinds:
            await unit.streams.wake(vendor_account.name, kind)
    puller = Puller(context, vendor_account, worker.id, lease_seconds=worker.lease_seconds, idle_seconds=1.0)
    reads: dict[str, StreamResult] = {}
    ended: set[str] = set()
    never = asyncio.Event()
    while True:
        try:
            done = await puller.once(never)
        except LeaseLost:
            continue
        if done is None:
            break
        stream, run = done
        error = await _error(context, vendor_account.name, stream.kind)
        before = reads.get(stream.kind, StreamResult(account=vendor_account.name, stream=stream.kind))
        reads[stream.kind] = _sum(before, run, error)
        told(reads[stream.kind])
        if stream.kind in ended and not run.items:  # due again already
            break
        if not run.more:
            ended.add(stream.kind)
    why = await closed(context, vendor_account, worker) or "another worker reads it"
    return [reads.get(kind) or StreamResult(account=vendor_account.name, stream=kind, skipped=why) for kind in kinds]


def _sum(before: StreamResult, run: StreamRun, error: str) -> StreamResult:
    tally = run.tally
    return before.evolve(
        pages=before.pages + run.pages,
        items=before.items + run.items,
        cases=before.cases + tally.cases,
        comments=before.comments + tally.comments,
        attachments=before.attachments + tally.attachments,
        conflicts=before.conflicts + tally.conflicts,
        differences=before.differences + run.differences,
        error=error,
    )


async def _error(context: HubContext, account: str, kind: StreamKind) -> str:
    async with context.storage.unit() as unit:
        streams = await unit.streams.all()
    return next((stream.error for stream in streams if (stream.account, stream.kind) == (account, kind)), "")


async def closed(context: HubContext, vendor_account: VendorAccount, worker: Guest) -> str:
    """Why a guest may not use a lane now; empty when it may."""
    if not worker.seats.get(vendor_account.name):
        return "the workers need all of the account's concurrency; try again"
    async with context.storage.unit() as unit:
        lane: Lane | None = await unit.lanes.get(vendor_account.name)
        if lane is None:
            return ""
        if lane.paused_at is not None:
            return f"the account is paused: {lane.pause_reason}"
        left = await unit.lanes.hold_left(vendor_account.name)
    return f"the lane is held for {left:.0f} s: {lane.note}" if left > 0 else ""
