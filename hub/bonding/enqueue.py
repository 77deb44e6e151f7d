"""Queues operations on bonds: what a person or a merge wants to send, reviewed by plugins, in the bond's order."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

import msgspec

from hub.context import VendorAccount
from hub.db.unit import Unit
from hub.http import new_trace_id
from hub.model import Bond, CaseDraft, Json, Operation, OperationKind, OperationState
from hub.model.journal.operations import Requested
from hub.model.keys import operation_key


async def add(
    unit: Unit,
    vendor_account: VendorAccount,
    bond: Bond,
    kind: OperationKind,
    payload: Mapping[str, Json],
    *,
    item_id: int | None = None,
    who: str = "",
) -> Operation:
    """Add one operation at the end of its bond, with a journal entry; the caller holds the bond's lock.

    The payload holds only what may leave. Plugins may change it, or veto it by NotDisclosed.
    """
    position = await unit.operations.next_position(bond.id)
    operation = Operation(
        id=0,
        bond_id=bond.id,
        account=bond.account,
        position=position,
        kind=kind,
        key=operation_key(bond.key, position, secrets.token_hex(8)),
        state=OperationState.READY,
        payload=dict(payload),
        severity=bond.severity,
        attempts=0,
        reason="",
        who_acts="",
        trace_id=new_trace_id(),
        created_at=unit.now,
        item_id=item_id,
    )
    operation = vendor_account.plugins.review_outgoing(bond, operation)
    new_id = await unit.operations.add(
        bond.id,
        bond.account,
        kind,
        operation.key,
        msgspec.json.encode(operation.payload),
        unit.now,
        trace_id=operation.trace_id,
        item_id=item_id,
    )
    changes = kind is OperationKind.CHANGE_FIELDS
    unit.note(
        bond.ticket_number,
        Requested(
            bond=bond.key,
            operation=operation.key,
            kind=kind,
            fields=tuple(sorted(operation.payload)) if changes else None,
            who=who or None,
            trace=operation.trace_id,
        ),
    )
    return operation.evolve(id=new_id)


def draft_of(operation: Operation) -> CaseDraft:
    """The packet of an operation that opens a case."""
    return msgspec.convert(operation.payload, CaseDraft, strict=False)
