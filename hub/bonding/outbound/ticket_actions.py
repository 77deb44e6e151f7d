"""Actions of ours on a ticket, and what of them is sent to vendors: comments, files, changes, closing."""

from __future__ import annotations

from collections.abc import AsyncIterator

from hub.bonding import enqueue
from hub.bonding.inbound.first_answer import customer_answered
from hub.bonding.inbound.streams import MOST_BYTES
from hub.bonding.judgement.diff import fingerprint
from hub.bonding.judgement.states import LIVE
from hub.context import HubContext, VendorAccount
from hub.db.unit import Unit
from hub.errors import Conflict, NotDisclosed, NotFound
from hub.model import Bond, BondState, Json, OperationKind, Severity, Ticket, TicketStatus, Value, Visibility
from hub.model.journal.tickets import Attached, Commented, TicketChanged
from hub.privacy.disclose import disclose_changes, disclose_comment, may_leave, redact, safe_name
from hub.privacy.files import TextRedactor, file_encoding

_HEAD = 64 * 1024


class Addressed(Value, frozen=True):
    """Where a comment, file or change is stored, and to which accounts it is sent."""

    ticket: str
    goes_to: tuple[str, ...]
    stays: tuple[str, ...] = ()  # accounts that it may not be sent to
    sha256: str = ""


async def comment(
    context: HubContext, number: str, body: str, visibility: Visibility, *, who: str, to: str = ""
) -> Addressed:
    """Store a comment, and queue it for the accounts that it may be sent to.

    With an account in `to`, raises NotDisclosed when it may not be sent there; otherwise it stays inside.
    """
    async with context.storage.unit() as unit:
        ticket, bonds = await _ticket(unit, number)
        goes, stays = _split(context, bonds, visibility, to)
        for bond in goes:
            await _say(unit, context, bond, body, visibility, who)
        if not goes:
            await unit.comments.add(
                ticket_id=ticket.id,
                origin="rjr",
                author=who,
                body=body,
                visibility=visibility.value,
                fingerprint=fingerprint(body),
                created_at=unit.now,
            )
            unit.note(ticket.number, Commented(visibility=visibility, who=who))
        await customer_answered(unit, ticket, body, visibility, context.signs, who=who)
    return Addressed(ticket=number, goes_to=tuple(bond.account for bond in goes), stays=stays)


async def _say(unit: Unit, context: HubContext, bond: Bond, body: str, visibility: Visibility, who: str) -> None:
    vendor_account = context.accounts[bond.account]
    text = disclose_comment(body, visibility, vendor_account.policy)
    bond = await unit.bonds.lock(bond.id)
    comment_id = await unit.comments.add(
        ticket_id=bond.ticket_id,
        bond_id=bond.id,
        origin="rjr",
        author=who,
        body=body,
        visibility=visibility.value,
        fingerprint=fingerprint(text),
        created_at=unit.now,
    )
    assert comment_id is not None, "a comment without a reference clashes with none"
    operation = await enqueue.add(
        unit,
        vendor_account,
        bond,
        OperationKind.ADD_COMMENT,
        {"body": text, "public": True},
        item_id=comment_id,
        who=who,
    )
    reviewed = str(operation.payload["body"])
    await unit.comments.change(comment_id, key=operation.key, fingerprint=fingerprint(reviewed))


async def attach(
    context: HubContext,
    number: str,
    name: str,
    media_type: str,
    content: AsyncIterator[bytes],
    visibility: Visibility,
    *,
    who: str,
    to: str = "",
) -> Addressed:
    """Store a file, and queue it for the accounts that it may be sent to; text files are sent masked.

    Raises BadInput for a file that is too large.
    """
    async with context.storage.unit() as unit:
        sha256, size = await unit.attachments.store(content, MOST_BYTES)  # may be slow; nothing is locked yet
        ticket, bonds = await _ticket(unit, number)
        goes, stays = _split(context, bonds, visibility, to)
        columns = {
            "ticket_id": ticket.id,
            "origin": "rjr",
            "name": safe_name(name),
            "media_type": media_type,
            "visibility": visibility.value,
            "created_at": unit.now,
        }
        if not goes:
            await unit.attachments.add(**columns, sha256=sha256, size=size)
        for bond in goes:
            bond = await unit.bonds.lock(bond.id)  # noqa: PLW2901 - the same bond, locked
            vendor_account = context.accounts[bond.account]
            leaves, length = await _masked(unit, vendor_account, sha256, size)
            item_id = await unit.attachments.add(**columns, bond_id=bond.id, sha256=leaves, size=length)
            payload = {
                "name": safe_name(name),
                "size": length,
                "media_type": media_type,
                "sha256": leaves,
                "public": True,
            }
            operation = await enqueue.add(
                unit, vendor_account, bond, OperationKind.ADD_ATTACHMENT, payload, item_id=item_id, who=who
            )
            assert item_id is not None, "a file without a reference clashes with none"
            await unit.attachments.change(item_id, key=operation.key)
        unit.note(ticket.number, Attached(visibility=visibility, sha256=sha256, size=size, who=who))
    return Addressed(ticket=number, goes_to=tuple(bond.account for bond in goes), stays=stays, sha256=sha256)


