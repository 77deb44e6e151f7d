"""Parked operations: shown, edited and replayed, or ignored."""

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
"""Errors raised by a look; an operation parked for one of these may have arrived anyway."""

_FIXED = {"key", "sha256", "size"}
_SHAPES = {
    OperationKind.OPEN_CASE: CaseDraft,
    OperationKind.CHANGE_FIELDS: CaseChanges,
    OperationKind.CLOSE: CaseChanges,
    OperationKind.REOPEN: CaseChanges,
    OperationKind.ADD_ATTACHMENT: Attachment,
}


async def show(context: HubContext, operation_id: int) -> Operation:
    """One operation with its payload. Raises NotFound."""
    async with context.storage.unit() as unit:
        return await _get(unit, operation_id)


async def edit(context: HubContext, operation_id: int, changes: Mapping[str, Json], *, who: str) -> Operation:
    """Change what a parked operation would send; `name.part` changes a part of a nested value.

    Raises NotFound, Conflict when it is not parked, BadInput for fields that its kind does not have.
    """
    async with context.storage.unit() as unit:
        operation = await _parked(unit, operation_id)
        payload = dict(operation.payload)
        for name, value in changes.items():
            top, _, part = name.partition(".")
            if top in _FIXED:
                raise BadInput(f"field {top} of an operation can't be changed")
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
            f"{kind} has no field {', '.join(sorted(unknown))}", next_step=f"its fields are: {', '.join(sorted(known))}"
        )
    try:
        if shape:
            msgspec.convert(payload, shape, strict=False)
    except msgspec.ValidationError as wrong:
        raise BadInput(f"not a valid {kind}: {wrong}") from None


async def replay(context: HubContext, operation_id: int, *, who: str) -> Operation:
    """Send a parked operation again; one that may have arrived is looked for first, where the vendor allows it."""
    async with context.storage.unit() as unit:
        operation = await _parked(unit, operation_id)
        bond = await unit.bonds.lock(operation.bond_id)
        if operation.kind is OperationKind.OPEN_CASE and bond.state is BondState.REJECTED:
            others = [b for b in await unit.bonds.of_ticket(bond.ticket_id) if b.account == bond.account]
            if any(other.id != bond.id and other.state is not BondState.UNLINKED for other in others):
                raise Conflict(
                    f"ticket {bond.ticket_number} was escalated again meanwhile", next_step="ignore this operation"
                )
            await unit.bonds.change(bond.id, unit.now, state=MOVES[bond.state, BondEvent.RETRIED].value)
        in_doubt = await unit.operations.error_of(operation_id) in MAY_HAVE_ARRIVED
        state = OperationState.IN_DOUBT if in_doubt and _can_look(context, operation) else OperationState.READY
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
    """Decide that a parked operation need not be sent; the operations behind it go on.

    Without its opening a bond has no case, so then all operations behind it are ignored, too.
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
        raise NotFound(f"no operation has id {operation_id}", next_step="see `hub parked list`")
    return operation


async def _parked(unit: Unit, operation_id: int) -> Operation:
    """The operation; its bond is locked first."""
    operation = await _get(unit, operation_id)
    await unit.bonds.lock(operation.bond_id)
    operation = await _get(unit, operation_id)
    if operation.state is not OperationState.PARKED:
        raise Conflict(f"operation {operation_id} is {operation.state}, not parked")
    return operation
