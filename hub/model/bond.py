"""The bond: a ticket and a case that belong together."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from hub.model.base import Json, Value
from hub.model.case import CaseReference
from hub.model.ticket import Severity


class BondState(StrEnum):
    """The state of a bond. `hub.bonding.judgement.states` lists every legal transition."""

    REQUESTED = "requested"  # the case is not opened yet
    IN_DOUBT = "in_doubt"  # the request to open was sent; its outcome is unknown
    REJECTED = "rejected"  # the vendor refused the case
    OPEN = "open"
    INFORMATION_REQUESTED = "information_requested"  # the vendor waits for us
    SUSPENDED = "suspended"  # paused by the vendor
    RESOLVED = "resolved"
    CLOSED = "closed"
    BROKEN = "broken"  # the case is gone or can't be read
    UNLINKED = "unlinked"  # a person removed the link


class Bond(Value, frozen=True):
    """A bond as the hub keeps it."""

    id: int
    key: str  # sent to the vendor; finds the case again
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
    waiting: int  # operations not sent yet
    parked: int  # operations that need a person
    delivered_at: datetime | None = None  # the vendor confirmed the request to open the case
    stored_at: datetime | None = None  # the case was first seen at the vendor
    answered_at: datetime | None = None  # a person there first wrote, by the vendor's clock
