"""Waiting field changes of one bond that may leave as one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hub.bonding.judgement.diff import FIELDS
from hub.model import Json, Operation, OperationKind, OperationState
from hub.model.base import Value

_OVER = frozenset({OperationState.DONE, OperationState.IGNORED, OperationState.MERGED})


class CoalescedChange(Value, frozen=True):
    """Several changes as one: `keep` leaves with `payload`, the others are marked as merged into it."""

    keep: int  # the last operation of the run, by id
    payload: dict[str, Json]
    merged: tuple[int, ...]


def coalesce(operations: Sequence[Operation]) -> CoalescedChange | None:
    """The first run of two or more waiting field changes of one bond, as one change; None without a run.

    Later values win. A run has nothing unfinished in between, nothing that was ever tried, and one status at
    most: resolving and then reopening is not the same as doing nothing.
    """
    for run in _runs(operations):
        if len(run) > 1:
            payload = {field: value for one in run for field, value in _set(one).items()}
            return CoalescedChange(keep=run[-1].id, payload=payload, merged=tuple(one.id for one in run[:-1]))
    return None


def _runs(operations: Sequence[Operation]) -> Iterator[list[Operation]]:
    run: list[Operation] = []
    status: Json = None
    waiting = (one for one in operations if one.state not in _OVER)
    for one in sorted(waiting, key=lambda operation: operation.position):
        wanted = one.payload.get("status")
        if not _may_join(one) or (status and wanted and status != wanted):
            yield run
            run, status = [], None
        if _may_join(one):
            run.append(one)
            status = wanted or status
    yield run


def _may_join(one: Operation) -> bool:
    return (
        one.kind is OperationKind.CHANGE_FIELDS
        and one.state is OperationState.READY
        and not one.attempts
        and one.sent_at is None
        and set(one.payload) <= {*FIELDS, "key"}
    )


def _set(one: Operation) -> dict[str, Json]:
    return {field: value for field, value in one.payload.items() if value is not None}
