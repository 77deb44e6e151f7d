"""Applies updates of cases to their bonds and tickets: what changed, which side wins, what only repeats our changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter

from hub.answers.judge import Judgement
from hub.bonding import enqueue
from hub.bonding.inbound.first_answer import judge_comment, vendor_answered
from hub.bonding.judgement.diff import (
    KnownComment,
    changed,
    changes_of,
    fingerprint,
    is_echo_field,
    is_newer,
    match_comments,
    picture,
)
from hub.bonding.judgement.merge import merge
from hub.bonding.judgement.states import course, move
from hub.context import VendorAccount
from hub.db.attachments import StoredAttachment
from hub.db.comments import StoredComment
from hub.db.unit import Unit
from hub.errors import Conflict, NotDisclosed
from hub.model import (
    Attachment,
    Bond,
    BondState,
    Case,
    CaseNews,
    Comment,
    Json,
    Operation,
    OperationKind,
    OperationState,
    Severity,
    StreamKind,
    Ticket,
    Visibility,
    Writer,
)
from hub.model.journal.cases import (
    CaseChanged,
    CommentEdited,
    Conflicted,
    KeptInside,
    MoveRefused,
    SettledByPolicy,
    VendorAttached,
    VendorCommented,
)
from hub.model.journal.tickets import TicketChanged
from hub.privacy.disclose import disclose_changes

ECHO_TIME = timedelta(hours=1)
"""How long after a change of ours the same value at the vendor counts as an echo of it."""

SHARED = ("severity", "title")
"""Fields that both ticket and case have; changes of other fields are recorded, not merged."""


@dataclass
class NewsCounts:
    """What a run of updates changed."""

    cases: int = 0  # cases whose picture changed
    comments: int = 0
    attachments: int = 0
    conflicts: int = 0
    unknown: int = 0  # cases that belong to no bond

    def add(self, other: NewsCounts) -> None:
        """Add another page's counts."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


async def apply_news(
    unit: Unit, vendor_account: VendorAccount, news: Sequence[CaseNews], *, read_at: datetime
) -> NewsCounts:
    """Apply one page of updates, within the unit of work that stores its cursor.

    `read_at` is the hub's time when the reading began; fields that we changed at the vendor since then are left out.
    """
    tally = NewsCounts()
    numbers = sorted({update.reference.number for update in news})
    await unit.tickets.lock_of_cases(vendor_account.name, numbers)  # tickets are always locked before bonds
    bonds = {
        bond.reference.number: bond
        for bond in await unit.bonds.of_cases(vendor_account.name, numbers)
        if bond.reference
    }
    if unmatched := [number for number in numbers if number not in bonds]:
        # a vendor that identifies cases by our keys may report one before the hub knows that its opening arrived
        bonds |= {bond.key: bond for bond in await unit.bonds.being_opened(vendor_account.name, unmatched)}
    tally.unknown = len([number for number in numbers if number not in bonds])
    ids = [bond.id for bond in bonds.values()]
    if not ids:
        return tally
    comments = await unit.comments.of_bonds(ids)
    attachments = await unit.attachments.of_bonds(ids)
    operations = await unit.operations.recent_changes_of(ids, unit.now - ECHO_TIME)
    overtaken = await unit.operations.recent_changes_of(ids, read_at)
    if unseen := [bond.id for bond in bonds.values() if bond.stored_at is None]:
        await unit.bonds.stored(unseen, unit.now)
    for update in news:
        bond = bonds.get(update.reference.number)
        if bond is None or bond.state is BondState.UNLINKED:
            continue
        if update.case is not None and bond.reference and is_newer(bond.picture, update.case):
            settled = [op for op in overtaken.get(bond.id, []) if op.state is OperationState.DONE]
            bonds[update.reference.number] = await _case(
                unit, vendor_account, bond, update.case, operations.get(bond.id, []), settled, tally
            )
        incoming = (*(update.case.comments if update.case else ()), *update.comments)
        files = (*(update.case.attachments if update.case else ()), *update.attachments)
        if incoming:
            comments[bond.id] = await _comments(unit, vendor_account, bond, comments.get(bond.id, []), incoming, tally)
        if files:
            attachments[bond.id] = await _attachments(unit, bond, attachments.get(bond.id, []), files, tally)
    if tally.attachments:
        await unit.streams.wake(vendor_account.name, StreamKind.FILES)
    return tally


