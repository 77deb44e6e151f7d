"""A hub of two workers in a time of its own, seven simulated vendors that live in the same time, and nobody who waits."""

from __future__ import annotations

import asyncio
import heapq
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from desk_kit import plugins, send_all
from vendor_kit import House, open_house

from hub import bootstrap
from hub.db.notices import Notice
from hub.model import StreamKind
from hub.settings import load
from hub.sla.rules import ServiceRules, read_rules
from hub.work.dispatch import Dispatcher
from hub.work.puller import Puller
from hub.work.watching import Watcher

LEASE = 30.0
RETRY = timedelta(minutes=2)
LAST = datetime.max.replace(tzinfo=UTC)

HOURS_PASS = """
    UPDATE outbox SET ready_at = now(), lease_owner = NULL, lease_until = NULL;
    UPDATE lane SET resume_at = now() WHERE resume_at IS NOT NULL;
    UPDATE stream SET lease_owner = NULL, lease_until = NULL, due_at = now() + interval '1 day'
"""
"""Leases, holds and backoffs are in the database's time; between two moments of the month they are over."""


class Died(BaseException):
    """A worker is gone, in the middle of whatever it did."""


class Hand:
    """A clock that stands where it is put."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Worker:
    """One worker's parts, moved by hand; it can die at any of its transactions, before or after the commit."""

    def __init__(self, name: str, hub: bootstrap.Hub, month: Month) -> None:
        self.name, self.hub, self._month = name, hub, month
        hub.storage.clock = month.hand
        self._whole, self._left, self._committed = hub.storage.unit, 0, False
        hub.storage.unit = self._unit  # type: ignore[method-assign]
        self.watcher = Watcher(hub.context, month.rules, self._tell)
        self._senders = {
            account: Dispatcher(hub.context, vendor_account, name, lease_seconds=LEASE, idle_seconds=0.05)
            for account, vendor_account in hub.context.accounts.items()
        }
        for account, vendor_account in hub.context.accounts.items():
            self._senders[account].seats = 4
            runner = vendor_account.account.client._runner
            runner._sleep = runner.pace._sleep = _at_once

    def die(self, transactions: int, *, committed: bool) -> None:
        """Die at that transaction from now on, right before its commit or right after it."""
        self._left, self._committed = transactions, committed

    @asynccontextmanager
    async def _unit(self) -> AsyncIterator[Any]:
        self._left -= 1
        last = self._left == 0
        async with self._whole() as unit:
            yield unit
            if last and not self._committed:
                raise Died
        if last:
            raise Died

    async def _tell(self, notices: Sequence[Notice]) -> None:
        """Tell nobody, and remember of what and when."""
        async with self.hub.storage.unit() as unit:
            ids = [one.id for one in notices]
            await unit.notices.change(ids, state="done", settled_at=unit.now)
        self._month.told += [(one.key, self._month.hand.now) for one in notices]

    async def send(self, account: str) -> None:
        """Send until nothing is in hand and nothing is due."""
        await send_all(self._senders[account])

    async def watch(self) -> None:
        """Look and act until nothing is due."""
        while await self.watcher.turn():
            pass

    async def pull(self, account: str) -> None:
        """Read the news of an account's cases once, due or not."""
        context = self.hub.context
        await self._month.execute(
            f"UPDATE stream SET due_at = now() WHERE account = '{account}' AND kind = '{StreamKind.CASES}'"
        )
        await Puller(context, context.vendor_account(account), self.name, lease_seconds=LEASE, idle_seconds=1).once(
            asyncio.Event()
        )

    def stop(self) -> None:
        """Let go of all that is under way, without a word."""
        for sender in self._senders.values():
            for held in sender._hand.values():
                if held.task is not None:
                    held.task.cancel()


async def _at_once(_: float) -> None:
    await asyncio.sleep(0)


async def _nothing() -> None: ...


