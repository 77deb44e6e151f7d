"""The dispatcher of one lane: claims bonds, sends their operations in order, stores the outcomes in groups.

All writes for a lane go through `turn`: one transaction stores the outcomes, records what is sent next, releases
finished bonds and claims new ones. Meanwhile, other claimed bonds are being sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Sequence
from itertools import count

from hub.bonding.judgement.coalesce import coalesce
from hub.bonding.judgement.outcome import Outcome
from hub.bonding.outbound import deliver
from hub.context import HubContext, VendorAccount
from hub.db.outbox import ReleasedBond, SettledOperation
from hub.db.unit import Unit
from hub.errors import StorageUnavailable
from hub.model import Operation, OperationState
from hub.model.journal.operations import Looking, Sending
from hub.work import record
from hub.work.events import either
from hub.work.gate import DispatchGate
from hub.work.hand import LeasedBond, lease_end
from hub.work.pace import backoff

log = logging.getLogger("hub.work")

AHEAD = 3
"""Bonds claimed for each seat, so that the next call can start while the last outcome is being stored."""

GATHER = 0.02
"""Longest time, in seconds, that outcomes wait for others while the seats are busy."""

GAP = 0.008
"""Shortest time, in seconds, from the start of one turn to the next."""


class Dispatcher:
    """Sends for one account, as one of possibly many workers."""

    def __init__(
        self,
        context: HubContext,
        vendor_account: VendorAccount,
        worker: str,
        *,
        lease_seconds: float,
        idle_seconds: float,
        batch: int = 128,
    ) -> None:
        self._context, self._vendor_account, self._worker = context, vendor_account, worker
        self._lease_seconds, self._idle_seconds, self._batch = lease_seconds, idle_seconds, batch
        self._hand: dict[int, LeasedBond] = {}
        self._outcomes: list[tuple[LeasedBond, Outcome]] = []
        self._stir = asyncio.Event()
        self._full = asyncio.Event()
        self._extended = time.monotonic()
        self._gate = DispatchGate(vendor_account.name)
        self._turning = asyncio.Lock()
        self._began = 0.0  # monotonic; the last turn
        self.seats = 0
        """How many calls may be in flight; set by the worker."""

    @property
    def busy(self) -> bool:
        """Whether any bond is claimed."""
        return bool(self._hand)

    def wake(self) -> None:
        """Look for work now."""
        self._stir.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Work until `stopping` is set; waits while the database is down."""
        trouble = 0
        while not stopping.is_set():
            await self._gather()
            try:
                claimed = await self.turn(claim=True)
                trouble = 0
            except StorageUnavailable as error:
                trouble += 1
                log.warning("lane %s is waiting for the database: %s", self._vendor_account.name, error)
                await either(stopping, stopping, backoff(trouble, first=0.25, longest=2.0))
                continue
            if not claimed and not self._outcomes:
                await self._idle(stopping)

    async def _gather(self) -> None:
        """Wait for more outcomes and new work, longer while the seats are busy, for fewer and larger transactions."""
        if (soon := self._began + GAP - time.monotonic()) > 0:
            await asyncio.sleep(soon)
        if self._outcomes and not self._enough:
            self._full.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._full.wait(), GATHER)

    @property
    def _enough(self) -> bool:
        """Whether a transaction is worthwhile, or needed so that no seat is idle."""
        return len(self._outcomes) >= self.seats or len(self._hand) - len(self._outcomes) <= self.seats

    async def _idle(self, stopping: asyncio.Event) -> None:
        limit = min(self._idle_seconds, self._lease_seconds / 3)
        pause = self._gate.again_at - time.monotonic()
        await either(stopping, self._stir, min(limit, pause) if pause > 0 else limit)

    async def drain(self, grace: float) -> None:
        """Claim nothing more, let calls in progress finish within the grace time, and release everything."""
        deadline = time.monotonic() + grace
        async with self._turning:
            pass  # a turn in progress may still claim something
        while self._hand:
            tasks = [held.task for held in self._hand.values() if held.task and not held.task.done()]
            if not tasks and not self._outcomes:
                break
            if tasks and not self._outcomes:
                await asyncio.wait(
                    tasks, timeout=max(0.0, deadline - time.monotonic()), return_when=asyncio.FIRST_COMPLETED
                )
            if time.monotonic() >= deadline:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            await self.turn(claim=False, onward=False)

    async def turn(self, *, claim: bool, onward: bool = True) -> int:
        """One transaction of the lane; returns how many bonds were claimed.

        Raises StorageUnavailable; the outcomes are then kept for the next turn.
        """
        async with self._turning:
            return await self._turn(claim=claim, onward=onward)

    async def _turn(self, *, claim: bool, onward: bool) -> int:
        self._began = time.monotonic()
        self._stir.clear()
        outcomes, self._outcomes = self._outcomes, []
        try:
            return await self._commit(outcomes, claim=claim, onward=onward)
        except StorageUnavailable:
            self._outcomes = outcomes + self._outcomes
            raise
        except Exception:
            log.exception("lane transaction of %s failed (internal error)", self._vendor_account.name)
            await self._one_by_one(outcomes, onward=onward)
            return 0

    async def _one_by_one(self, outcomes: list[tuple[LeasedBond, Outcome]], *, onward: bool) -> None:
        """After a failed transaction, store the outcomes one by one, so that only the faulty one is lost."""
        for position, (held, outcome) in enumerate(outcomes):
            try:
                await self._commit([(held, outcome)], claim=False, onward=onward)
            except StorageUnavailable:
                self._outcomes = outcomes[position:] + self._outcomes
                raise
            except Exception:
                log.exception("the outcome of %s can't be stored; its lease will expire", outcome.operation.key)
                if self._hand.get(held.bond.id) is held:
                    del self._hand[held.bond.id]

    async def _commit(self, outcomes: list[tuple[LeasedBond, Outcome]], *, claim: bool, onward: bool) -> int:
        until = lease_end(self._lease_seconds)  # from before the transaction, as the database counts
        try:
            async with self._context.storage.unit() as unit:
                plan = await self._acknowledge(unit, outcomes, onward=onward)
                if time.monotonic() - self._extended > self._lease_seconds / 3:
                    await self._extend(unit, until)
                fresh = await self._claim(unit, until) if claim else []
                await self._intend(unit, fresh, plan)
        except BaseException:
            for held, _ in outcomes:
                held.waiting.clear()  # what the lost transaction took is read again
            raise
        for held in fresh:
            late = self._hand.get(held.bond.id)
            if late is not None and late.task is not None:
                late.task.cancel()  # its lease was lost and is ours again under a higher epoch
            self._hand[held.bond.id] = held
        for held in plan.gone:
            if self._hand.get(held.bond.id) is held:
                del self._hand[held.bond.id]
        for held, operation in (*plan.look, *plan.send):
            held.task = asyncio.create_task(
                self._carry(held, operation, look=operation.state is not OperationState.READY)
            )
        return len(fresh)

    # --- the steps of a turn -----------------------------------------------------------------------------------

    async def _acknowledge(
        self, unit: Unit, outcomes: Sequence[tuple[LeasedBond, Outcome]], *, onward: bool
    ) -> record.AfterCommit:
        plan = record.AfterCommit()
        if not outcomes:
            return plan
        bonds = await unit.bonds.lock_many([held.bond.id for held, _ in outcomes])
        ours = await unit.outbox.hold([held.lease for held, _ in outcomes])
        kept: list[tuple[LeasedBond, Outcome]] = []
        for held, outcome in outcomes:
            if held.lease in ours and not outcome.lost:
                held.bond = bonds[held.bond.id]
                kept.append((held, outcome))
            else:
                plan.gone.append(held)
                log.warning(
                    "lease on bond %s was lost; the outcome of %s is dropped", held.bond.key, outcome.operation.key
                )
        await record.outcomes(unit, kept)
        onward = await self._gate.hear(unit, [outcome for _, outcome in kept]) and onward
        short = [held for held, outcome in kept if not held.waiting and outcome.state is OperationState.DONE]
        more = await unit.outbox.waiting([held.bond.id for held in short]) if short else {}
        for held in short:
            held.waiting.extend(more.get(held.bond.id, ()))
        released, parked = [], []
        for held, outcome in kept:
            step = record.next_step(outcome, held.waiting)
            if onward and step is record.NextMove.ONWARD:
                plan.onward.append((held, held.waiting.popleft()))
            elif onward and step is record.NextMove.AGAIN:
                again = outcome.operation.evolve(state=outcome.state)
                if outcome.state is OperationState.IN_DOUBT:  # it may have been stored as late as this
                    again = again.evolve(sent_at=unit.now)
                plan.onward.append((held, again))
            else:
                plan.gone.append(held)
                if step is record.NextMove.ASIDE:
                    parked.append(held.bond.id)
                else:
                    wait = outcome.again_in if outcome.again_in is not None else backoff(outcome.operation.attempts)
                    wait = 0.0 if outcome.state is OperationState.DONE else wait
                    released.append(ReleasedBond(bond_id=held.bond.id, epoch=held.epoch, again_in=wait))
        await unit.outbox.release(released, parked)
        return plan

    async def _extend(self, unit: Unit, until: float) -> None:
        leases = [held.lease for held in self._hand.values()]
        ours = await unit.outbox.extend(leases, self._lease_seconds)
        for held in self._hand.values():
            held.until = until if held.lease in ours else 0.0
        self._extended = time.monotonic()

    async def _claim(self, unit: Unit, until: float) -> list[LeasedBond]:
        wanted = min(self.seats * AHEAD - len(self._hand), self._batch)
        if wanted <= 0:
            return []
        claims = await self._gate.claim(unit, self._worker, wanted, self._lease_seconds, idle=not self._hand)
        return [LeasedBond.of(claim, until) for claim in claims]

    async def _intend(self, unit: Unit, fresh: list[LeasedBond], plan: record.AfterCommit) -> None:
        """Record what is sent next, before it is sent; operations in doubt are looked for first."""
        starts = list(plan.onward)
        parked: list[int] = []
        idle: list[ReleasedBond] = []
        for held in fresh:
            if held.waiting and held.waiting[0].state is not OperationState.PARKED:
                starts.append((held, held.waiting.popleft()))
            elif held.waiting:
                parked.append(held.bond.id)
                plan.gone.append(held)
            else:
                idle.append(ReleasedBond(bond_id=held.bond.id, epoch=held.epoch))
                plan.gone.append(held)
        await unit.outbox.release(idle, parked)
        merged: list[SettledOperation] = []
        for held, first in starts:
            operation = first
            if operation.state is OperationState.SENDING:  # its sender died and may have sent it just now
                operation = operation.evolve(sent_at=unit.now)
            if operation.state in {OperationState.SENDING, OperationState.IN_DOUBT}:
                plan.look.append((held, operation))
                continue
            if (joined := coalesce([operation, *held.waiting])) and joined.merged[0] == operation.id:
                operation = await self._join(unit, held, joined.keep, joined.payload)
                merged += [SettledOperation(operation_id=key, state=OperationState.MERGED) for key in joined.merged]
            plan.send.append((held, operation.evolve(attempts=operation.attempts + 1, sent_at=unit.now)))
        await unit.outbox.settle(merged, unit.now)
        asked_at = await unit.outbox.intend([operation.id for _, operation in plan.send], unit.now)
        for held, _ in plan.send:
            held.asked_at = asked_at
        for held, operation in plan.send:
            sending = Sending(
                operation=operation.key,
                kind=operation.kind,
                attempt=operation.attempts,
                worker=self._worker,
                trace=operation.trace_id,
            )
            unit.note(held.bond.ticket_number, sending)
        for held, operation in plan.look:
            looking = Looking(
                operation=operation.key, kind=operation.kind, worker=self._worker, trace=operation.trace_id
            )
            unit.note(held.bond.ticket_number, looking)

    async def _join(self, unit: Unit, held: LeasedBond, keep: int, payload: dict[str, object]) -> Operation:
        while held.waiting[0].id != keep:
            held.waiting.popleft()
        operation = held.waiting.popleft().evolve(payload=payload)
        await unit.operations.change(keep, payload=payload)
        return operation

    # --- the call ---------------------------------------------------------------------------------------------

    async def _carry(self, held: LeasedBond, operation: Operation, *, look: bool) -> None:
        if look:
            outcome = await deliver.settle(
                self._vendor_account, held.bond, operation, now=self._context.storage.clock()
            )
        else:
            outcome = await deliver.deliver(
                self._vendor_account, held.bond, operation, self._content, may_write=held.may_write
            )
        self._outcomes.append((held, outcome))
        self._stir.set()
        if self._enough:
            self._full.set()

    async def _content(self, sha256: str) -> AsyncIterator[bytes]:
        """A file's content; a connection is used for each piece only, however slow the vendor is."""
        for position in count():  # pragma: no branch
            async with self._context.storage.unit() as unit:
                chunk = await unit.attachments.chunk(sha256, position)
            if chunk is None:
                return
            yield chunk
