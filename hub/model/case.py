"""The case: the vendor's record of a ticket's problem."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from hub.model.base import Json, Value
from hub.model.ticket import Contact, Severity


class CaseStatus(StrEnum):
    """Where a case stands, whatever the vendor calls it."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    WAITING_ON_US = "waiting_on_us"  # the vendor asked for information
    WAITING_ON_VENDOR = "waiting_on_vendor"  # a supplier, a fix to come: the vendor's side pauses
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class CaseReference(Value, frozen=True):
    """How a vendor finds one case again."""

    number: str  # what people see
    id: str = ""  # what the interface wants, where it differs from the number


class Comment(Value, frozen=True):
    """One comment on a case."""

    body: str
    public: bool = False  # seen by the vendor's customer, that is us; False means the vendor keeps it inside
    author: str = ""
    created_at: datetime | None = None
    reference: str = ""  # the vendor's id of it
    key: str = ""  # the key of the operation that wrote it, where it carries one
    automatic: bool = False  # written by a machine, as the vendor's system marks it
    headers: dict[str, str] = {}  # of the mail that it came by, where they may tell who wrote it


class Attachment(Value, frozen=True):
    """One file on a case; its bytes travel apart from it."""

    name: str
    size: int | None = None  # bytes
    media_type: str = "application/octet-stream"
    sha256: str = ""
    reference: str = ""  # the vendor's id of it
    key: str = ""  # the key of the operation that added it, where it carries one
    public: bool = False


class CaseDraft(Value, frozen=True):
    """The packet that opens a case: all that may leave, and nothing else."""

    key: str  # the bond's key; the case must carry it where it can be searched
    title: str
    description: str
    severity: Severity
    ticket_number: str
    product: str = ""
    customer: str = ""
    contact: Contact = Contact()
    language: str = "en"
    answers: dict[str, str] = {}  # to the intake form, by question name


class CaseChanges(Value, frozen=True):
    """Changes to a case; None leaves a field as it is."""

    status: CaseStatus | None = None
    severity: Severity | None = None
    title: str | None = None
    resolution: str | None = None
    key: str = ""


class Case(Value, frozen=True):
    """One case as the vendor tells it."""

    reference: CaseReference
    status: CaseStatus
    changed_at: datetime  # by the vendor's clock
    severity: Severity | None = None
    title: str = ""
    resolution: str = ""
    assignee: str = ""
    key: str = ""  # the bond's key that it carries
    created_at: datetime | None = None
    comments: tuple[Comment, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    words: dict[str, Json] = {}  # the vendor's own words for what was translated: status, severity


class CaseNews(Value, frozen=True):
    """What a stream tells of one case: the case itself, new comments, new files, or some of these.

    Vendors that keep comments apart from the case tell of them alone; then `case` is None.
    """

    reference: CaseReference
    case: Case | None = None
    comments: tuple[Comment, ...] = ()
    attachments: tuple[Attachment, ...] = ()
