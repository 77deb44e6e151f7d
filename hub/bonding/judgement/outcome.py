"""What happens to an operation after a try: judged by the error, or by the result of a look. Pure."""

from __future__ import annotations

from typing import Any

from hub.errors import (
    Actor,
    AskOperator,
    CaseMissing,
    HubError,
    LeaseLost,
    PluginError,
    RateLimited,
    StorageUnavailable,
    TryLater,
)
from hub.model import Case, Operation, OperationKind, OperationState, Value

MOST_TRIES = 50
"""Unanswered tries of one operation before a person is asked; with the longest waits, that takes hours."""


class Outcome(Value, frozen=True):
    """The result of a try."""

    operation: Operation
    state: OperationState
    case: Case | None = None  # as opened or found
    stored: Case | None = None  # as changed, where the vendor returns the case
    reference: str = ""  # the vendor's id of the comment or file
    reason: str = ""  # never quotes a ticket's text
    error: str = ""  # the error's class
    who_acts: str = ""
    again_in: float | None = None  # seconds until the next try; None: by the number of tries
    failed: bool = False  # the vendor did not answer; counts for the lane's circuit breaker
    worked: bool = False  # the vendor answered
    asked_wait: float | None = None  # seconds that the vendor asked us to wait
    pause: str = ""  # why the account is to be paused
    looked: str = ""  # result of a look: found, not_found
    lost: bool = False  # the lease is lost; nothing may be written


def done(operation: Operation, *, case: Case | None = None, reference: str = "", looked: str = "") -> Outcome:
    """The operation arrived at the vendor."""
    return Outcome(
        operation=operation, state=OperationState.DONE, case=case, reference=reference, looked=looked, worked=True
    )


def parked(operation: Operation, reason: str, error: str, who_acts: str = Actor.OWNER) -> Outcome:
    """A person has to act."""
    return Outcome(
        operation=operation, state=OperationState.PARKED, reason=reason, error=error, who_acts=who_acts, worked=True
    )


def judge(operation: Operation, error: HubError) -> Outcome:
    """What an error means for the operation that raised it.

    When it was certainly refused or never sent, it is retried later or parked, by the error's class. Otherwise it is in
    doubt.
    """
    kind = type(error).__name__
    if isinstance(error, LeaseLost):
        return Outcome(operation=operation, state=OperationState.SENDING, lost=True)
    reason = (error.message + (f"; {error.next_step}" if error.next_step else "")).replace("\0", "")
    common: dict[str, Any] = {"operation": operation, "reason": reason, "error": kind, "who_acts": str(error.actor)}
    if error.in_doubt:
        return Outcome(**common, state=OperationState.IN_DOUBT, again_in=0.0, failed=isinstance(error, TryLater))
    if isinstance(error, RateLimited):
        return Outcome(**common, state=OperationState.READY, again_in=error.wait, asked_wait=error.wait, failed=True)
    if isinstance(error, TryLater):
        if operation.attempts >= MOST_TRIES:
            return parked(operation, f"no answer after {operation.attempts} tries; {reason}", kind, Actor.OPERATOR)
        return Outcome(**common, state=OperationState.READY, failed=True)
    if isinstance(error, StorageUnavailable):
        return Outcome(**common, state=OperationState.READY)
    if isinstance(error, AskOperator):
        return Outcome(**common, state=OperationState.READY, again_in=0.0, pause=reason)
    return Outcome(**common, state=OperationState.PARKED, worked=not isinstance(error, PluginError))


def judge_look(operation: Operation, error: HubError) -> Outcome:
    """What an error raised by a look for an operation in doubt means: the operation stays in doubt."""
    outcome = judge(operation, error)
    if outcome.lost:
        return outcome
    if isinstance(error, CaseMissing) and operation.kind is not OperationKind.OPEN_CASE:
        return outcome.evolve(state=OperationState.PARKED)
    wait = None if outcome.again_in == 0.0 and not outcome.pause else outcome.again_in
    return outcome.evolve(state=OperationState.IN_DOUBT, again_in=wait)
