"""Compares bonds with their cases, lists the differences, and updates the hub."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from hub.bonding.inbound.apply import NewsCounts, apply_news
from hub.bonding.judgement.diff import changed, is_newer, picture
from hub.bonding.judgement.states import BondEvent, course, move
from hub.context import HubContext, VendorAccount
from hub.db.streams import Stream
from hub.db.unit import Unit
from hub.errors import CaseMissing, LeaseLost, NotPermitted
from hub.model import Bond, BondState, Case, CaseNews, Json, Value
from hub.model.journal.cases import CaseFound, CaseGone, CaseHidden, CaseMissed, Reconciled

LOOKS = 3
"""Looks in a row without finding a case, after which it counts as gone."""

LOOK_AGAIN = timedelta(minutes=10)
_BATCH = 20


class Difference(Value, frozen=True):
    """One difference between a ticket and its case."""

    ticket: str
    case: str
    what: str  # a field's name, comment_missing, comment_new, file_new, case_missing, case_gone or case_found
    ours: Json = None
    theirs: Json = None


async def reconcile_some(
    context: HubContext, vendor_account: VendorAccount, stream: Stream, lease_seconds: float, tally: NewsCounts
) -> tuple[int, int]:
    """Compare the bonds that are due; returns how many were compared, and how many differed.

    Changes are counted in `tally`. A case that may not be read does not stop the others. Raises NotPermitted when none
    may be read.
    """
    if not vendor_account.can("read_case"):
        return 0, 0
    async with context.storage.unit() as unit:
        if not await unit.streams.advance(stream, msgspec.json.encode(stream.cursor), 0, lease_seconds):
            raise LeaseLost(f"stream {stream.kind} of {vendor_account.name} was taken over")
        due = await unit.bonds.due(vendor_account.name, unit.now - context.reconcile_every, _BATCH, busy=False)
    differed, hidden = 0, list[NotPermitted]()
    for bond in due:
        try:
            differed += bool(await reconcile(context, vendor_account, bond, tally=tally))
        except NotPermitted as refused:
            hidden.append(refused)
            async with context.storage.unit() as unit:
                await unit.bonds.change(bond.id, unit.now, reconciled_at=unit.now)
                unit.note(bond.ticket_number, CaseHidden(bond=bond.key))
    if hidden and len(hidden) == len(due):
        raise hidden[0]
    return len(due), differed


async def reconcile(
    context: HubContext,
    vendor_account: VendorAccount,
    bond: Bond,
    *,
    mend: bool = True,
    tally: NewsCounts | None = None,
) -> list[Difference]:
    """The differences between a bond and its case; `mend` applies them to the hub.

    Raises the vendor's error when the case can't be read now, which says nothing about the case.
    """
    assert bond.reference is not None, "only bonds with a case are compared"
    read_at = context.storage.clock()
    try:
        case = await vendor_account.vendor.read_case(vendor_account.account, bond.reference)
    except CaseMissing:
        return await _missing(context, bond, mend=mend)
    async with context.storage.unit() as unit:
        await unit.tickets.by_id(bond.ticket_id, lock=True)  # tickets are always locked before bonds
        bond = await unit.bonds.lock(bond.id)
        comments = (await unit.comments.of_bonds([bond.id])).get(bond.id, [])
        differences = _fields(bond, case)
        here = {row.reference for row in comments if row.reference}
        there = {comment.reference for comment in case.comments}
        differences += [_difference(bond, "comment_missing", ours=reference) for reference in sorted(here - there)]
        keys = {row.key for row in comments if row.key}
        new = [c.reference for c in case.comments if c.reference not in here and c.key not in keys]
        differences += [_difference(bond, "comment_new", theirs=reference) for reference in new]
        files = (await unit.attachments.of_bonds([bond.id])).get(bond.id, [])
        held = {row.reference for row in files} | {row.key for row in files}
        new = [file.reference for file in case.attachments if not {file.reference, file.key} & (held - {""})]
        differences += [_difference(bond, "file_new", theirs=reference) for reference in new]
        if bond.state is BondState.BROKEN:
            differences.append(_difference(bond, "case_found", theirs=case.reference.number))
        if mend:
            if differences and bond.reference is not None:
                news = [CaseNews(reference=bond.reference, case=case)]
                (tally or NewsCounts()).add(await apply_news(unit, vendor_account, news, read_at=read_at))
                await _heal(unit, bond, case)
                names = tuple(sorted({difference.what for difference in differences}))
                unit.note(bond.ticket_number, Reconciled(bond=bond.key, differences=names))
            if bond.stored_at is None:
                await unit.bonds.stored([bond.id], unit.now)
            await unit.bonds.change(bond.id, unit.now, reconciled_at=unit.now, missed=0)
    return differences


async def _heal(unit: Unit, bond: Bond, case: Case) -> None:
    """Move a broken bond to the state of its case, which may not have changed meanwhile."""
    state = (await unit.bonds.lock(bond.id)).state
    if state is BondState.BROKEN:
        for event in course(case.status, state):
            state = move(state, event)
        await unit.bonds.change(bond.id, unit.now, state=state.value)
        unit.note(bond.ticket_number, CaseFound(bond=bond.key, state=state))


def _fields(bond: Bond, case: Case) -> list[Difference]:
    if not is_newer(bond.picture, case):
        return []
    delta = changed(bond.picture, picture(case))
    return [_difference(bond, field, ours=old, theirs=new) for field, (old, new) in sorted(delta.items())]


def _difference(bond: Bond, what: str, ours: Json = None, theirs: Json = None) -> Difference:
    case = bond.reference.number if bond.reference else ""
    return Difference(ticket=bond.ticket_number, case=case, what=what, ours=ours, theirs=theirs)


async def _missing(context: HubContext, bond: Bond, *, mend: bool) -> list[Difference]:
    if not mend:
        return [_difference(bond, "case_missing")]
    async with context.storage.unit() as unit:
        bond = await unit.bonds.lock(bond.id)
        missed = await unit.bonds.count_miss(bond.id, unit.now)
        gone = missed >= LOOKS
        again = unit.now if gone else unit.now - context.reconcile_every + LOOK_AGAIN
        state = move(bond.state, BondEvent.CASE_GONE) if gone else bond.state
        await unit.bonds.change(bond.id, unit.now, reconciled_at=again, state=state)
        if gone and bond.state is not BondState.BROKEN:
            unit.note(bond.ticket_number, CaseGone(bond=bond.key, looks=missed, state=state))
        elif not gone:
            unit.note(bond.ticket_number, CaseMissed(bond=bond.key, looks=missed))
    return [_difference(bond, "case_gone" if gone else "case_missing")]
