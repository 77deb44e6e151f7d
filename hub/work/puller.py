"""The puller of one account: reads its streams when they are due; any number of workers may run one."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from hub.bonding.inbound.streams import StreamRun, error_text, read_stream
from hub.context import HubContext, VendorAccount
from hub.db.streams import Stream
from hub.errors import HubError, LeaseLost, LoginRefused, NotPermitted, RateLimited, StorageUnavailable
from hub.knowledge.mirror import read_publications
from hub.model import StreamKind
from hub.sessions import read_sessions
from hub.work.events import either
from hub.work.gate import pause
from hub.work.pace import LONGEST_WAIT, backoff
from hub.work.timetable import intervals

log = logging.getLogger("hub.work")

READERS = {
    StreamKind.ARTICLES: read_publications,
    StreamKind.PATCHES: read_publications,
    StreamKind.SESSIONS: read_sessions,
}
"""The function that reads a stream; `read_stream` for those not named."""

NEVER_LATER = 3.0
"""Intervals after which a stream is due even if no timetable has called for it."""


class Puller:
    """Reads the streams of one account."""

    def __init__(
        self,
        context: HubContext,
        vendor_account: VendorAccount,
        worker: str,
        *,
        lease_seconds: float,
        idle_seconds: float,
    ) -> None:
        self._context, self._vendor_account, self._worker = context, vendor_account, worker
        self._lease_seconds, self._idle_seconds = lease_seconds, idle_seconds
        self._stir = asyncio.Event()
        self.seats = 0
        """Set by the worker; with none, another worker reads."""

    def wake(self) -> None:
        """Look for a due stream now."""
        self._stir.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Read until `stopping` is set; waits while the database is down."""
        trouble = 0
        while not stopping.is_set():
            self._stir.clear()
            try:
                read = await self.once(stopping) if self.seats else None
                trouble = 0
            except StorageUnavailable as error:
                trouble += 1
                log.warning("the streams of %s are waiting for the database: %s", self._vendor_account.name, error)
                await either(stopping, stopping, backoff(trouble, first=0.25, longest=2.0))
                continue
            if read is None:
                await either(stopping, self._stir, self._idle_seconds)

    async def once(self, stopping: asyncio.Event, *, at_once: bool = False) -> tuple[Stream, StreamRun] | None:
        """Read one due stream to its end; None when none is due, or the lane may not be used now."""
        name = self._vendor_account.name
        async with self._context.storage.unit() as unit:
            lane = await unit.lanes.get(name)
            if lane is None or lane.paused_at is not None or await unit.lanes.hold_left(name) > 0:
                return None
            stream = await unit.streams.claim(name, self._worker, self._lease_seconds, at_once=at_once)
        if stream is None:
            return None
        return stream, await self._read(stream, stopping)

    async def _read(self, stream: Stream, stopping: asyncio.Event) -> StreamRun:
        wait, error = intervals(self._vendor_account).get(stream.kind, 60.0) * NEVER_LATER, ""
        run = StreamRun()
        beat = asyncio.create_task(self._keep(stream))
        try:
            read = READERS.get(stream.kind, read_stream)
            run = await read(
                self._context, self._vendor_account, stream, lease_seconds=self._lease_seconds, stopping=stopping.is_set
            )
            if run.more:
                wait = 0.0
        except (LeaseLost, StorageUnavailable):
            raise
        except HubError as refused:
            error = error_text(refused)
            asked = refused.wait if isinstance(refused, RateLimited) else None
            wait = (
                min(asked, LONGEST_WAIT) if asked is not None else backoff(stream.failures + 1, first=2.0, longest=300)
            )
            log.warning("stream %s of %s: %s", stream.kind, self._vendor_account.name, error)
            if isinstance(refused, LoginRefused) or (
                isinstance(refused, NotPermitted) and stream.kind == StreamKind.CASES
            ):  # a stream that may not be read must not stop the cases
                await self._pause(error)
        finally:
            beat.cancel()
        async with self._context.storage.unit() as unit:
            await unit.streams.finish(stream, wait, error)
        return run

    async def _keep(self, stream: Stream) -> None:
        """Keep the lease while a page takes long; while the database is down, the lease just expires."""
        while True:
            await asyncio.sleep(self._lease_seconds / 3)
            with contextlib.suppress(StorageUnavailable):
                async with self._context.storage.unit() as unit:
                    await unit.streams.extend(stream, self._lease_seconds)

    async def _pause(self, reason: str) -> None:
        async with self._context.storage.unit() as unit:
            if lane := await unit.lanes.get(self._vendor_account.name, lock=True):
                await pause(unit, lane, reason)
