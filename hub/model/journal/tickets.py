"""Entries on a ticket's chain about what people do with it: the ticket, its comments, files and appointments."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from hub.model.journal import fields as f
from hub.model.journal.entry import Entry
from hub.model.ticket import TicketStatus

Source = Annotated[str, Meta(description="the desk that the ticket came from")]
By = Annotated[str, Meta(description="the person, desk or vendor that changed it")]
Status = Annotated[TicketStatus, Meta(description="the ticket's status from now on")]


class TicketAdded(Entry, frozen=True, tag="ticket_added"):
    """A ticket was added or imported."""

    source: Source = ""
    severity: f.SeverityNow | None = None
    who: f.Who | None = None
    status: Annotated[TicketStatus, Meta(description="resolved or closed, if it was imported so")] | None = None


class TicketChanged(Entry, frozen=True, tag="ticket_changed"):
    """Fields of a ticket were changed, by a person, an import or a vendor's update."""

    by: By = ""
    fields: f.FieldNames = ()
    bond: f.BondKey | None = None
    severity: f.SeverityNow | None = None
    status: Status | None = None
    contract: f.ContractNumber | None = None
    before: Annotated[str, Meta(description="the contract's number until now")] | None = None
    ended_at: Annotated[datetime, Meta(description="when another desk resolved it, if it says so")] | None = None


class Commented(Entry, frozen=True, tag="commented"):
    """A comment of ours was stored that goes to no vendor."""

    visibility: f.Seen
    who: f.Who


class Attached(Entry, frozen=True, tag="attached"):
    """A file of ours was stored."""

    visibility: f.Seen
    sha256: f.Sha256
    size: f.Size
    who: f.Who


class Escalated(Entry, frozen=True, tag="escalated"):
    """A ticket was escalated; its bond and the operation that opens the case were stored."""

    bond: f.BondKey
    account: f.Account
    who: f.Who
    trace: f.Trace
    packet: f.Fingerprint


class EntitlementOverridden(Entry, frozen=True, tag="entitlement_overridden"):
    """A person allowed something that the ticket's plan does not include."""

    feature: Annotated[str, Meta(description="the feature that was allowed")]
    plan: f.Plan
    reason: f.Why
    who: f.Who


class AppointmentMade(Entry, frozen=True, tag="appointment_made"):
    """An appointment for work on a ticket was made."""

    appointment: f.AppointmentId
    starts_at: Annotated[datetime, Meta(description="when it begins")]
    minutes: Annotated[int, Meta(description="how long it takes")]
    after_hours: Annotated[bool, Meta(description="whether part of it is outside business hours")]
    agent: Annotated[str, Meta(description="the person who does the work")]
    who: f.Who


class AppointmentDone(Entry, frozen=True, tag="appointment_done"):
    """An appointment took place."""

    appointment: f.AppointmentId
    who: f.Who


class AppointmentCancelled(Entry, frozen=True, tag="appointment_cancelled"):
    """An appointment was cancelled."""

    appointment: f.AppointmentId
    who: f.Who


class SessionRequested(Entry, frozen=True, tag="session_requested"):
    """A remote support session was asked for; written before the call."""

    account: f.Account
    who: f.Who


class SessionOffered(Entry, frozen=True, tag="session_offered"):
    """The vendor gave a session key."""

    account: f.Account
    session: f.SessionId
    who: f.Who


class SessionFailed(Entry, frozen=True, tag="session_failed"):
    """No session key was given."""

    account: f.Account
    error: f.Error
    in_doubt: f.InDoubt


class SessionReported(Entry, frozen=True, tag="session_reported"):
    """The report of a session that ended was stored as a comment."""

    account: f.Account
    session: f.SessionId
    said: Annotated[int, Meta(description="number of chat messages")]
    fingerprint: f.Fingerprint


class ArticleOffering(Entry, frozen=True, tag="article_offering"):
    """An article from a solved ticket is being offered to a vendor; written before the call."""

    account: f.Account
    sha256: f.Fingerprint
    who: f.Who


class ArticleOffered(Entry, frozen=True, tag="article_offered"):
    """The vendor took an article."""

    account: f.Account
    reference: f.Reference
    who: f.Who


class ArticleNotOffered(Entry, frozen=True, tag="article_not_offered"):
    """Offering an article failed."""

    account: f.Account
    error: f.Error
    in_doubt: f.InDoubt
