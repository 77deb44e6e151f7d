"""The Nth-effect sweep: every fault at every HTTP call and every commit of every flow, then the outside checker.

`make test` lets each fault strike at every fifth effect only, beginning with another one for each fault.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from desk_kit import Desk, open_desk
from proofs import sizes

from hub.bonding.inbound.streams import CASES, FILES
from hub.bonding.outbound import ticket_actions
from hub.db import journal
from hub.errors import StorageUnavailable
from hub.model import Bond, OperationState, Severity, Visibility
from hub.simulators.kit import FaultRule
from hub.work.dispatch import Dispatcher
from hub.work.puller import Puller

DEADLINE = 0.4
LOG = b"started\nstopped\n" * 40

HTTP: dict[str, dict[str, Any]] = {
    "lost_reply": {},
    "reset_before": {},
    "http_502": {},
    "http_503": {},
    "http_504 stored": {"after": True},
    "ar_92": {},
    "ar_93": {},
    "delay_after": {"seconds": 1.2},
    "retry_after_seconds": {"seconds": 0.1},
    "cut_body": {},
}
KILLS = {"killed before": "delay_before", "killed after": "delay_after"}
COMMITS = ("commit failed", "commit unanswered", "killed at commit", "killed past commit")
FAULTS = (*HTTP, *KILLS, *COMMITS)
STEPS = sizes("effects", 5, 1)
"""From one effect that a fault strikes at to the next."""


class Killed(BaseException):
    """The worker is gone, with all that it held in memory."""


@dataclass
class Fault:
    """One fault at the nth effect; tells when it has struck."""

    desk: Desk
    name: str
    nth: int
    rule: FaultRule | None = None
    commits: int = 0
    struck_commit: bool = False
    killed: bool = False
    whole: Callable[..., Any] = field(default=lambda: None)

    def __post_init__(self) -> None:
        self.whole = self.desk.storage.unit
        if self.name in COMMITS:
            self.desk.storage.unit = self._unit  # type: ignore[method-assign]
            return
        kind = KILLS.get(self.name, self.name.partition(" ")[0])
        how = {"seconds": 8.0} if self.name in KILLS else HTTP[self.name]
        self.rule = self.desk.sim.faults.add(kind, nth=self.nth, **how)

    @property
    def struck(self) -> bool:
        return self.struck_commit or bool(self.rule and self.rule.injected)

    @property
    def kills(self) -> bool:
        """Whether the worker is to be killed now; once."""
        now = self.name in KILLS and self.struck and not self.killed
        self.killed |= now
        return now

    def end(self) -> None:
        self.desk.storage.unit = self.whole  # type: ignore[method-assign]
        self.desk.sim.faults.clear()

    @asynccontextmanager
    async def _unit(self) -> AsyncIterator[Any]:
        mine = False
        async with self.whole() as unit:
            yield unit
            self.commits += 1
            mine = self.commits == self.nth
            self.struck_commit |= mine
            if mine and self.name == "commit failed":
                raise StorageUnavailable("the commit failed, as the sweep asked")
            if mine and self.name == "killed at commit":
                raise Killed
        if mine and self.name == "commit unanswered":
            raise StorageUnavailable("the commit's answer was lost, as the sweep asked")
        if mine and self.name == "killed past commit":
            raise Killed


async def work(desk: Desk, fault: Fault | None, left: Callable[[], Awaitable[bool]]) -> None:
    """Dispatch until nothing is left; a killed worker's leases run out and another one goes on."""
    hand = desk.dispatcher()
    async with asyncio.timeout(25):
        while await left():
            try:
                await hand.turn(claim=True)
                await _one_step(hand, fault)
            except StorageUnavailable:
                continue
            except Killed:
                hand = await _bury(desk, hand)
            if not hand.busy:  # time goes by: waits and leases run out
                await desk.execute("UPDATE outbox SET ready_at = now(), lease_until = NULL")
                await desk.execute("UPDATE lane SET resume_at = now()")


