"""Compares bonds with their cases, names each difference, and brings them into step."""

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
"""Looks in a row that must miss a case before it counts as gone."""

LOOK_AGAIN = timedelta(minutes=10)
_BATCH = 20


class Difference(Value, frozen=True):
    """One thing that ticket and case don't agree on."""

    ticket: str
    case: str
    what: str  # a field's name, comment_missing, comment_new, file_new, case_missing, case_gone or case_found
    ours: Json = None
    theirs: Json = None


async def reconcile_some(
    context: HubContext, vendor_account: VendorAccount, stream: Stream, lease_seconds: float, tally: NewsCounts
) -> tuple[int, int]:
    """Compare the bonds whose turn it is; returns how many were looked at, and how many differed.

    What is taken in by it is counted in `tally`.

    A case that may not be seen holds up none behind it. Raises NotPermitted when that is so of all.
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
    """The differences between a bond and its case; `mend` takes the vendor's news into the hub.

    Raises the vendor's error when the case can't be read now; that says nothing about the case.
    """
    assert bond.reference is not None, "only bonds with a case are compared"
    read_at = context.storage.clock()
    try:
        case = await vendor_account.vendor.read_case(vendor_account.account, bond.reference)
    except CaseMissing:
        return await _missing(context, bond, mend=mend)
    async with context.storage.unit() as unit:
        await unit.tickets.by_id(bond.ticket_id, lock=True)  # tickets are held before bonds, by everybody
        bond = await unit.bonds.lock(bond.id)
        comments = (await unit.comments.of_bonds([bond.id])).get(bond.id, [])
        found = _fields(bond, case)
        known = {one.reference for one in comments if one.reference}
        there = {one.reference for one in case.comments}
        found += [_difference(bond, "comment_missing", ours=one) for one in sorted(known - there)]
        ours = {one.key for one in comments if one.key}
        fresh = [one.reference for one in case.comments if one.reference not in known and one.key not in ours]
        found += [_difference(bond, "comment_new", theirs=one) for one in fresh]
        files = (await unit.attachments.of_bonds([bond.id])).get(bond.id, [])
        held = {one.reference for one in files} | {one.key for one in files}
        strange = [one for one in case.attachments if not {one.reference, one.key} & (held - {""})]
        found += [_difference(bond, "file_new", theirs=one.reference) for one in strange]
        if bond.state is BondState.BROKEN:
            found.append(_difference(bond, "case_found", theirs=case.reference.number))
        if mend:
            if found and bond.reference is not None:
                news = [CaseNews(reference=bond.reference, case=case)]
                (tally or NewsCounts()).add(await apply_news(unit, vendor_account, news, read_at=read_at))
                await _heal(unit, bond, case)
                differences = tuple(sorted({difference.what for difference in found}))
                unit.note(bond.ticket_number, Reconciled(bond=bond.key, differences=differences))
            if bond.stored_at is None:
                await unit.bonds.stored([bond.id], unit.now)
            await unit.bonds.change(bond.id, unit.now, reconciled_at=unit.now, missed=0)
    return found


async def _heal(unit: Unit, bond: Bond, case: Case) -> None:
    """Bring a broken bond back into step with its case, which may not have changed meanwhile."""
    state = (await unit.bonds.lock(bond.id)).state
    if state is BondState.BROKEN:
        for happening in course(case.status, state):
            state = move(state, happening)
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
        missed = await unit.bonds.miss(bond.id, unit.now)
        gone = missed >= LOOKS
        again = unit.now if gone else unit.now - context.reconcile_every + LOOK_AGAIN
        state = move(bond.state, BondEvent.CASE_GONE) if gone else bond.state
        await unit.bonds.change(bond.id, unit.now, reconciled_at=again, state=state)
        if gone and bond.state is not BondState.BROKEN:
            unit.note(bond.ticket_number, CaseGone(bond=bond.key, looks=missed, state=state))
        elif not gone:
            unit.note(bond.ticket_number, CaseMissed(bond=bond.key, looks=missed))
    return [_difference(bond, "case_gone" if gone else "case_missing")]
