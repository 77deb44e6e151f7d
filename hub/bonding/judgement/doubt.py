"""The doubt rule: what to do with an operation that was sent and whose reply never came."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from hub.bonding.judgement.diff import agrees, changes_of, picture
from hub.model import Case, Operation, OperationKind
from hub.model.base import Value
from hub.model.keys import bond_of, find_keys

_THEN = ", then replay or ignore the operation"


class LookupMethod(StrEnum):
    """Where to look for an operation in doubt."""

    FIND_BY_KEY = "find_by_key"
    READ_CASE = "read_case"
    NONE = "none"


class Evidence(Value, frozen=True):
    """A sign that an operation arrived."""

    by: Literal["key", "value"]
    reference: str = ""  # the vendor's id of what was found, where it has one


class Arrived(Value, frozen=True):
    """It arrived."""

    evidence: Evidence


class SendAgain(Value, frozen=True):
    """It did not arrive, or sending it twice does no harm."""


class LookAgain(Value, frozen=True):
    """It may still turn up; look again at `until`."""

    until: datetime


class AskPerson(Value, frozen=True):
    """Only a person can find out."""

    reason: str


Verdict = Arrived | SendAgain | LookAgain | AskPerson


def lookup_method(kind: OperationKind, *, can_find: bool = True, can_read: bool = True) -> LookupMethod:
    """Where to look; NONE when the vendor offers no way to look for this kind."""
    if kind is OperationKind.OPEN_CASE:
        return LookupMethod.FIND_BY_KEY if can_find else LookupMethod.NONE
    return LookupMethod.READ_CASE if can_read else LookupMethod.NONE


def settle(
    operation: Operation, sign: Evidence | None, *, can_look: bool, now: datetime, settle_seconds: float
) -> Verdict:
    """What to do with an operation in doubt; `sign` is the result of `evidence`, None when nothing was found.

    A vendor's search may lag, so "not found" counts only `settle_seconds` after sending. A change needs no such wait:
    it is read from the case itself, and setting a value twice does no harm.
    """
    if sign is not None:
        return Arrived(evidence=sign)
    changes = changes_of(operation)
    if not can_look:
        if changes and "status" not in changes:
            return SendAgain()
        return AskPerson(reason=f"the vendor can't be asked whether {operation.key} arrived; look there{_THEN}")
    if changes:
        return SendAgain()
    if operation.sent_at is None:
        return AskPerson(reason=f"it is not known when {operation.key} was sent; look at the vendor{_THEN}")
    until = operation.sent_at + timedelta(seconds=settle_seconds)
    return LookAgain(until=until) if now < until else SendAgain()


def evidence(operation: Operation, case: Case | None) -> Evidence | None:
    """The sign in a case that the operation arrived, or None; `case` is the result of `find_case` or `read_case`."""
    if case is None:
        return None
    if operation.kind is OperationKind.OPEN_CASE:
        bond = operation.payload.get("key") or bond_of(operation.key)
        return Evidence(by="key", reference=case.reference.number) if case.key in {"", bond} else None
    if operation.kind is OperationKind.ADD_COMMENT:
        same = [comment for comment in case.comments if operation.key in {comment.key, *find_keys(comment.body)}]
        return Evidence(by="key", reference=same[0].reference) if same else None
    if operation.kind is OperationKind.ADD_ATTACHMENT:
        files = [file for file in case.attachments if file.key == operation.key]
        return Evidence(by="key", reference=files[0].reference) if files else None
    seen = picture(case)
    applied = all(agrees(operation, field, seen[field]) for field in changes_of(operation))
    return Evidence(by="value", reference=case.reference.number) if applied else None