async def _one_step(hand: Dispatcher, fault: Fault | None) -> None:
    tasks = [held.task for held in hand._hand.values() if held.task is not None]
    while tasks and not any(task.done() for task in tasks):
        await asyncio.wait(tasks, timeout=0.02, return_when=asyncio.FIRST_COMPLETED)
        if fault is not None and fault.kills:
            fault.end()
            raise Killed


async def _bury(desk: Desk, hand: Dispatcher) -> Dispatcher:
    tasks = [held.task for held in hand._hand.values() if held.task is not None]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await desk.execute("UPDATE outbox SET lease_until = now() - interval '1 second' WHERE lease_until IS NOT NULL")
    return desk.dispatcher()


async def _file() -> AsyncIterator[bytes]:
    yield LOG


async def _escalate(desk: Desk) -> Bond:
    """Opening, two comments, a file, two changes that leave as one, a last comment."""
    bond = await desk.escalated()
    number = bond.ticket_number
    await desk.say(bond, "first")
    await desk.say(bond, "second")
    await ticket_actions.attach(desk.context, number, "a.log", "text/plain", _file(), Visibility.VENDOR, who="agent")
    await ticket_actions.change(desk.context, number, severity=Severity.S3, who="agent")
    await ticket_actions.change(desk.context, number, severity=Severity.S1, who="agent")
    await desk.say(bond, "last")
    return bond


async def _close(desk: Desk) -> Bond:
    """Closing, right after a comment."""
    bond = await desk.opened()
    await desk.say(bond, "solved here")
    await ticket_actions.close(desk.context, bond.ticket_number, "restarted it", who="agent")
    return bond


async def _check(desk: Desk, bond: Bond, notes: list[str], files: list[str]) -> None:
    """What the vendor's ledger, the journal and the operations have to say."""
    told = [(one.kind.value, one.state.value, one.reason) for one in await desk.operations(bond)]
    after = await desk.bond(bond)
    assert after.reference is not None, told
    number = after.reference.number
    assert desk.cases(bond.key) == [number], told
    assert desk.notes(number) == notes, told
    assert desk.files(number) == files, told
    over = {OperationState.DONE, OperationState.MERGED}
    assert {one.state for one in await desk.operations(bond)} <= over, told
    async with desk.storage.unit() as unit:
        events = await journal.read(unit.connection, bond.ticket_number)
    begun: set[str] = set()
    for event in events:
        if event.kind in {"sending", "looking"}:
            begun.add(event.data["operation"])
        elif event.kind == "done":
            assert event.data["operation"] in begun
    assert await desk.row("SELECT count(*) FROM outbox") == (0,)


def _effects(name: str, step: int, least: int) -> range:
    """Which effects the fault strikes at: every so many, beginning with one of the `least` that a flow has."""
    return range(1 + FAULTS.index(name) % min(step, least), 60, step)


async def _sweep(
    desk: Desk,
    effects: range,
    name: str,
    prepare: Callable[[Desk], Awaitable[Bond]],
    check: Callable[[Bond], Awaitable[None]],
) -> int:
    """Let the fault strike at one effect after the other until a flow ends before it; returns that effect's number."""
    for nth in effects:
        bond = await prepare(desk)
        fault = Fault(desk, name, nth)

        async def left(bond: Bond = bond) -> bool:
            return (await desk.row(f"SELECT 1 FROM outbox WHERE bond_id = {bond.id}")) is not None

        try:
            await work(desk, fault, left)
        finally:
            fault.end()
        await check(bond)
        await desk.execute("UPDATE lane SET failures = 0, circuit = 'closed', resume_at = NULL, paused_at = NULL")
        if not fault.struck:
            assert nth > effects[0], "the fault never struck"
            return nth
    raise AssertionError("a flow never ends")


