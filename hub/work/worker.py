"""One worker: runs dispatchers and pullers for all accounts, shares lanes with other workers, and stops cleanly."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import secrets
import socket
from collections.abc import Awaitable, Callable, Mapping

from hub.context import HubContext, VendorAccount
from hub.db.storage import WORK
from hub.errors import HubError, StorageUnavailable
from hub.work.dispatch import Dispatcher
from hub.work.events import either
from hub.work.pace import backoff, budget_part, fair_seats
from hub.work.puller import Puller
from hub.work.timetable import intervals, timetable
from hub.work.watching import Watcher

log = logging.getLogger("hub.work")


def _spare_the_collector() -> None:
    """Take objects loaded at startup out of garbage collection: they live as long as the worker."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


class Worker:
    """Does the hub's work; any number may run on the same database."""

    def __init__(
        self,
        context: HubContext,
        *,
        lease_seconds: float = 30,
        idle_seconds: float = 5,
        grace_seconds: float = 20,
        batch: int = 64,
        watcher: Watcher | None = None,
    ) -> None:
        self.id = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
        self._context = context
        self._lease, self._idle, self._grace = lease_seconds, idle_seconds, grace_seconds
        make = {"lease_seconds": lease_seconds, "idle_seconds": idle_seconds}
        accounts = context.accounts.values()
        self._dispatchers = {
            vendor_account.name: Dispatcher(context, vendor_account, self.id, batch=batch, **make)
            for vendor_account in accounts
        }
        self._pullers = {
            vendor_account.name: Puller(context, vendor_account, self.id, **make) for vendor_account in accounts
        }
        self._watcher = watcher
        self._seats: dict[str, int] = {}
        self.ready = asyncio.Event()
        """Set once the worker has its shares and is looking for work."""

    async def run(self, stopping: asyncio.Event) -> None:
        """Work until `stopping` is set, then finish calls in progress and release everything."""
        _spare_the_collector()
        await self._persist(self._register, stopping)
        scheduler = timetable(self._context)
        scheduler.start()
        jobs: list[tuple[str, Callable[[asyncio.Event], Awaitable[None]]]] = [
            ("shares", self._keep_shares),
            ("news", self._listen),
            *((("clocks", self._watcher.run),) if self._watcher else ()),
            *((f"lane {name}", one.run) for name, one in self._dispatchers.items()),
            *((f"streams {name}", one.run) for name, one in self._pullers.items()),
        ]
        tasks = [asyncio.create_task(self._always(name, job, stopping), name=name) for name, job in jobs]
        log.info("worker %s started, serving %d accounts", self.id, len(self._dispatchers))
        try:
            await stopping.wait()
        finally:
            scheduler.shutdown(wait=False)
            await self._end(tasks)

    async def _end(self, tasks: list[asyncio.Task[None]]) -> None:
        log.info("worker %s is stopping; calls in progress have %s s", self.id, self._grace)
        drains = [
            asyncio.create_task(self._drain(one, next(task for task in tasks if task.get_name() == f"lane {name}")))
            for name, one in self._dispatchers.items()
        ]
        _, late = await asyncio.wait([*tasks, *drains], timeout=self._grace + 5)
        for task in late:
            task.cancel()
        for result in await asyncio.gather(*tasks, *drains, return_exceptions=True):
            if isinstance(result, Exception):
                log.warning("while stopping: %s", result)
        try:
            async with self._context.storage.unit() as unit:
                await unit.lanes.leave(self.id)
        except StorageUnavailable as error:
            log.warning("worker %s could not deregister; its leases will expire (%s)", self.id, error)
        log.info("worker %s has stopped", self.id)

    async def _drain(self, dispatcher: Dispatcher, claiming: asyncio.Task[None]) -> None:
        """Wait until the dispatcher claims nothing more, then drain it."""
        await asyncio.wait([claiming])
        await dispatcher.drain(self._grace)

    async def _always(
        self, name: str, job: Callable[[asyncio.Event], Awaitable[None]], stopping: asyncio.Event
    ) -> None:
        """Restart a job after any error, so that one account's fault does not end the others' work."""
        trouble = 0
        while not stopping.is_set():
            try:
                await job(stopping)
            except StorageUnavailable as error:
                log.warning("%s is waiting for the database: %s", name, error)
                if job == self._keep_shares:
                    await self._revive()
            except Exception:
                log.exception("%s failed (internal error); restarting it", name)
            else:
                trouble = 0
                continue
            trouble += 1
            await either(stopping, stopping, backoff(trouble, first=0.25, longest=5.0))

    async def _revive(self) -> None:
        """Restart the embedded database after it died."""
        if self._context.storage.revive is not None:
            try:
                await asyncio.to_thread(self._context.storage.revive)
            except HubError as error:
                log.error("the database can't be restarted: %s", error)  # noqa: TRY400 - the message says it all

    async def _persist(self, step: Callable[[], Awaitable[None]], stopping: asyncio.Event) -> None:
        trouble = 0
        while not stopping.is_set():
            try:
                await step()
                return
            except StorageUnavailable as error:
                trouble += 1
                log.warning("worker %s is waiting for the database: %s", self.id, error)
                await either(stopping, stopping, backoff(trouble, first=0.25, longest=2.0))

    async def _register(self) -> None:
        async with self._context.storage.unit() as unit:
            for vendor_account in self._context.accounts.values():
                await unit.lanes.ensure(vendor_account.name, vendor_account.info.name)
                for kind in intervals(vendor_account):
                    await unit.streams.ensure(vendor_account.name, kind)

    async def _keep_shares(self, stopping: asyncio.Event) -> None:
        """Take and renew this worker's share of every lane."""
        while not stopping.is_set():
            async with self._context.storage.unit() as unit:
                await unit.lanes.seen(self.id, socket.gethostname(), os.getpid())
                for vendor_account in self._context.accounts.values():
                    await unit.lanes.get(vendor_account.name, lock=True)
                    shares = await unit.lanes.shares(vendor_account.name)
                    seats = fair_seats(vendor_account.account.settings.concurrency, self.id, shares)
                    await unit.lanes.take(vendor_account.name, self.id, seats, self._lease)
                    self._seats[vendor_account.name] = seats
            for vendor_account in self._context.accounts.values():
                self._share(vendor_account, self._seats[vendor_account.name])
            self.ready.set()
            await either(stopping, stopping, min(self._lease / 3, 2.0))

    def _share(self, vendor_account: VendorAccount, seats: int) -> None:
        settings = vendor_account.account.settings
        dispatcher, puller = self._dispatchers[vendor_account.name], self._pullers[vendor_account.name]
        if dispatcher.seats == seats:
            return
        budget = budget_part(settings.requests_per_minute, seats, settings.concurrency)
        vendor_account.account.client.set_pace(max(seats, 1), budget or settings.requests_per_minute)
        dispatcher.seats = puller.seats = seats
        dispatcher.wake()
        puller.wake()

    async def _listen(self, stopping: asyncio.Event) -> None:
        """Wake dispatchers and pullers as new work arrives."""

        async def hear() -> None:
            async for channel, account in self._context.storage.listen():
                sleepers: Mapping[str, Dispatcher | Puller] = self._dispatchers if channel == WORK else self._pullers
                if sleeper := sleepers.get(account):
                    sleeper.wake()

        hearing = asyncio.create_task(hear())
        waiting = asyncio.create_task(stopping.wait())
        done, left = await asyncio.wait({hearing, waiting}, return_when=asyncio.FIRST_COMPLETED)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        if hearing in done:
            hearing.result()
