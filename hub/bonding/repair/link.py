"""Links tickets to existing cases, unlinks them, and links them again."""

from __future__ import annotations

from hub.bonding.judgement.diff import picture
from hub.bonding.judgement.states import BondEvent, course, move
from hub.context import HubContext, VendorAccount
from hub.db.unit import Unit
from hub.errors import BadInput, Conflict, NotFound
from hub.model import (
    Bond,
    BondState,
    Case,
    CaseReference,
    CaseStatus,
    Operation,
    OperationKind,
    OperationState,
    StreamKind,
)
from hub.model.journal.cases import Connected, Relinked, Unlinked
from hub.model.keys import bond_key


async def connect(context: HubContext, number: str, to: str, case_number: str, *, who: str) -> Bond:
    """Link a ticket to a case that exists at the vendor; reads the case first where the vendor allows it.

    Where it doesn't, the case is taken to exist and to be open, as the person says. A bond that waits for its case, or
    whose opening is in doubt, gets this case, and the opening is ignored. Raises NotFound, CaseMissing, and Conflict
    when the case or the ticket is linked already. Raises BadInput for an opening in doubt at a vendor that can't be
    read, unless the case is named by its bond's key: such a vendor's updates name it by that key.
    """
    vendor_account = context.vendor_account(to)
    case = await _case(context, vendor_account, CaseReference(number=case_number))
    async with context.storage.unit() as unit:
        ticket = await unit.tickets.named(number, lock=True)
        for other in await unit.bonds.of_cases(vendor_account.name, [case.reference.number]):
            if other.state is not BondState.UNLINKED and other.ticket_id != ticket.id:
                raise Conflict(
                    f"case {case.reference.number} belongs to ticket {other.ticket_number}",
                    next_step=f"unlink it there first: `hub bonds unlink {other.key}`",
                )
        mine = [bond for bond in await unit.bonds.of_ticket(ticket.id) if bond.account == vendor_account.name]
        live = [bond for bond in mine if bond.state not in {BondState.UNLINKED, BondState.CLOSED}]
        if live:
            bond = await unit.bonds.lock(live[-1].id)
            if bond.reference is not None and bond.state is not BondState.BROKEN:
                raise Conflict(f"ticket {number} is already linked to case {bond.reference.number}")
            if not vendor_account.can("read_case") and bond.reference is None and case_number != bond.key:
                raise BadInput(
                    f"{vendor_account.name} can't be asked for case {case_number}",
                    next_step=f"name the case by its key, {bond.key}, once you know that it arrived",
                )
            await _ignore_opening(unit, bond)
        else:
            key = bond_key(ticket.number, ticket.created_at, vendor_account.name, len(mine) + 1, context.hub_id)
            bond_id = await unit.bonds.add(
                key=key,
                ticket_id=ticket.id,
                ticket_number=ticket.number,
                account=vendor_account.name,
                vendor=vendor_account.info.name,
                state=BondState.REQUESTED.value,
                severity=int(ticket.severity),
            )
            if bond_id is None:
                raise Conflict(f"ticket {number} has an open bond with {vendor_account.name}")
            bond = await unit.bonds.lock(bond_id)
        return await _link(unit, bond, case, BondEvent.CONNECTED, who)


async def _case(context: HubContext, vendor_account: VendorAccount, named: CaseReference) -> Case:
    """The case as read from the vendor; where it can't be read, an open case with the given number."""
    if vendor_account.can("read_case"):
        return await vendor_account.vendor.read_case(vendor_account.account, named)
    return Case(reference=named, status=CaseStatus.OPEN, changed_at=context.storage.clock())


async def _link(unit: Unit, bond: Bond, case: Case, event: BondEvent, who: str) -> Bond:
    state = move(bond.state, event)
    for step in course(case.status, state):
        state = move(state, step)
    await unit.bonds.link(bond.id, state, case.reference, picture(case), unit.now)
    linked = Connected if event is BondEvent.CONNECTED else Relinked
    unit.note(bond.ticket_number, linked(bond=bond.key, case=case.reference.number, state=state, who=who))
    await unit.streams.wake(bond.account, StreamKind.RECONCILE)  # to read what was written there before
    if await unit.operations.pending(bond.id):
        await unit.operations.queue(bond.id, bond.account)
    return await unit.bonds.lock(bond.id)


async def _ignore_opening(unit: Unit, bond: Bond) -> None:
    for operation in await unit.operations.pending(bond.id):
        if operation.kind is OperationKind.OPEN_CASE:
            _not_leaving(operation)
            await unit.operations.change(operation.id, state=OperationState.IGNORED.value, settled_at=unit.now)
            await unit.outbox.break_lease(bond.id)


def _not_leaving(operation: Operation) -> None:
    if operation.state is OperationState.SENDING:
        raise Conflict(f"operation {operation.key} is being sent", next_step="try again in a moment")


async def unlink(context: HubContext, key: str, *, who: str) -> Bond:
    """Unlink a bond; its waiting operations are ignored, and nothing changes at the vendor."""
    async with context.storage.unit() as unit:
        bond = await one_bond(unit, key)
        state = move(bond.state, BondEvent.UNLINKED)
        ignored = 0
        for operation in await unit.operations.pending(bond.id):
            _not_leaving(operation)
            await unit.operations.change(operation.id, state=OperationState.IGNORED.value, settled_at=unit.now)
            ignored += 1
        await unit.outbox.break_lease(bond.id)
        await unit.bonds.change(bond.id, unit.now, state=state.value)
        unit.note(bond.ticket_number, Unlinked(bond=bond.key, ignored=ignored, who=who))
        return await unit.bonds.lock(bond.id)


async def relink(context: HubContext, key: str, *, who: str) -> Bond:
    """Link an unlinked bond to its case again. Raises Conflict when the ticket has another open bond there."""
    async with context.storage.unit() as unit:
        bond = await one_bond(unit, key)
    move(bond.state, BondEvent.RELINKED)
    if bond.reference is None:
        raise Conflict(f"bond {bond.key} never had a case", next_step="escalate the ticket again")
    vendor_account = context.vendor_account(bond.account)
    case = await _case(context, vendor_account, bond.reference)
    async with context.storage.unit() as unit:
        bond = await unit.bonds.lock(bond.id)
        ended = {BondState.UNLINKED, BondState.CLOSED, BondState.REJECTED}
        others = [
            b for b in await unit.bonds.of_ticket(bond.ticket_id) if b.account == bond.account and b.id != bond.id
        ]
        if any(other.state not in ended for other in others):
            raise Conflict(f"ticket {bond.ticket_number} has another open bond with {bond.account}")
        return await _link(unit, bond, case, BondEvent.RELINKED, who)


async def one_bond(unit: Unit, name: str) -> Bond:
    """The bond, locked, that a key, a case number or a ticket number names. Raises NotFound or Conflict."""
    bonds = await unit.bonds.find(name)
    if len(bonds) > 1:
        bonds = [bond for bond in bonds if bond.state not in {BondState.UNLINKED, BondState.CLOSED}] or bonds
    if not bonds:
        raise NotFound(f"no bond is named {name}", next_step="see `hub bonds list`")
    if len(bonds) > 1:
        raise Conflict(f"{name} names several bonds", next_step=f"name one of: {', '.join(bond.key for bond in bonds)}")
    return await unit.bonds.lock(bonds[0].id)
