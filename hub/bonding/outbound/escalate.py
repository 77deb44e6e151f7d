"""Escalates a ticket to a vendor: compiles the packet, previews it, and queues the opening of the case."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec

from hub.bonding import enqueue
from hub.bonding.judgement.intake import compile_packet
from hub.context import HubContext, VendorAccount
from hub.db.tickets import no_ticket
from hub.db.unit import Unit
from hub.errors import Conflict
from hub.http import new_trace_id
from hub.model import (
    Bond,
    BondState,
    CaseDraft,
    Intake,
    Operation,
    OperationKind,
    OperationState,
    Ticket,
    TicketStatus,
    Value,
    Visibility,
)
from hub.model.journal.tickets import Escalated
from hub.model.keys import bond_key


class Preview(Value, frozen=True):
    """The request that would be sent, byte for byte."""

    ticket: str
    account: str
    key: str
    method: str
    path: str
    body: bytes
    sha256: str  # pass it when escalating, so that nothing else is sent


async def preview(context: HubContext, number: str, to: str, answers: Mapping[str, str]) -> Preview:
    """Exactly the request that escalating would send; nothing is stored or sent.

    Raises NotFound, IntakeIncomplete with the open questions, FieldRefused, NotDisclosed or Conflict.
    """
    vendor_account = await _desk(context, number, to)
    intake = await vendor_account.vendor.intake(vendor_account.account)
    async with context.storage.unit() as unit:
        ticket, draft = await _packet(unit, context, vendor_account, number, intake, answers)
    return await _shown(vendor_account, _opening(context, vendor_account, ticket, draft))


async def escalate(
    context: HubContext, number: str, to: str, answers: Mapping[str, str], *, who: str, why: str = "", expect: str = ""
) -> Bond:
    """Queue the opening of a case: once this returns, the case will be opened exactly once.

    `expect` is the hash of a preview; when the packet differs by now, Conflict is raised and nothing is sent. Raises
    what `preview` raises.
    """
    vendor_account = await _desk(context, number, to)
    intake = await vendor_account.vendor.intake(vendor_account.account)
    async with context.storage.unit() as unit:
        ticket, draft = await _packet(unit, context, vendor_account, number, intake, answers)
        opening = _opening(context, vendor_account, ticket, draft)
        if expect and (shown := await _shown(vendor_account, opening)).sha256 != expect:
            raise Conflict(
                f"the packet of {number} has changed since the preview (its hash is {shown.sha256} now)",
                next_step="check the preview again",
            )
        bond, operation = opening
        payload = msgspec.json.encode(operation.payload)
        bond_id = await unit.operations.open_bond(
            bond, payload, unit.now, trace_id=operation.trace_id, ticket_created_at=ticket.created_at
        )
        if bond_id is None:
            raise await _already(unit, ticket, vendor_account)
        packet = hashlib.sha256(payload).hexdigest()[:16]
        escalated = Escalated(
            bond=bond.key, account=vendor_account.name, who=who, trace=operation.trace_id, packet=packet
        )
        unit.note(ticket.number, escalated)
        if why:  # may hold private text, so it is stored with the ticket and not in the journal
            await unit.comments.add(
                ticket_id=ticket.id, origin="rjr", author=who, body=why, visibility=Visibility.PRIVATE.value
            )
    return bond.evolve(id=bond_id, created_at=unit.now, updated_at=unit.now)


async def _desk(context: HubContext, number: str, to: str) -> VendorAccount:
    """The named account, or the vendor's account for the ticket's product."""
    if to in context.accounts:
        return context.accounts[to]
    async with context.storage.unit() as unit:
        ticket = await unit.tickets.get(number)
    return context.desk(to, ticket.product if ticket else "")


async def _packet(
    unit: Unit,
    context: HubContext,
    vendor_account: VendorAccount,
    number: str,
    intake: Intake,
    answers: Mapping[str, str],
) -> tuple[Ticket, CaseDraft]:
    row = await unit.tickets.for_escalation(number, vendor_account.name)
    if row is None:
        raise no_ticket(number)
    ticket, bonds = row
    if ticket.status is TicketStatus.CLOSED:
        raise Conflict(f"ticket {number} is closed", next_step="reopen it before escalating")
    key = bond_key(ticket.number, ticket.created_at, vendor_account.name, bonds + 1, context.hub_id)
    return ticket, compile_packet(ticket, key, intake, answers, vendor_account.policy)


def _opening(
    context: HubContext, vendor_account: VendorAccount, ticket: Ticket, draft: CaseDraft
) -> tuple[Bond, Operation]:
    """The bond and its first operation as they would be stored, after the plugins' review."""
    bond = Bond(
        id=0,
        key=draft.key,
        ticket_id=ticket.id,
        ticket_number=ticket.number,
        account=vendor_account.name,
        vendor=vendor_account.info.name,
        state=BondState.REQUESTED,
        severity=ticket.severity,
        reference=None,
        picture={},
        created_at=ticket.updated_at,
        updated_at=ticket.updated_at,
        waiting=1,
        parked=0,
    )
    operation = Operation(
        id=0,
        bond_id=0,
        account=vendor_account.name,
        position=1,
        kind=OperationKind.OPEN_CASE,
        key=draft.key,
        state=OperationState.READY,
        payload=draft.plain(),
        severity=ticket.severity,
        attempts=0,
        reason="",
        who_acts="",
        trace_id=new_trace_id(),
        created_at=ticket.updated_at,
    )
    return bond, context.plugins.review_outgoing(bond, operation)


async def _shown(vendor_account: VendorAccount, opening: tuple[Bond, Operation]) -> Preview:
    bond, operation = opening
    shown = await vendor_account.vendor.preview_open_case(vendor_account.account, enqueue.draft_of(operation))
    return Preview(
        ticket=bond.ticket_number,
        account=vendor_account.name,
        key=bond.key,
        method=shown.method,
        path=shown.path,
        body=shown.body,
        sha256=shown.sha256,
    )


async def _already(unit: Unit, ticket: Ticket, vendor_account: VendorAccount) -> Conflict:
    live = [bond for bond in await unit.bonds.of_ticket(ticket.id) if bond.account == vendor_account.name]
    case = live[-1].reference.number if live and live[-1].reference else "not opened yet"
    return Conflict(
        f"ticket {ticket.number} is already escalated to {vendor_account.name} (case {case})",
        next_step=f"see `hub timeline {ticket.number}`",
    )