async def _masked(unit: Unit, vendor_account: VendorAccount, sha256: str, size: int) -> tuple[str, int]:
    """The file as it may be sent: a masked copy of a text file, any other unchanged."""
    head = b""
    async for piece in unit.attachments.content(sha256):
        head += piece
        if len(head) >= _HEAD:
            break
    encoding = file_encoding(head[:_HEAD])
    if encoding is None:
        return sha256, size
    redactor = TextRedactor(vendor_account.policy, encoding)

    async def masked() -> AsyncIterator[bytes]:
        async for piece in unit.attachments.content(sha256):
            yield redactor.feed(piece)
        yield redactor.finish()

    return await unit.attachments.store(masked(), MOST_BYTES * 2)


async def change(
    context: HubContext, number: str, *, severity: Severity | None = None, title: str | None = None, who: str
) -> Addressed:
    """Change a ticket, and queue the changes for its vendors."""
    async with context.storage.unit() as unit:
        ticket, bonds = await _ticket(unit, number)
        wanted: dict[str, Json] = {}
        if severity is not None and severity is not ticket.severity:
            wanted["severity"] = int(severity)
        if title is not None and title != ticket.title:
            wanted["title"] = title
        if not wanted:
            return Addressed(ticket=number, goes_to=())
        await unit.tickets.change(ticket.id, wanted, unit.now)
        new = severity if "severity" in wanted else None
        unit.note(ticket.number, TicketChanged(by=who, fields=tuple(sorted(wanted)), severity=new))
        goes = []
        for bond in bonds:
            vendor_account = context.accounts.get(bond.account)
            if "severity" in wanted:
                await unit.bonds.change(bond.id, unit.now, severity=wanted["severity"])
            fresh = {field: value for field, value in wanted.items() if bond.picture.get(field) != value}
            if vendor_account is not None and (leaving := disclose_changes(fresh, vendor_account.policy)):
                held = await unit.bonds.lock(bond.id)
                await enqueue.add(unit, vendor_account, held, OperationKind.CHANGE_FIELDS, leaving, who=who)
                goes.append(bond.account)
    return Addressed(ticket=number, goes_to=tuple(goes))


async def close(context: HubContext, number: str, resolution: str, *, who: str) -> Addressed:
    """Close a ticket and its cases; the resolution is sent along, masked."""
    return await _end(context, number, TicketStatus.CLOSED, OperationKind.CLOSE, resolution, who)


async def reopen(context: HubContext, number: str, *, who: str) -> Addressed:
    """Reopen a ticket and its cases."""
    return await _end(context, number, TicketStatus.OPEN, OperationKind.REOPEN, "", who)


async def _end(
    context: HubContext, number: str, status: TicketStatus, kind: OperationKind, resolution: str, who: str
) -> Addressed:
    async with context.storage.unit() as unit:
        ticket, bonds = await _ticket(unit, number, ended=kind is OperationKind.REOPEN)
        if ticket.status is status:
            raise Conflict(f"ticket {number} is already {status}")
        await unit.tickets.change(ticket.id, {"status": status.value}, unit.now)
        unit.note(ticket.number, TicketChanged(by=who, fields=("status",), status=status))
        goes = []
        for bond in bonds:
            if bond.account not in context.accounts or (bond.state is BondState.CLOSED) == (
                kind is OperationKind.CLOSE
            ):
                continue
            held = await unit.bonds.lock(bond.id)
            vendor_account = context.accounts[bond.account]
            masked = redact(resolution, vendor_account.policy).text
            await enqueue.add(unit, vendor_account, held, kind, {"resolution": masked} if masked else {}, who=who)
            goes.append(bond.account)
    return Addressed(ticket=number, goes_to=tuple(goes))


async def _ticket(unit: Unit, number: str, *, ended: bool = False) -> tuple[Ticket, list[Bond]]:
    """The ticket, locked, and its bonds that can take an operation."""
    ticket = await unit.tickets.named(number, lock=True)
    states = LIVE | {BondState.CLOSED} if ended else LIVE
    return ticket, [bond for bond in await unit.bonds.of_ticket(ticket.id) if bond.state in states]


def _split(
    context: HubContext, bonds: list[Bond], visibility: Visibility, to: str
) -> tuple[list[Bond], tuple[str, ...]]:
    """The bonds that something of this visibility is sent on, and the accounts that it may not be sent to."""
    if to:
        name = context.vendor_account(to).name
        bonds = [bond for bond in bonds if bond.account == name]
        if not bonds:
            raise NotFound(f"the ticket has no open bond with {name}", next_step="escalate it first")
        if not may_leave(visibility, context.vendor_account(to).policy):
            raise NotDisclosed(f"visibility {visibility} may not be sent to {name}", next_step="use visibility vendor")
    goes = [
        bond
        for bond in bonds
        if bond.account in context.accounts and may_leave(visibility, context.accounts[bond.account].policy)
    ]
    return goes, tuple(bond.account for bond in bonds if bond not in goes)