@asynccontextmanager
async def _swept(database_url: str) -> AsyncIterator[Desk]:
    async with open_desk(database_url, settle_seconds=0.05) as desk:
        object.__setattr__(desk.vendor_account.account.client.connection, "deadline", DEADLINE)
        desk.hurry()
        yield desk


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("name", FAULTS)
async def test_escalation_survives_a_fault_at_each_effect(database_url: str, name: str, step: int) -> None:
    """One case, every comment and file once and in order, wherever the fault strikes."""
    async with _swept(database_url) as desk:

        async def check(bond: Bond) -> None:
            await _check(desk, bond, ["first", "second", "last"], ["a.log"])
            assert (await desk.bond(bond)).picture["severity"] == 1

        assert await _sweep(desk, _effects(name, step, 5), name, _escalate, check) > 5
        assert await desk.faults() == []


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("name", FAULTS)
async def test_closing_survives_a_fault_at_each_effect(database_url: str, name: str, step: int) -> None:
    """The case is closed, after its comment, wherever the fault strikes."""
    async with _swept(database_url) as desk:

        async def check(bond: Bond) -> None:
            await _check(desk, bond, ["solved here"], [])
            assert (await desk.bond(bond)).state == "closed"
            assert bond.reference is not None
            case = await desk.vendor_account.vendor.read_case(desk.vendor_account.account, bond.reference)
            assert case.status == "closed"

        assert await _sweep(desk, _effects(name, step, 2), name, _close, check) > 2
        assert await desk.faults() == []


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("name", FAULTS)
async def test_reading_survives_a_fault_at_each_effect(database_url: str, name: str, step: int) -> None:
    """The vendor's answer and file are taken in once each, wherever the fault strikes."""
    async with _swept(database_url) as desk:
        bond = await desk.opened()
        assert bond.reference is not None
        wanted: list[int] = []
        for nth in _effects(name, step, 4):
            wanted.append(nth)
            desk.sim.engineer.answer(bond.reference.number, f"answer {nth}")
            desk.sim.engineer.attach(bond.reference.number, f"fix{nth}.txt", b"x" * nth)
            await desk.execute("UPDATE stream SET due_at = now() + interval '1 day', failures = 0")
            fault = Fault(desk, name, nth)
            try:
                for kind in (CASES, FILES):
                    await _read(desk, fault, kind)
            finally:
                fault.end()
            async with desk.storage.unit() as unit:
                comments = await unit.comments.of_ticket(bond.ticket_id)
                files = await unit.attachments.of_ticket(bond.ticket_id)
            answers = [one.body for one in comments if one.body.startswith("answer")]
            assert answers == [f"answer {number}" for number in wanted]
            fixes = [(one.name, one.size) for one in files if one.sha256]
            assert fixes == [(f"fix{number}.txt", number) for number in wanted]
            if not fault.struck:
                break
        assert nth > 4
        assert len(wanted) > 1
        assert await desk.faults() == []


async def _read(desk: Desk, fault: Fault, kind: str) -> None:
    """Read one stream until it was read without an error."""

    async def release() -> None:
        await desk.execute(
            f"UPDATE stream SET due_at = now(), lease_until = NULL WHERE kind = '{kind}' AND due_at <> 'infinity'"
        )
        await desk.execute("UPDATE lane SET resume_at = NULL")

    async with asyncio.timeout(20):
        while True:
            await release()
            puller = Puller(desk.context, desk.vendor_account, "puller", lease_seconds=30, idle_seconds=1)
            reading = asyncio.ensure_future(puller.once(asyncio.Event()))
            while not reading.done():
                await asyncio.wait({reading}, timeout=0.02)
                if fault.kills and not reading.done():
                    fault.end()
                    reading.cancel()
            if reading.cancelled():
                continue
            error = reading.exception()
            if isinstance(error, (Killed, StorageUnavailable)):
                continue
            if error is not None:
                raise error
            result = reading.result()
            if result is not None and not await _failed(desk, kind):
                await desk.execute(f"UPDATE stream SET due_at = now() + interval '1 day' WHERE kind = '{kind}'")
                return


async def _failed(desk: Desk, kind: str) -> bool:
    return bool((await desk.row(f"SELECT error FROM stream WHERE kind = '{kind}'"))[0])
