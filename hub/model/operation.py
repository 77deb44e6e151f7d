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
"""Operations whose success changes the state of their bond."""


class OperationState(StrEnum):
    """The state of an operation."""

    READY = "ready"
    SENDING = "sending"  # committed before the first byte is sent
    IN_DOUBT = "in_doubt"  # sent; whether it arrived is unknown
    DONE = "done"
    PARKED = "parked"  # needs a person; blocks only its own bond
    IGNORED = "ignored"  # a person decided not to send it
    MERGED = "merged"  # its changes were sent with a later operation of the same bond


class Operation(Value, frozen=True):
    """An operation; its payload has only data that may be disclosed."""

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
    item_id: int | None = None  # the hub's comment or attachment that it sends
