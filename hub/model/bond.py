"""The bond: a ticket and a case that belong together."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from hub.model.base import Json, Value
from hub.model.case import CaseReference
from hub.model.ticket import Severity


class BondState(StrEnum):
    """The state of the tie. `hub.bonding.judgement.states` lists every legal move."""

    REQUESTED = "requested"  # the case is to be opened
    IN_DOUBT = "in_doubt"  # the opening was sent; nobody knows whether it arrived
    REJECTED = "rejected"  # the vendor refused the case
    OPEN = "open"
    INFORMATION_REQUESTED = "information_requested"  # the vendor waits for us
    SUSPENDED = "suspended"  # the vendor's side pauses
    RESOLVED = "resolved"
    CLOSED = "closed"
    BROKEN = "broken"  # the case is gone or can't be read
    UNLINKED = "unlinked"  # somebody untied them


class Bond(Value, frozen=True):
    """A bond as the hub keeps it."""

    id: int
    key: str  # travels to the vendor and finds the case again
    ticket_id: int
    ticket_number: str
    account: str
    vendor: str
    state: BondState
    severity: Severity
    reference: CaseReference | None
    picture: dict[str, Json]  # the case as last seen or written, by field
    created_at: datetime
    updated_at: datetime
    waiting: int  # operations that have not left
    parked: int  # operations set aside
    delivered_at: datetime | None = None  # the vendor answered the call that opened the case
    stored_at: datetime | None = None  # the case was first seen at the vendor
    answered_at: datetime | None = None  # a person there first wrote, by the vendor's clock