async def _case(
    unit: Unit,
    vendor_account: VendorAccount,
    bond: Bond,
    case: Case,
    ours: Sequence[Operation],
    overtaken: Sequence[Operation],
    tally: NewsCounts,
) -> Bond:
    newer = {field for operation in overtaken for field in changes_of(operation)}
    seen = {**picture(case), **{field: bond.picture.get(field) for field in newer}}
    delta = changed(bond.picture, seen)
    state = bond.state
    try:
        for event in () if "status" in newer else course(case.status, state):
            state = move(state, event)
    except Conflict as refused:
        unit.note(bond.ticket_number, MoveRefused(bond=bond.key, why=refused.message))
        state = bond.state
    news = [field for field in SHARED if field in delta and seen[field] not in {None, ""}]
    fields = [field for field in news if not is_echo_field(field, seen[field], ours)]
    if fields:
        ticket = await unit.tickets.by_id(bond.ticket_id)
        await _merge(unit, vendor_account, bond, ticket, case, {field: seen[field] for field in fields}, tally)
    await unit.bonds.change(bond.id, unit.now, picture=seen, state=state, missed=0)
    verdict: Judgement | None = None
    if "resolution" in delta and case.resolution and not is_echo_field("resolution", case.resolution, ours):
        verdict = judge_comment(Comment(body=case.resolution, public=True), vendor_account)
        if verdict.taken is Writer.PERSON:
            await vendor_answered(unit, bond, case.changed_at, verdict)
    moved = state is not bond.state
    unit.note(
        bond.ticket_number,
        CaseChanged(
            bond=bond.key,
            case=case.reference.number,
            fields=tuple(sorted(delta)),
            echoes=tuple(sorted(set(news) - set(fields))) or None,
            state=state if moved else None,
            given_at=case.changed_at if moved else None,
            answer=verdict.taken if verdict else None,
            why=verdict.why if verdict else None,
        ),
    )
    tally.cases += 1
    return bond.evolve(picture=seen, state=state)


async def _merge(
    unit: Unit,
    vendor_account: VendorAccount,
    bond: Bond,
    ticket: Ticket,
    case: Case,
    theirs: dict[str, Json],
    tally: NewsCounts,
) -> None:
    base = {field: bond.picture.get(field) for field in theirs}
    ours = {field: shared_value(ticket, field) for field in theirs}
    touched = await unit.tickets.touched(ticket.id)
    policies = vendor_account.account.settings.merge
    for field, value in theirs.items():  # each has its own time of change
        merged = merge(
            {field: base[field]},
            {field: ours[field]},
            {field: value},
            policies,
            touched.get(field, ticket.created_at),
            case.changed_at,
        )
        if merged.take:
            await _take(unit, bond, ticket, merged.take)
        if leaving := disclose_changes(merged.push, vendor_account.policy):
            try:
                await enqueue.add(unit, vendor_account, bond, OperationKind.CHANGE_FIELDS, leaving)
            except NotDisclosed:
                unit.note(ticket.number, KeptInside(bond=bond.key, fields=tuple(sorted(leaving))))
        for conflict in merged.conflicts:
            fresh = await unit.conflicts.add(bond.id, field, conflict.base, conflict.ours, conflict.theirs)
            tally.conflicts += fresh
            unit.note(ticket.number, Conflicted(bond=bond.key, field=field))
        for settled in merged.settled:
            unit.note(ticket.number, SettledByPolicy(bond=bond.key, field=settled.field))