class Month:
    """The hub's desk, its workers, the vendors, and what is to happen when."""

    def __init__(self, house: House, hand: Hand, rules: ServiceRules, stack: AsyncExitStack) -> None:
        self.house, self.hand, self.rules = house, hand, rules
        self.told: list[tuple[str, datetime]] = []
        self.workers: list[Worker] = []
        self.deaths = 0
        self.ticks = 0
        self.unsent: set[str] = set()
        """Accounts that may have something to send."""
        self._waiting: set[str] = set()
        self.away: set[str] = set()
        """Accounts whose vendor is away."""
        self.dice = random.Random(2027)
        self.sent: Callable[[], Awaitable[None]] = _nothing
        """Called after everything was sent, at each moment."""
        self._stack, self._names = stack, count(1)
        self._agenda: list[tuple[datetime, int, Callable[[], Awaitable[None]]]] = []
        self._order = count()

    def at(self, when: datetime, do: Callable[[], Awaitable[None]]) -> None:
        """Have something happen at a moment to come; what is to happen at once keeps its order."""
        heapq.heappush(self._agenda, (when, next(self._order), do))

    async def execute(self, statement: str) -> Any:
        """A statement behind the hub's back; its first value, if it gives any."""
        async with self.house.context.storage.engine.begin() as connection:
            done = await connection.exec_driver_sql(statement)
            return done.scalar() if done.returns_rows else None

    async def start_worker(self) -> Worker:
        """One more worker, on a hub of its own."""
        opened = bootstrap.open_hub(load(self.house.place, self.house.env), connections=6, plugins=plugins())
        worker = Worker(f"worker-{next(self._names)}", await self._stack.enter_async_context(opened), self)
        self.workers.append(worker)
        return worker

    async def run(self, end: datetime) -> None:
        """Go from moment to moment until the end: what is to happen, then what is to be sent, then what is due."""
        while (moment := await self._next()) < end:
            self.hand.now = max(moment, self.hand.now)
            self.ticks += 1
            for sim in self.house.sims.values():
                sim.clock.stop(self.hand.now.timestamp())
            while self._agenda and self._agenda[0][0] <= self.hand.now:
                await heapq.heappop(self._agenda)[2]()
            await self._send()
            await self.sent()
            await self._each(lambda worker: worker.watch())
            await self._later()
        self.hand.now = end

    async def _next(self) -> datetime:
        """When anything is to happen next, by the agenda or by the hub's own tables."""
        due = await self.execute(
            "SELECT least((SELECT min(due_at) FROM watch), (SELECT min(due_at) FROM notice WHERE state = 'ready'))"
        )
        return min(filter(None, (due, self._agenda[0][0] if self._agenda else None)), default=LAST)

    async def _send(self) -> None:
        for account in sorted(self.unsent):
            await self._each(lambda worker, account=account: worker.send(account))
        self.unsent.clear()

    async def _later(self) -> None:
        """What could not be told, or was only just asked for, is tried soon, unless the vendor is away."""
        left = await self.execute("SELECT array_agg(DISTINCT account) FROM outbox")
        for account in set(left or ()) - self.away - self._waiting:
            self._waiting.add(account)
            self.at(self.hand.now + RETRY, lambda account=account: self._again(account))

    async def _again(self, account: str) -> None:
        await self.execute(HOURS_PASS)
        self._waiting.discard(account)
        self.unsent.add(account)

    async def _each(self, do: Callable[[Worker], Awaitable[None]]) -> None:
        """Both workers at once; one that dies is followed by another, which begins with what it left."""
        while True:
            results = await asyncio.gather(*(do(worker) for worker in self.workers), return_exceptions=True)
            dead = [worker for worker, one in zip(self.workers, results, strict=True) if isinstance(one, Died)]
            for one in results:
                if isinstance(one, BaseException) and not isinstance(one, Died):
                    raise one
            if not dead:
                return
            for worker in dead:
                self.deaths += 1
                await self.replace(worker)

    async def replace(self, worker: Worker) -> None:
        """Put another worker in the place of one that is gone, once its leases are over."""
        worker.stop()
        self.workers.remove(worker)
        await self.execute(HOURS_PASS)
        await self.start_worker()


@asynccontextmanager
async def open_month(
    database_url: str,
    begin: datetime,
    policy: Path,
    accounts: Mapping[str, tuple[str, str]],
    **changes: Mapping[str, Any],
) -> AsyncIterator[Month]:
    """A month that begins under a policy, with an account at each vendor and two workers."""
    async with AsyncExitStack() as stack:
        house = await stack.enter_async_context(open_house(database_url, accounts, **changes))
        hand = Hand(begin)
        house.context.storage.clock = hand
        settings = {name: vendor_account.account.settings for name, vendor_account in house.context.accounts.items()}
        month = Month(house, hand, read_rules(None, policy, settings), stack)
        for _ in range(2):
            await month.start_worker()
        yield month
