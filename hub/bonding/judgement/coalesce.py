"""Joins waiting field changes of one bond into one operation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hub.bonding.judgement.diff import FIELDS
from hub.model import Json, Operation, OperationKind, OperationState
from hub.model.base import Value

_OVER = frozenset({OperationState.DONE, OperationState.IGNORED, OperationState.MERGED})


class CoalescedChange(Value, frozen=True):
    """Several changes as one: `keep` is sent with `payload`, the others are marked as merged."""

    keep: int  # the last operation of the run, by id
    payload: dict[str, Json]
    merged: tuple[int, ...]


def coalesce(operations: Sequence[Operation]) -> CoalescedChange | None:
    """The first run of two or more waiting field changes of one bond, as one change; None without a run.

    Later values win. A run has no other unfinished operation in between, none that was ever tried, and at most one
    status: resolving and then reopening is not the same as doing nothing.
    """
    for run in _runs(operations):
        if len(run) > 1:
            payload = {field: value for operation in run for field, value in _set(operation).items()}
            *merged, last = (operation.id for operation in run)
            return CoalescedChange(keep=last, payload=payload, merged=tuple(merged))
    return None


def _runs(operations: Sequence[Operation]) -> Iterator[list[Operation]]:
    run: list[Operation] = []
    status: Json = None
    waiting = (operation for operation in operations if operation.state not in _OVER)
    for operation in sorted(waiting, key=lambda operation: operation.position):
        wanted = operation.payload.get("status")
        if not _may_join(operation) or (status and wanted and status != wanted):
            yield run
            run, status = [], None
        if _may_join(operation):
            run.append(operation)
            status = wanted or status
    yield run


def _may_join(operation: Operation) -> bool:
    return (
        operation.kind is OperationKind.CHANGE_FIELDS
        and operation.state is OperationState.READY
        and not operation.attempts
        and operation.sent_at is None
        and set(operation.payload) <= {*FIELDS, "key"}
    )


def _set(operation: Operation) -> dict[str, Json]:
    return {field: value for field, value in operation.payload.items() if value is not None}