async def _take(unit: Unit, bond: Bond, ticket: Ticket, take: dict[str, Json]) -> None:
    await unit.tickets.change(ticket.id, take, unit.now)
    if "severity" in take:
        await unit.bonds.change(bond.id, unit.now, severity=take["severity"])
    severity = Severity(take["severity"]) if "severity" in take else None
    changed = TicketChanged(by=bond.vendor, bond=bond.key, fields=tuple(sorted(take)), severity=severity)
    unit.note(ticket.number, changed)


def shared_value(ticket: Ticket, field: str) -> Json:
    """A shared field of a ticket in the form that a picture holds."""
    value = getattr(ticket, field)
    return int(value) if isinstance(value, Severity) else value


async def _comments(
    unit: Unit,
    vendor_account: VendorAccount,
    bond: Bond,
    stored: list[StoredComment],
    incoming: Sequence[Comment],
    tally: NewsCounts,
) -> list[StoredComment]:
    known = [
        KnownComment(fingerprint=row.fingerprint, reference=row.reference, key=row.key, ours=row.origin == "rjr")
        for row in stored
    ]
    by_identity = {id(value): row for value, row in zip(known, stored, strict=True)}
    matched = match_comments(known, incoming)
    for value, comment in matched.echoes:
        if comment.reference:
            await unit.comments.name(by_identity[id(value)].id, comment.reference)
    for value, comment in matched.edited:
        row = by_identity[id(value)]
        await unit.comments.change(row.id, body=comment.body, fingerprint=fingerprint(comment.body))
        unit.note(bond.ticket_number, CommentEdited(bond=bond.key, reference=comment.reference))
    answers = list[tuple[datetime, Judgement, int]]()
    for comment in matched.new:
        verdict = judge_comment(comment, vendor_account)
        automatic, at = verdict.taken is Writer.MACHINE, comment.created_at or unit.now
        added = await unit.comments.add(
            ticket_id=bond.ticket_id,
            bond_id=bond.id,
            origin="vendor",
            author=comment.author,
            body=comment.body,
            visibility=(Visibility.VENDOR if comment.public else Visibility.PRIVATE).value,
            automatic=automatic,
            reference=comment.reference,
            key=comment.key,
            fingerprint=fingerprint(comment.body),
            created_at=at,
        )
        if added is None:
            continue
        tally.comments += 1
        unit.note(
            bond.ticket_number,
            VendorCommented(
                bond=bond.key,
                reference=comment.reference,
                public=comment.public,
                comment=added,
                fingerprint=fingerprint(comment.body)[:16],
                automatic=automatic,
                answer=verdict.taken,
                why=verdict.why,
                given_at=at,
            ),
        )
        if verdict.taken is Writer.PERSON:
            answers.append((at, verdict, added))
    if answers:
        at, verdict, added = min(answers, key=itemgetter(0))
        await vendor_answered(unit, bond, at, verdict, added)
    return (await unit.comments.of_bonds([bond.id])).get(bond.id, [])


async def _attachments(
    unit: Unit, bond: Bond, stored: list[StoredAttachment], files: Sequence[Attachment], tally: NewsCounts
) -> list[StoredAttachment]:
    references = {row.reference for row in stored if row.reference}
    by_key = {row.key: row for row in stored if row.key}
    for file in files:
        if file.reference in references:
            continue
        if file.key and (mine := by_key.get(file.key)):
            await unit.attachments.change(mine.id, reference=file.reference)
            continue
        added = await unit.attachments.add(
            ticket_id=bond.ticket_id,
            bond_id=bond.id,
            origin="vendor",
            name=file.name,
            media_type=file.media_type,
            size=file.size,
            reference=file.reference,
            key=file.key,
            created_at=unit.now,
            visibility=(Visibility.VENDOR if file.public else Visibility.PRIVATE).value,
        )
        if added is None:
            continue
        tally.attachments += 1
        attached = VendorAttached(bond=bond.key, reference=file.reference, attachment=added)
        unit.note(bond.ticket_number, attached)
    return (await unit.attachments.of_bonds([bond.id])).get(bond.id, [])
