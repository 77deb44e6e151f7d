"""Resolves conflicts: a person chooses our value or theirs."""

from __future__ import annotations

from typing import Literal

from hub.bonding import enqueue
from hub.bonding.inbound.apply import shared_value
from hub.bonding.judgement.states import LIVE
from hub.context import HubContext
from hub.db.conflicts import StoredConflict
from hub.db.unit import Unit
from hub.errors import Conflict, NotDisclosed, NotFound
from hub.model import Bond, OperationKind, Severity, Ticket
from hub.model.journal.cases import ConflictResolved
from hub.model.journal.tickets import TicketChanged
from hub.privacy.disclose import disclose_changes

Side = Literal["ours", "theirs"]


async def resolve(context: HubContext, conflict_id: int, take: Side, *, who: str) -> StoredConflict:
    """Resolve an open conflict: `ours` sends the ticket's value to the case, `theirs` copies the case's to the ticket.

    Raises NotFound, Conflict when it was resolved already or, for `ours`, when nothing can be sent on the bond, and
    NotDisclosed when the field may not leave.
    """
    async with context.storage.unit() as unit:
        conflict = await _open(unit, conflict_id)
        bonds = await unit.bonds.find(conflict.ticket_number)
        ticket_id = next(bond.ticket_id for bond in bonds if bond.id == conflict.bond_id)
        ticket = await unit.tickets.by_id(ticket_id, lock=True)
        bond = await unit.bonds.lock(conflict.bond_id)
        conflict = await _open(unit, conflict_id)  # it may have been resolved while we waited for the lock
        if take == "ours":
            await _push(unit, context, ticket, bond, conflict, who)
        else:
            await _take(unit, ticket, bond, conflict, who)
        await unit.conflicts.resolve(conflict_id, take, unit.now)
        resolved = ConflictResolved(bond=bond.key, field=conflict.field, choice=take, who=who)
        unit.note(ticket.number, resolved)
        return conflict.evolve(choice=take, resolved_at=unit.now)


async def _open(unit: Unit, conflict_id: int) -> StoredConflict:
    conflict = await unit.conflicts.get(conflict_id)
    if conflict is None:
        raise NotFound(f"no conflict has id {conflict_id}", next_step="see `hub conflicts list`")
    if conflict.resolved_at is not None:
        raise Conflict(f"conflict {conflict_id} was already resolved: {conflict.choice}")
    return conflict


async def _push(
    unit: Unit, context: HubContext, ticket: Ticket, bond: Bond, conflict: StoredConflict, who: str
) -> None:
    if bond.state not in LIVE:
        raise Conflict(f"bond {bond.key} is {bond.state}, so nothing can be sent", next_step="take theirs")
    vendor_account = context.vendor_account(bond.account)
    leaving = disclose_changes({conflict.field: shared_value(ticket, conflict.field)}, vendor_account.policy)
    if not leaving:
        raise NotDisclosed(f"{conflict.field} of a ticket may not leave to {bond.account}", next_step="take theirs")
    await enqueue.add(unit, vendor_account, bond, OperationKind.CHANGE_FIELDS, leaving, who=who)


async def _take(unit: Unit, ticket: Ticket, bond: Bond, conflict: StoredConflict, who: str) -> None:
    await unit.tickets.change(ticket.id, {conflict.field: conflict.theirs}, unit.now)
    if conflict.field == "severity":
        await unit.bonds.change(bond.id, unit.now, severity=conflict.theirs)
    severity = Severity(conflict.theirs) if conflict.field == "severity" else None
    unit.note(ticket.number, TicketChanged(by=who, bond=bond.key, fields=(conflict.field,), severity=severity))
