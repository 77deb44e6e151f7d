"""The operation: one outgoing step on a bond."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from hub.model.base import Json, Value
from hub.model.ticket import Severity


class OperationKind(StrEnum):
    """What an operation does at the vendor."""

    OPEN_CASE = "open_case"
    CHANGE_FIELDS = "change_fields"
    ADD_COMMENT = "add_comment"
    ADD_ATTACHMENT = "add_attachment"
    CLOSE = "close"
    REOPEN = "reopen"


MOVING = frozenset({OperationKind.OPEN_CASE, OperationKind.CLOSE, OperationKind.REOPEN})
"""Operations whose success moves their bond to another state."""


class OperationState(StrEnum):
    """How far an operation has come."""

    READY = "ready"
    SENDING = "sending"  # committed before the first byte leaves
    IN_DOUBT = "in_doubt"  # sent, but nobody knows whether it arrived
    DONE = "done"
    PARKED = "parked"  # set aside with a reason; holds back only its own bond
    IGNORED = "ignored"  # a person decided that it need not leave
    MERGED = "merged"  # its changes left with a later operation of the same bond


class Operation(Value, frozen=True):
    """An operation as the hub keeps it; its payload holds only what may leave."""

    id: int
    bond_id: int
    account: str
    position: int  # in its bond, from 1
    kind: OperationKind
    key: str
    state: OperationState
    payload: dict[str, Json]
    severity: Severity
    attempts: int
    reason: str
    who_acts: str
    trace_id: str
    created_at: datetime
    sent_at: datetime | None = None
    item_id: int | None = None  # the hub's comment or attachment that it carries
