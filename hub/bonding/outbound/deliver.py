"""Sends one operation to the vendor, or looks whether it arrived; writes nothing in the hub."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from datetime import datetime

import msgspec

from hub.bonding.enqueue import draft_of
from hub.bonding.judgement import doubt
from hub.bonding.judgement.outcome import MOST_TRIES, Outcome, done, judge, judge_look, parked
from hub.context import VendorAccount
from hub.errors import Actor, HubError
from hub.http import guard_writes, trace, watch_writes
from hub.model import (
    Attachment,
    Bond,
    Case,
    CaseChanges,
    CaseReference,
    CaseStatus,
    Comment,
    Operation,
    OperationKind,
    OperationState,
)

log = logging.getLogger("hub.bonding")

Files = Callable[[str], AsyncIterator[bytes]]
"""Returns the content with a SHA-256, in pieces."""

_HOOKS = {
    OperationKind.OPEN_CASE: "open_case",
    OperationKind.ADD_COMMENT: "add_comment",
    OperationKind.ADD_ATTACHMENT: "add_attachment",
    OperationKind.CHANGE_FIELDS: "change_case",
    OperationKind.CLOSE: "change_case",
    OperationKind.REOPEN: "change_case",
}
_STATUS = {OperationKind.CLOSE: CaseStatus.CLOSED, OperationKind.REOPEN: CaseStatus.OPEN}


async def deliver(
    vendor_account: VendorAccount, bond: Bond, operation: Operation, files: Files, *, may_write: Callable[[], None]
) -> Outcome:
    """Send one operation and return the outcome; never raises, not even when cancelled.

    `may_write` is called right before a write leaves, and raises LeaseLost when the lease is over.
    """
    with trace(operation.trace_id), guard_writes(may_write), watch_writes() as writes:
        try:
            return await _send(vendor_account, bond, operation, files)
        except HubError as error:
            return judge(operation, error)
        except asyncio.CancelledError:
            state = OperationState.IN_DOUBT if writes.in_doubt else OperationState.READY
            return Outcome(operation=operation, state=state, again_in=0.0, reason="the worker stopped")
        except Exception as error:
            log.exception("operation %s failed (internal error)", operation.key)
            reason = f"internal error ({type(error).__name__}); see the log"
            state = OperationState.IN_DOUBT if writes.in_doubt else OperationState.PARKED
            return Outcome(operation=operation, state=state, reason=reason, error="HubError", who_acts="developer")


async def _send(vendor_account: VendorAccount, bond: Bond, operation: Operation, files: Files) -> Outcome:
    account, vendor, payload = vendor_account.account, vendor_account.vendor, operation.payload
    if not vendor_account.can(_HOOKS[operation.kind]):
        what = operation.kind.replace("_", " ")
        return parked(
            operation, f"{vendor_account.info.title} has no way to {what}; contact them directly", "CaseRefused"
        )
    if operation.kind is OperationKind.OPEN_CASE:
        case = await vendor.open_case(account, draft_of(operation))
        return done(operation, case=case)
    reference = _case_of(bond)
    if operation.kind is OperationKind.ADD_COMMENT:
        comment = Comment(body=payload["body"], public=payload["public"], key=operation.key)
        return done(operation, reference=(await vendor.add_comment(account, reference, comment)).reference)
    if operation.kind is OperationKind.ADD_ATTACHMENT:
        attachment = msgspec.convert(payload, Attachment).evolve(key=operation.key)
        content = files(attachment.sha256)
        added = await vendor.add_attachment(account, reference, attachment, content)
        return done(operation, reference=added.reference)
    changes = msgspec.convert(payload, CaseChanges, strict=False)
    status = _STATUS.get(operation.kind, changes.status)
    stored = await vendor.change_case(account, reference, changes.evolve(status=status, key=operation.key))
    return done(operation).evolve(stored=stored)


def _case_of(bond: Bond) -> CaseReference:
    if bond.reference is None:
        raise HubError(f"bond {bond.key} has no case yet", next_step="connect the ticket to its case, then replay")
    return bond.reference


async def settle(vendor_account: VendorAccount, bond: Bond, operation: Operation, *, now: datetime) -> Outcome:
    """Look whether an operation in doubt arrived: it is done, ready to be sent again, looked for again later, or parked
    for a person. Never raises.
    """
    needs_key = operation.kind in {OperationKind.ADD_COMMENT, OperationKind.ADD_ATTACHMENT}
    can_read = vendor_account.can("read_case") and (vendor_account.info.keeps_keys or not needs_key)
    look = doubt.lookup_method(operation.kind, can_find=vendor_account.can("find_case"), can_read=can_read)
    case: Case | None = None
    with trace(operation.trace_id):
        try:
            if look is doubt.LookupMethod.FIND_BY_KEY:
                case = await vendor_account.vendor.find_case(vendor_account.account, bond.key)
            elif look is doubt.LookupMethod.READ_CASE:
                case = await vendor_account.vendor.read_case(vendor_account.account, _case_of(bond))
        except HubError as error:
            return judge_look(operation, error)
        except asyncio.CancelledError:
            return Outcome(operation=operation, state=OperationState.IN_DOUBT, again_in=0.0)
    verdict = doubt.settle(
        operation,
        doubt.evidence(operation, case),
        can_look=look is not doubt.LookupMethod.NONE,
        now=now,
        settle_seconds=vendor_account.settle_seconds,
    )
    match verdict:
        case doubt.Arrived(evidence=evidence):
            opened = case if operation.kind is OperationKind.OPEN_CASE else None
            reference = "" if opened else evidence.reference
            return done(operation, case=opened, reference=reference, looked="found")
        case doubt.LookAgain(until=until):
            wait = max(0.05, (until - now).total_seconds())
            return Outcome(
                operation=operation,
                state=OperationState.IN_DOUBT,
                again_in=wait,
                worked=True,
                reason="sent, but not found yet; the vendor's search may lag",
                who_acts="nobody",
            )
        case doubt.AskPerson(reason=reason):
            return parked(operation, reason, "InDoubt")
        case doubt.SendAgain() if operation.attempts >= MOST_TRIES:
            return parked(operation, f"no answer after {operation.attempts} tries", "VendorUnavailable", Actor.OPERATOR)
        case doubt.SendAgain():
            return Outcome(
                operation=operation, state=OperationState.READY, again_in=0.0, looked="not_found", worked=True
            )
