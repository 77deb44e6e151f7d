"""The doubt rule: what to do with an operation that was sent and never answered for."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from hub.bonding.judgement.diff import agrees, changes_of, picture
from hub.model import Case, Operation, OperationKind
from hub.model.base import Value
from hub.model.keys import bond_of, find_keys


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
    """It did not arrive, or sending it twice is as good as once."""


class LookAgain(Value, frozen=True):
    """It may still turn up; look again then."""

    until: datetime


class AskPerson(Value, frozen=True):
    """Nobody but a person can tell."""

    reason: str


Verdict = Arrived | SendAgain | LookAgain | AskPerson


def lookup_method(kind: OperationKind, *, can_find: bool = True, can_read: bool = True) -> LookupMethod:
    """Where to look; NONE when the vendor has no way of looking for this kind."""
    if kind is OperationKind.OPEN_CASE:
        return LookupMethod.FIND_BY_KEY if can_find else LookupMethod.NONE
    return LookupMethod.READ_CASE if can_read else LookupMethod.NONE


def settle(
    operation: Operation, found: Evidence | None, *, can_look: bool, now: datetime, settle_seconds: float
) -> Verdict:
    """What becomes of an operation in doubt; `found` is the answer of `evidence`, None for nothing found.

    A vendor's search may lag, so "not found" counts only `settle_seconds` after sending. A change needs no
    such wait: it is read from the case itself, and setting a value twice is as good as once.
    """
    if found is not None:
        return Arrived(evidence=found)
    changes = changes_of(operation)
    if not can_look:
        if changes and "status" not in changes:
            return SendAgain()
        return AskPerson(reason=f"the vendor can't be asked whether {operation.key} arrived; look there and tell")
    if changes:
        return SendAgain()
    if operation.sent_at is None:
        return AskPerson(reason=f"when {operation.key} was sent is not known; look at the vendor and tell")
    until = operation.sent_at + timedelta(seconds=settle_seconds)
    return LookAgain(until=until) if now < until else SendAgain()


def evidence(operation: Operation, case: Case | None) -> Evidence | None:
    """The sign in a case that the operation arrived, or None; `case` is what finding by key or reading gave."""
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
