"""Remote support sessions."""

from __future__ import annotations

from datetime import datetime

from hub.model.base import Value
from hub.model.case import Comment


class Session(Value, frozen=True):
    """One remote support session for a ticket, from its key to its report."""

    reference: str
    ticket_number: str
    code: str = ""  # what the customer types to join
    address: str = ""  # where the customer joins
    expires_at: datetime | None = None  # of code and address
    queue: str = ""  # the team that takes it
    started_at: datetime | None = None
    ended_at: datetime | None = None
    agents: tuple[str, ...] = ()
    report: str = ""  # what was done, as text for people
    chat: tuple[Comment, ...] = ()  # what was said; public is what the customer saw
    recording: str = ""  # its address; the recording stays there
