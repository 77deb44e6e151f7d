"""Ties tickets to cases that exist already, unties them, and ties them again."""

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
    """Tie a ticket to a case that is at the vendor already; reads the case first, where the vendor can be asked.

    Where it can't, the case is believed to be there and open, as the person who names it says. A bond that waits for
    its case, or whose opening is in doubt, gets this one; what would have opened it is set aside as ignored. Raises
    NotFound, CaseMissing, Conflict when case or ticket are tied otherwise, or BadInput for an opening in doubt where
    nobody can look, unless it is named by its key: such a vendor's news tells of it by that.
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
                raise Conflict(f"ticket {number} is tied to case {bond.reference.number} already")
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
        return await _tie(unit, bond, case, BondEvent.CONNECTED, who)


async def _case(context: HubContext, vendor_account: VendorAccount, named: CaseReference) -> Case:
    """The case as the vendor tells it; as a person tells it where the vendor can't be asked."""
    if vendor_account.can("read_case"):
        return await vendor_account.vendor.read_case(vendor_account.account, named)
    return Case(reference=named, status=CaseStatus.OPEN, changed_at=context.storage.clock())


async def _tie(unit: Unit, bond: Bond, case: Case, happening: BondEvent, who: str) -> Bond:
    state = move(bond.state, happening)
    for step in course(case.status, state):
        state = move(state, step)
    await unit.bonds.tie(bond.id, state, case.reference, picture(case), unit.now)
    linked = Connected if happening is BondEvent.CONNECTED else Relinked
    unit.note(bond.ticket_number, linked(bond=bond.key, case=case.reference.number, state=state, who=who))
    await unit.streams.wake(bond.account, StreamKind.RECONCILE)  # what was said there before is heard now
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
        raise Conflict(f"operation {operation.key} is on its way", next_step="try again in a moment")


async def unlink(context: HubContext, key: str, *, who: str) -> Bond:
    """Untie a bond; what still waits on it is set aside as ignored, and nothing happens at the vendor."""
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
    """Tie an untied bond to its case again. Raises Conflict when the ticket has another open bond there."""
    async with context.storage.unit() as unit:
        bond = await one_bond(unit, key)
    move(bond.state, BondEvent.RELINKED)
    if bond.reference is None:
        raise Conflict(f"bond {bond.key} never had a case", next_step="escalate the ticket again")
    vendor_account = context.vendor_account(bond.account)
    case = await _case(context, vendor_account, bond.reference)
    async with context.storage.unit() as unit:
        bond = await unit.bonds.lock(bond.id)
        others = [one for one in await unit.bonds.of_ticket(bond.ticket_id) if one.account == bond.account]
        if any(
            one.id != bond.id and one.state not in {BondState.UNLINKED, BondState.CLOSED, BondState.REJECTED}
            for one in others
        ):
            raise Conflict(f"ticket {bond.ticket_number} has another open bond with {bond.account}")
        return await _tie(unit, bond, case, BondEvent.RELINKED, who)


async def one_bond(unit: Unit, name: str) -> Bond:
    """The one bond, held, that a key, a case number or a ticket number names. Raises NotFound or Conflict."""
    found = await unit.bonds.find(name)
    if len(found) > 1:
        found = [bond for bond in found if bond.state not in {BondState.UNLINKED, BondState.CLOSED}] or found
    if not found:
        raise NotFound(f"no bond is named {name}", next_step="see `hub bonds list`")
    if len(found) > 1:
        raise Conflict(f"{name} names several bonds", next_step=f"name one of: {', '.join(bond.key for bond in found)}")
    return await unit.bonds.lock(found[0].id)
