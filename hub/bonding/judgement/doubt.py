"""The doubt rule: what to do with an operation that was sent and never answered for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from hub.bonding.judgement.diff import agrees, changes_of, fingerprint, picture
from hub.model import Attachment, Case, Comment, Operation, OperationKind
from hub.model.base import Value
from hub.model.keys import bond_of, find_keys


class LookupMethod(StrEnum):
    """Where to look for an operation in doubt."""

    FIND_BY_KEY = "find_by_key"
    READ_CASE = "read_case"
    NONE = "none"


class Evidence(Value, frozen=True):
    """A sign that an operation arrived."""

    by: str  # key, content or value
    reference: str = ""  # the vendor's id of what was found, where it has one
    certain: bool = True  # False: several things look alike, and a person has to tell


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
        if found.certain:
            return Arrived(evidence=found)
        return AskPerson(reason=f"several entries at the vendor look like {operation.key}; say which one it is")
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


def evidence(
    operation: Operation, case: Case | None, *, keeps_key: bool = True, matched: Collection[str] = (), already: int = 0
) -> Evidence | None:
    """The sign that the operation arrived in what was read, or None.

    `case` is what finding by key or reading gave; None when there was none. `matched` are the vendor's ids of
    comments or files that the hub has accounted for. Content counts only where the vendor keeps no key
    (`keeps_key` False), and only when exactly one entry more has that content than is accounted for;
    `already` counts those without an id.
    """
    if case is None:
        return None
    if operation.kind is OperationKind.OPEN_CASE:
        bond = operation.payload.get("key") or bond_of(operation.key)
        return Evidence(by="key", reference=case.reference.number) if case.key in {"", bond} else None
    if operation.kind is OperationKind.ADD_COMMENT:
        body = str(operation.payload.get("body", ""))
        return _among(
            [(operation.key in {one.key, *find_keys(one.body)}, one) for one in case.comments],
            [one for one in case.comments if fingerprint(one.body) == fingerprint(body)],
            keeps_key,
            matched,
            already,
        )
    if operation.kind is OperationKind.ADD_ATTACHMENT:
        return _among(
            [(one.key == operation.key, one) for one in case.attachments],
            [one for one in case.attachments if _same_file(operation, one)],
            keeps_key,
            matched,
            already,
        )
    seen = picture(case)
    applied = all(agrees(operation, field, seen[field]) for field in changes_of(operation))
    return Evidence(by="value", reference=case.reference.number) if applied else None


def _among(
    by_key: list[tuple[bool, Comment | Attachment]],
    alike: list[Comment] | list[Attachment],
    keeps_key: bool,
    matched: Collection[str],
    already: int,
) -> Evidence | None:
    for carries, one in by_key:
        if carries:
            return Evidence(by="key", reference=one.reference)
    if keeps_key:
        return None
    fresh = [one for one in alike if not one.key and not (one.reference and one.reference in matched)]
    more = len(fresh) - already
    if more < 1:
        return None
    return Evidence(by="content", reference=fresh[-1].reference, certain=more == 1)


def _same_file(operation: Operation, one: Attachment) -> bool:
    wanted = operation.payload
    if wanted.get("sha256") and one.sha256:
        return bool(wanted["sha256"] == one.sha256)
    return bool(wanted.get("name") == one.name) and (
        one.size is None or wanted.get("size") is None or wanted["size"] == one.size
    )
