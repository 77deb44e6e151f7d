"""Remote support sessions."""

from __future__ import annotations

from datetime import datetime

from hub.model.base import Value


class Session(Value, frozen=True):
    """One remote support session for a ticket."""

    reference: str
    ticket_number: str
    address: str = ""  # where the customer joins
    started_at: datetime | None = None
    ended_at: datetime | None = None
    report: str = ""
