"""Entries on the chains of accounts, customers and the hub itself."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

from msgspec import Meta

from hub.model.journal import fields as f
from hub.model.journal.entry import Entry
from hub.model.lane import StreamKind

Kind = Annotated[StreamKind, Meta(description="the stream")]
Count = Annotated[int, Meta(description="how many")]
Failures = Annotated[int, Meta(description="failures in a row")]
Solved = Annotated[bool, Meta(description="whether the article helped")]


class AccountEntry(Entry, frozen=True):
    """What entries on an account's chain share."""

    chain: ClassVar[str] = "account"


class Paused(AccountEntry, frozen=True, tag="paused"):
    """An account was paused: nothing is sent or read until a person resumes it."""

    reason: f.Why | None = None
    who: f.Who | None = None


class Resumed(AccountEntry, frozen=True, tag="resumed"):
    """A person resumed an account; its circuit breaker was reset."""

    who: f.Who


class CircuitOpened(AccountEntry, frozen=True, tag="circuit_open"):
    """The vendor failed too often; calls are held back for a time."""

    failures: Failures


class CircuitClosed(AccountEntry, frozen=True, tag="circuit_closed"):
    """The vendor answers again."""

    failures: Failures


class KeyLost(AccountEntry, frozen=True, tag="key_lost"):
    """A case was opened, but the vendor did not keep its key."""

    case: f.CaseNumber


class UpdateQuarantined(AccountEntry, frozen=True, tag="quarantined"):
    """An item of a stream could not be understood or stored, and was skipped."""

    stream: Kind
    reference: f.Reference


class UpdateReleased(AccountEntry, frozen=True, tag="quarantine_left"):
    """An item left the quarantine."""

    stream: Kind
    reference: f.Reference
    how: Annotated[str, Meta(description="`read`: it could be read; `dismissed`: by a person.")]
    who: f.Who = ""


class FileFetched(AccountEntry, frozen=True, tag="file_fetched"):
    """A vendor's file was fetched and stored."""

    attachment: f.AttachmentId
    sha256: f.Sha256
    size: f.Size


class FileRefused(AccountEntry, frozen=True, tag="file_refused"):
    """A try to fetch a vendor's file failed."""

    attachment: f.AttachmentId
    error: f.Error


class DeliveriesRefused(AccountEntry, frozen=True, tag="deliveries_refused"):
    """Webhook deliveries were refused; written at most once in a while."""

    count: Count
    why: f.Why


class Mirrored(AccountEntry, frozen=True, tag="mirrored"):
    """A page of articles or patches was stored."""

    what: Kind
    count: Count
    withdrawn: Annotated[int, Meta(description="how many of them the vendor withdrew")]


class ArticleRating(AccountEntry, frozen=True, tag="article_rating"):
    """A rating of an article is being sent; written before the call."""

    reference: f.Reference
    solved: Solved
    who: f.Who


class ArticleRated(AccountEntry, frozen=True, tag="article_rated"):
    """The vendor took the rating of an article."""

    reference: f.Reference
    solved: Solved


class CustomerEntry(Entry, frozen=True):
    """What entries on a customer's chain share."""

    chain: ClassVar[str] = "customer"


class CustomerAdded(CustomerEntry, frozen=True, tag="customer_added"):
    """A customer was added or imported."""

    who: f.Who


class CustomerChanged(CustomerEntry, frozen=True, tag="customer_changed"):
    """Fields of a customer were changed."""

    who: f.Who
    fields: f.FieldNames


class ContractAdded(CustomerEntry, frozen=True, tag="contract_added"):
    """A contract was added to a customer."""

    contract: f.ContractNumber
    who: f.Who
    plan: f.Plan
    starts_on: f.Starts
    ends_on: f.Ends | None = None


class ContractChanged(CustomerEntry, frozen=True, tag="contract_changed"):
    """Fields of a contract were changed."""

    contract: f.ContractNumber
    who: f.Who
    plan: f.Plan
    starts_on: f.Starts
    fields: f.FieldNames
    before: Annotated[str, Meta(description="the plan until now")]
    ends_on: f.Ends | None = None


class FollowedUp(CustomerEntry, frozen=True, tag="followed_up"):
    """The account manager called the customer."""

    contract: f.ContractNumber
    on: Annotated[date, Meta(description="the day of the call")]
    next: Annotated[date, Meta(description="the day when the next call is due")]
    who: f.Who


class Restored(Entry, frozen=True, tag="restored"):
    """The database was restored from a backup; operations that wait may have been sent since."""

    chain: ClassVar[str] = "hub"

    operations: Annotated[int, Meta(description="number of operations put in doubt")]
    who: f.Who
