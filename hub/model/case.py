"""The case: the vendor's record of a ticket's problem."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from hub.model.base import Json, Value
from hub.model.ticket import Contact, Severity


class CaseStatus(StrEnum):
    """The status of a case, independent of the vendor's term."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    WAITING_ON_US = "waiting_on_us"  # the vendor asked for information
    WAITING_ON_VENDOR = "waiting_on_vendor"  # for a supplier or a fix: paused by the vendor
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class CaseReference(Value, frozen=True):
    """How a vendor identifies a case."""

    number: str  # what people see
    id: str = ""  # the API's id, where it differs from the number


class Comment(Value, frozen=True):
    """One comment on a case."""

    body: str
    public: bool = False  # visible to the vendor's customer, which is us; False: internal to the vendor
    author: str = ""
    created_at: datetime | None = None
    reference: str = ""  # the vendor's id of it
    key: str = ""  # the key of the operation that wrote it, where it carries one
    automatic: bool = False  # marked as automatic by the vendor's system
    headers: dict[str, str] = {}  # of the mail it came in, where they show who wrote it


class Attachment(Value, frozen=True):
    """One file on a case; its content is transferred separately."""

    name: str
    size: int | None = None  # bytes
    media_type: str = "application/octet-stream"
    sha256: str = ""
    reference: str = ""  # the vendor's id of it
    key: str = ""  # the key of the operation that added it, where it carries one
    public: bool = False


class CaseDraft(Value, frozen=True):
    """The data that opens a case: only what may be disclosed."""

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
    """One case as read from the vendor."""

    reference: CaseReference
    status: CaseStatus
    changed_at: datetime  # by the vendor's clock
    severity: Severity | None = None
    title: str = ""
    resolution: str = ""
    assignee: str = ""
    key: str = ""  # the bond's key in the case
    created_at: datetime | None = None
    comments: tuple[Comment, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    words: dict[str, Json] = {}  # the vendor's own words for what was translated: status, severity


class CaseNews(Value, frozen=True):
    """An update of one case from a stream: the case, new comments, new files, or some of these.

    `case` is None where a vendor reports comments separately from the case.
    """

    reference: CaseReference
    case: Case | None = None
    comments: tuple[Comment, ...] = ()
    attachments: tuple[Attachment, ...] = ()
