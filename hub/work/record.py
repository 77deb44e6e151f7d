"""What a lane transaction stores: outcomes of operations, the bonds after them, and the lane's state."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from hub.bonding.judgement.diff import changes_of, picture
from hub.bonding.judgement.outcome import Outcome
from hub.bonding.judgement.states import MOVES, BondEvent, course, move
from hub.db.lanes import Lane
from hub.db.outbox import SettledOperation
from hub.db.unit import Unit
from hub.model import Bond, BondState, CircuitState, Operation, OperationKind, OperationState, StreamKind
from hub.model.journal.accounts import CircuitClosed, CircuitOpened, KeyLost
from hub.model.journal.operations import OUTCOMES, OperationOutcome
from hub.work.hand import LeasedBond
from hub.work.pace import LaneChange

log = logging.getLogger("hub.work")

CLOCKS = timedelta(seconds=5)
"""How far the clocks of the hub and its database may differ."""


class NextMove(StrEnum):
    """What a bond does after an outcome."""

    ONWARD = "onward"  # its next operation is sent
    AGAIN = "again"  # the same operation, at once
    ASIDE = "aside"  # it is parked for a person
    BACK = "back"  # its lease is released


@dataclass
class AfterCommit:
    """What starts once the transaction is committed."""

    onward: list[tuple[LeasedBond, Operation]] = field(default_factory=list)
    send: list[tuple[LeasedBond, Operation]] = field(default_factory=list)
    look: list[tuple[LeasedBond, Operation]] = field(default_factory=list)
    gone: list[LeasedBond] = field(default_factory=list)


def next_step(outcome: Outcome, waiting: deque[Operation]) -> NextMove:
    """What the bond does after an outcome."""
    if outcome.state is OperationState.PARKED:
        return NextMove.ASIDE
    if outcome.state is OperationState.DONE:
        return NextMove.ONWARD if waiting and waiting[0].state is not OperationState.PARKED else NextMove.BACK
    at_once = outcome.again_in == 0.0 and not outcome.pause
    return NextMove.AGAIN if at_once else NextMove.BACK


async def outcomes(unit: Unit, kept: Sequence[tuple[LeasedBond, Outcome]]) -> None:
    """Store the outcomes of operations and the bonds after them, with one journal entry each."""
    settled: list[SettledOperation] = []
    changed: list[Bond] = []
    for held, outcome in kept:
        operation, bond = outcome.operation, held.bond
        settled.append(
            SettledOperation(
                operation_id=operation.id,
                state=outcome.state,
                reason=outcome.reason,
                error=outcome.error,
                who_acts=outcome.who_acts,
            )
        )
        after = bond_after(bond, outcome)
        if after is not None and outcome.case is not None:
            seen_at = unit.now if outcome.looked == "found" else None
            after = after.evolve(delivered_at=bond.delivered_at or unit.now, stored_at=bond.stored_at or seen_at)
        if after is not None:
            held.bond = (
                after if after.picture is bond.picture else after.evolve(picture={**bond.picture, **after.picture})
            )
            changed.append(after)
        if outcome.case is not None and outcome.case.key != bond.key:
            log.error("account %s: case %s does not have its key", bond.account, outcome.case.reference.number)
            unit.note(f"account:{bond.account}", KeyLost(case=outcome.case.reference.number))
        if outcome.reference and operation.item_id is not None:
            if operation.kind is OperationKind.ADD_COMMENT:
                await unit.comments.name(operation.item_id, outcome.reference)
            else:
                await unit.attachments.change(operation.item_id, reference=outcome.reference)
        unit.note(bond.ticket_number, outcome_entry(outcome, held.bond))
    await unit.outbox.settle(settled, unit.now, changed)
    await _mark_missed_updates(unit, [(held, outcome) for held, outcome in kept if outcome.case])


async def _mark_missed_updates(unit: Unit, opened: Sequence[tuple[LeasedBond, Outcome]]) -> None:
    """Have cases compared whose stream was read since they were opened: it skipped their updates as unknown."""
    if not opened:
        return
    account = opened[0][0].bond.account
    since = min(
        outcome.operation.created_at - CLOCKS
        if held.asked_at is None or outcome.looked or outcome.operation.attempts > 1
        else held.asked_at
        for held, outcome in opened
    )
    if await unit.bonds.schedule_comparison(account, [held.bond.id for held, _ in opened], StreamKind.CASES, since):
        await unit.streams.wake(account, StreamKind.RECONCILE)


def outcome_entry(outcome: Outcome, bond: Bond) -> OperationOutcome:
    """The journal entry of an outcome; for a case that was found later, with the time when the vendor opened it."""
    return OUTCOMES[outcome.state](
        operation=outcome.operation.key,
        kind=outcome.operation.kind,
        bond_state=bond.state,
        case=bond.reference.number if bond.reference else None,
        reference=outcome.reference or None,
        looked=outcome.looked or None,
        error=outcome.error or None,
        who_acts=outcome.who_acts if outcome.error and outcome.who_acts else None,
        given_at=outcome.case.created_at if outcome.case and outcome.looked == "found" else None,
    )


def bond_after(bond: Bond, outcome: Outcome) -> Bond | None:
    """The bond after the outcome, with only the new fields in its picture; None when nothing changes."""
    operation, state = outcome.operation, outcome.state
    if operation.kind is OperationKind.OPEN_CASE:
        if outcome.case is not None:
            case = outcome.case
            moved = bond.state
            for event in course(case.status, moved):
                moved = move(moved, event)
            return bond.evolve(state=moved, reference=case.reference, picture=picture(case))
        meant = {
            OperationState.IN_DOUBT: BondEvent.OPEN_SENT_DOUBTFUL,
            OperationState.READY: BondEvent.OPEN_NOT_FOUND,
            OperationState.PARKED: BondEvent.OPEN_REFUSED
            if outcome.error != "InDoubt"
            else BondEvent.OPEN_SENT_DOUBTFUL,
        }.get(state)
        return _moved(bond, meant)
    if state is not OperationState.DONE:
        return None
    ended = {OperationKind.CLOSE: BondEvent.CLOSED, OperationKind.REOPEN: BondEvent.REOPENED}.get(operation.kind)
    after = _moved(bond, ended) or bond
    if changes := changes_of(operation):
        stored = picture(outcome.stored) if outcome.stored else {}
        return after.evolve(picture={field: stored.get(field, value) for field, value in changes.items()})
    return after if after is not bond else None


def _moved(bond: Bond, event: BondEvent | None) -> Bond | None:
    after = MOVES.get((bond.state, event)) if event else None
    return bond.evolve(state=after, picture={}) if isinstance(after, BondState) and after is not bond.state else None


async def lane(unit: Unit, before: Lane, turn: LaneChange) -> None:
    """Store a lane's new state."""
    values: dict[str, Any] = {"failures": turn.failures, "circuit": turn.circuit, "note": turn.note}
    if turn.hold is None:  # a pause that the vendor asked for outlasts the calls in progress
        over = {"resume_at": None} if before.circuit is CircuitState.OPEN else {}
        await unit.lanes.change(before.account, unit.now, **values, **over)
    else:
        await unit.lanes.resume_in(before.account, turn.hold, **values)
    if turn.circuit != before.circuit:
        changed = CircuitOpened if turn.circuit is CircuitState.OPEN else CircuitClosed
        unit.note(f"account:{before.account}", changed(failures=turn.failures))
