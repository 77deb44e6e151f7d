"""Random steps of enqueuing, claiming, settling, crashing and taking over, on the real outbox, against a model."""

from __future__ import annotations

import asyncio
import secrets
from collections import defaultdict
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from proofs import sizes
from sqlalchemy import text

from hub.db.outbox import ReleasedBond, SettledOperation
from hub.db.server import embedded
from hub.db.storage import Storage
from hub.model import Bond, BondState, OperationKind, OperationState, Severity, TicketDraft
from hub.model.keys import operation_key

T = TypeVar("T")
WORKERS = st.sampled_from(["a", "b", "c"])


@dataclass
class Lease:
    """What one worker believes to hold."""

    worker: str
    epoch: int
    operation: int
    state: OperationState


@dataclass
class Model:
    """What must be true, kept by the simplest means."""

    waiting: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    """Operations of each bond that are not done, in order."""
    done: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    added: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    owner: dict[int, int] = field(default_factory=dict)
    """The one epoch that may write for a bond."""
    expired: set[int] = field(default_factory=set)
    """Bonds whose owner stands still, so that anybody may take them over."""
    parked: set[int] = field(default_factory=set)
    """Bonds that wait for a person."""


class Machine(RuleBasedStateMachine):
    """Three workers on one lane; any of them may stand still and come back late."""

    server: ClassVar[embedded.Embedded]
    template: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.name = f"hub_{secrets.token_hex(6)}"
        self.storage = Storage(self.server.create_database(self.name, self.template), connections=2)
        self.model = Model()
        self.held: dict[str, dict[int, Lease]] = defaultdict(dict)
        self.bonds: list[int] = []

    def teardown(self) -> None:
        self.wait(self.storage.close())
        self.server.drop_database(self.name)
        self.loop.close()

    def wait(self, work: Awaitable[T]) -> T:
        async def run() -> T:
            return await work

        return self.loop.run_until_complete(run())

    @initialize()
    def lane(self) -> None:
        async def make() -> None:
            async with self.storage.unit() as unit:
                await unit.lanes.ensure("acme", "acme")

        self.wait(make())

    @precondition(lambda self: len(self.bonds) < 4)
    @rule(severity=st.sampled_from(list(Severity)))
    def escalate(self, severity: Severity) -> None:
        """A new bond, with the operation that opens its case."""

        async def make() -> tuple[int, int]:
            async with self.storage.unit() as unit:
                draft = TicketDraft(title="a", severity=severity)
                ticket = await unit.tickets.add(draft, "RJR", "", unit.now)
                bond = Bond(
                    id=0,
                    key=f"{ticket.number}-KEY01",
                    ticket_id=ticket.id,
                    ticket_number=ticket.number,
                    account="acme",
                    vendor="acme",
                    state=BondState.REQUESTED,
                    severity=severity,
                    reference=None,
                    picture={},
                    created_at=unit.now,
                    updated_at=unit.now,
                    waiting=0,
                    parked=0,
                )
                made = await unit.operations.open_bond(
                    bond, b"{}", unit.now, trace_id="", ticket_created_at=ticket.created_at
                )
                assert made is not None
                [operation] = await unit.operations.pending(made)
                return made, operation.id

        bond, operation = self.wait(make())
        self.bonds.append(bond)
        self._added(bond, operation)

    @precondition(lambda self: self.bonds)
    @rule(data=st.data())
    def comment(self, data: st.DataObject) -> None:
        """One more operation at the end of a bond."""
        bond = data.draw(st.sampled_from(self.bonds))

        async def make() -> int:
            async with self.storage.unit() as unit:
                held = await unit.bonds.lock(bond)
                position = await unit.operations.next_position(bond)
                key = operation_key(held.key, position, "salt")
                return await unit.operations.add(
                    bond, "acme", OperationKind.ADD_COMMENT, key, b"{}", unit.now, trace_id=""
                )

        self._added(bond, self.wait(make()))

    def _added(self, bond: int, operation: int) -> None:
        self.model.waiting[bond].append(operation)
        self.model.added[bond].append(operation)

    @rule(worker=WORKERS, many=st.integers(1, 3))
    def claim(self, worker: str, many: int) -> None:
        """A worker claims; whatever it gets is free, and its first operation is the first that waits."""

        async def take() -> list[Any]:
            async with self.storage.unit() as unit:
                claims = await unit.outbox.claim("acme", worker, many, 600)
                first = [
                    one.operations[0].id for one in claims if one.operations and one.bond.id not in self.model.parked
                ]
                await unit.outbox.intend(first, unit.now)
                aside = [one.bond.id for one in claims if one.bond.id in self.model.parked]
                await unit.outbox.release([], aside)
                return claims

        for one in self.wait(take()):
            bond = one.bond.id
            assert bond not in self.model.owner or bond in self.model.expired, "two workers hold one bond"
            self.model.expired.discard(bond)
            waiting = self.model.waiting[bond]
            assert [operation.id for operation in one.operations] == waiting
            if bond in self.model.parked:
                continue
            assert waiting, "a bond without work was claimed"
            self.model.owner[bond] = one.epoch
            self.held[worker][bond] = Lease(worker, one.epoch, waiting[0], OperationState.SENDING)

    @precondition(lambda self: any(self.held.values()))
    @rule(data=st.data(), state=st.sampled_from(["done", "ready", "in_doubt", "parked"]))
    def settle(self, data: st.DataObject, state: str) -> None:
        """A worker comes back with an outcome, in time or too late: only the owner's is written."""
        worker = data.draw(st.sampled_from(sorted(name for name, held in self.held.items() if held)))
        bond = data.draw(st.sampled_from(sorted(self.held[worker])))
        lease = self.held[worker].pop(bond)
        mine = self.model.owner.get(bond) == lease.epoch
        outcome = OperationState(state)

        async def write() -> bool:
            async with self.storage.unit() as unit:
                await unit.bonds.lock_many([bond])
                if (bond, lease.epoch) not in await unit.outbox.hold([(bond, lease.epoch)]):
                    return False
                await unit.outbox.settle([SettledOperation(operation_id=lease.operation, state=outcome)], unit.now)
                aside = [bond] if outcome is OperationState.PARKED else []
                back = [] if aside else [ReleasedBond(bond_id=bond, epoch=lease.epoch)]
                await unit.outbox.release(back, aside)
                return True

        assert self.wait(write()) is mine
        if not mine:
            return
        del self.model.owner[bond]
        self.model.expired.discard(bond)
        if outcome is OperationState.DONE:
            self.model.done[bond].append(self.model.waiting[bond].pop(0))
        elif outcome is OperationState.PARKED:
            self.model.parked.add(bond)

    @precondition(lambda self: set(self.model.owner) - self.model.expired)
    @rule(data=st.data())
    def lease_runs_out(self, data: st.DataObject) -> None:
        """A worker stands still for longer than its lease; until somebody takes over it may still write."""
        bond = data.draw(st.sampled_from(sorted(set(self.model.owner) - self.model.expired)))
        self.model.expired.add(bond)
        self._execute(f"UPDATE outbox SET lease_until = now() - interval '1 second' WHERE bond_id = {bond}")

    @precondition(lambda self: self.model.parked)
    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        """A person lets a parked bond go on."""
        bond = data.draw(st.sampled_from(sorted(self.model.parked)))
        self.model.parked.discard(bond)

        async def make() -> None:
            async with self.storage.unit() as unit:
                await unit.bonds.lock(bond)
                await unit.operations.change(self.model.waiting[bond][0], state="ready")
                await unit.operations.queue(bond, "acme")

        self.wait(make())

    @invariant()
    def every_operation_is_where_it_belongs(self) -> None:
        """What is done is done in order, and what is not waits; nothing is lost and nothing is twice."""
        for bond in self.bonds:
            assert [*self.model.done[bond], *self.model.waiting[bond]] == self.model.added[bond]
            rows = self._all(f"SELECT id, state FROM operation WHERE bond_id = {bond} ORDER BY position")
            assert [row.id for row in rows] == self.model.added[bond]
            assert [row.id for row in rows if row.state == "done"] == self.model.done[bond]
            queued = self._scalar(f"SELECT count(*) FROM outbox WHERE bond_id = {bond}")
            if self.model.waiting[bond] and bond not in self.model.parked:
                assert queued == 1, "work waits, and nobody would ever look"

    def _execute(self, statement: str) -> None:
        async def run() -> None:
            async with self.storage.engine.begin() as connection:
                await connection.execute(text(statement))

        self.wait(run())

    def _all(self, statement: str) -> list[Any]:
        async def run() -> list[Any]:
            async with self.storage.engine.connect() as connection:
                return list((await connection.execute(text(statement))).all())

        return self.wait(run())

    def _scalar(self, statement: str) -> Any:
        return self._all(statement)[0][0]


@pytest.fixture
def machine(server: embedded.Embedded) -> type[Machine]:
    """The machine, on the tests' own server."""
    Machine.server, Machine.template = server, "hub_template"
    return Machine


@pytest.mark.parametrize("examples", sizes("properties", 6, 40))
def test_outbox_keeps_order_and_loses_nothing(machine: type[Machine], examples: int) -> None:
    """Whatever the steps: one owner a bond, operations done in order and once, late outcomes refused."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
