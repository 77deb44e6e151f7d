"""Operations that wait for a person: looked at, mended and sent again, or ignored."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from hub.bonding.judgement.doubt import LookupMethod, lookup_method
from hub.bonding.judgement.states import MOVES, BondEvent
from hub.context import HubContext
from hub.db.unit import Unit
from hub.errors import BadInput, Conflict, NotFound
from hub.model import Attachment, BondState, CaseChanges, CaseDraft, Json, Operation, OperationKind, OperationState
from hub.model.journal.operations import Edited, Ignored, Replayed

MAY_HAVE_ARRIVED = {"InDoubt", "CaseMissing"}
"""Errors that were met while looking, so that what is parked may be at the vendor all the same."""

_FIXED = {"key", "sha256", "size"}
_SHAPES = {
    OperationKind.OPEN_CASE: CaseDraft,
    OperationKind.CHANGE_FIELDS: CaseChanges,
    OperationKind.CLOSE: CaseChanges,
    OperationKind.REOPEN: CaseChanges,
    OperationKind.ADD_ATTACHMENT: Attachment,
}


async def show(context: HubContext, operation_id: int) -> Operation:
    """One operation whole. Raises NotFound."""
    async with context.storage.unit() as unit:
        return await _get(unit, operation_id)


async def edit(context: HubContext, operation_id: int, changes: Mapping[str, Json], *, who: str) -> Operation:
    """Mend what a parked operation would send; values may be nested one level by `name.part`.

    Raises NotFound, Conflict when it is not parked, BadInput for what its kind does not carry.
    """
    async with context.storage.unit() as unit:
        operation = await _parked(unit, operation_id)
        payload = dict(operation.payload)
        for name, value in changes.items():
            top, _, part = name.partition(".")
            if top in _FIXED:
                raise BadInput(f"{top} of an operation can't be changed")
            payload[top] = {**payload.get(top, {}), part: value} if part else value
        _fits(operation.kind, payload)
        await unit.operations.change(operation_id, payload=payload)
        bond = await unit.bonds.lock(operation.bond_id)
        unit.note(bond.ticket_number, Edited(operation=operation.key, fields=tuple(sorted(changes)), who=who))
        return operation.evolve(payload=payload)


def _fits(kind: OperationKind, payload: Mapping[str, Json]) -> None:
    shape = _SHAPES.get(kind)
    known = set(shape.__struct_fields__) if shape else {"body", "public"}
    if unknown := set(payload) - known:
        raise BadInput(
            f"{kind} carries no {', '.join(sorted(unknown))}", next_step=f"it has: {', '.join(sorted(known))}"
        )
    try:
        if shape:
            msgspec.convert(payload, shape, strict=False)
    except msgspec.ValidationError as wrong:
        raise BadInput(f"{kind} can't carry that: {wrong}") from None


async def replay(context: HubContext, operation_id: int, *, who: str) -> Operation:
    """Send a parked operation again. One whose arrival is in doubt is looked for first, where the vendor can look."""
    async with context.storage.unit() as unit:
        operation = await _parked(unit, operation_id)
        bond = await unit.bonds.lock(operation.bond_id)
        if operation.kind is OperationKind.OPEN_CASE and bond.state is BondState.REJECTED:
            others = [one for one in await unit.bonds.of_ticket(bond.ticket_id) if one.account == bond.account]
            if any(one.id != bond.id and one.state is not BondState.UNLINKED for one in others):
                raise Conflict(
                    f"ticket {bond.ticket_number} was escalated again meanwhile", next_step="ignore this one"
                )
            await unit.bonds.change(bond.id, unit.now, state=MOVES[bond.state, BondEvent.RETRIED].value)
        doubted = await unit.operations.error_of(operation_id) in MAY_HAVE_ARRIVED
        state = OperationState.IN_DOUBT if doubted and _can_look(context, operation) else OperationState.READY
        await unit.operations.change(operation_id, state=state.value, attempts=0, reason="", error="")
        await unit.operations.queue(bond.id, bond.account)
        unit.note(bond.ticket_number, Replayed(operation=operation.key, who=who))
        return operation.evolve(state=state)


def _can_look(context: HubContext, operation: Operation) -> bool:
    vendor_account = context.vendor_account(operation.account)
    return (
        lookup_method(
            operation.kind, can_find=vendor_account.can("find_case"), can_read=vendor_account.can("read_case")
        )
        is not LookupMethod.NONE
    )


async def ignore(context: HubContext, operation_id: int, *, who: str) -> Operation:
    """Decide that a parked operation need not leave; what waits behind it goes on.

    Without its opening a bond has no case: then all that waits behind it is ignored, too.
    """
    async with context.storage.unit() as unit:
        operation = await _parked(unit, operation_id)
        bond = await unit.bonds.lock(operation.bond_id)
        opening = operation.kind is OperationKind.OPEN_CASE
        for waiting in await unit.operations.pending(bond.id) if opening else [operation]:
            await unit.operations.change(waiting.id, state=OperationState.IGNORED.value, settled_at=unit.now)
            unit.note(bond.ticket_number, Ignored(operation=waiting.key, who=who))
        if not opening:
            await unit.operations.queue(bond.id, bond.account)
        return operation.evolve(state=OperationState.IGNORED)


async def _get(unit: Unit, operation_id: int) -> Operation:
    operation = await unit.operations.get(operation_id)
    if operation is None:
        raise NotFound(f"there is no operation {operation_id}", next_step="see `hub parked list`")
    return operation


async def _parked(unit: Unit, operation_id: int) -> Operation:
    """The operation, held after its bond."""
    operation = await _get(unit, operation_id)
    await unit.bonds.lock(operation.bond_id)
    operation = await _get(unit, operation_id)
    if operation.state is not OperationState.PARKED:
        raise Conflict(f"operation {operation_id} is {operation.state}, not parked")
    return operation
