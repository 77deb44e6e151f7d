"""The ticket: RjR's record of a customer's problem."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum, StrEnum

from hub.model.base import Value


class Severity(IntEnum):
    """The impact on the customer's service; S1 is the worst."""

    S1 = 1
    S2 = 2
    S3 = 3
    S4 = 4


class TicketStatus(StrEnum):
    """The status of a ticket, in terms common to all desks."""

    OPEN = "open"
    WAITING = "waiting"  # for the customer
    RESOLVED = "resolved"
    CLOSED = "closed"


class Visibility(StrEnum):
    """Who may read a text; private unless known otherwise."""

    PRIVATE = "private"
    PUBLIC = "public"  # the customer may read it
    VENDOR = "vendor"  # the customer and the vendor may read it


class Contact(Value, frozen=True):
    """A person at the customer."""

    name: str = ""
    email: str = ""
    phone: str = ""


class TicketComment(Value, frozen=True):
    """A comment as an outside desk exports it."""

    author: str
    body: str
    visibility: Visibility = Visibility.PRIVATE
    created_at: datetime | None = None


class TicketDraft(Value, frozen=True):
    """A new ticket: from the command line, a front end or a file."""

    title: str
    severity: Severity
    description: str = ""
    source: str = "hub"  # the desk it comes from
    source_id: str = ""  # its number there; empty for the hub's own desk
    product: str = ""
    vendor: str = ""  # the vendor that the desk expects to need
    customer: str = ""
    contact: Contact = Contact()
    language: str = "en"
    status: TicketStatus = TicketStatus.OPEN
    created_at: datetime | None = None
    fields: dict[str, str] = {}
    comments: tuple[TicketComment, ...] = ()
    answered_at: datetime | None = None  # our first answer to the customer, at an outside desk
    resolved_at: datetime | None = None


class Ticket(Value, frozen=True):
    """A ticket as the hub keeps it."""

    id: int
    number: str  # what people see, such as RJR-000042
    title: str
    description: str
    severity: Severity
    status: TicketStatus
    source: str
    source_id: str
    product: str
    vendor: str
    customer: str
    contact: Contact
    language: str
    fields: dict[str, str]
    created_at: datetime
    updated_at: datetime
    answered_at: datetime | None = None  # our first answer to the customer
    contract: str = ""  # chosen by an operator; empty: found by customer, product and day
