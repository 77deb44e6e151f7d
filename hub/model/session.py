"""Remote support sessions."""

from __future__ import annotations

from datetime import datetime

from hub.model.base import Value
from hub.model.case import Comment


class Session(Value, frozen=True):
    """One remote support session for a ticket, from its key to its report."""

    reference: str
    ticket_number: str
    code: str = ""  # the customer enters it to join
    address: str = ""  # the customer joins here
    expires_at: datetime | None = None  # of code and address
    queue: str = ""  # the team in charge
    started_at: datetime | None = None
    ended_at: datetime | None = None
    agents: tuple[str, ...] = ()
    report: str = ""  # a summary, as text
    chat: tuple[Comment, ...] = ()  # public: visible to the customer
    recording: str = ""  # its address; the recording is not copied
