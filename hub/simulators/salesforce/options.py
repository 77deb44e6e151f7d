"""The settings of a simulated org, and its initial content."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from hub.simulators.kit import CommonOptions
from hub.simulators.salesforce.schema import Field

_STATUSES = {"New": False, "Working": False, "Escalated": False, "Closed": True}
_SEVERITIES = {1: "High", 2: "High", 3: "Medium", 4: "Low"}


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """One knowledge article of the seeds."""

    title: str
    summary: str = ""
    body: str = ""  # HTML
    language: str = "en_US"
    status: str = "Online"
    record_type: str = "FAQ"
    age_seconds: int = 86_400


class Seeds(msgspec.Struct, frozen=True, kw_only=True):
    """The org's users, its app for the API, its picklists and its data."""

    org_id: str = "00D5e000001AbCdEAK"
    user: str = "integration@rjr.example"
    consumer_key: str = "3MVG9ExampleConsumerKey"
    consumer_secret: str = "example-consumer-secret"
    approved: bool = True
    """Whether the user is pre-authorised for the app."""
    run_as: bool = True
    """Whether the app names a user for client credentials."""
    statuses: Mapping[str, bool] = msgspec.field(default_factory=lambda: dict(_STATUSES))
    """Labels of Case.Status, the default first, each with whether it closes the case."""
    waiting: str = "Working"
    resolved: str = "Closed"
    priorities: tuple[str, ...] = ("High", "Medium", "Low")
    """The default is Medium."""
    severities: Mapping[int, str] = msgspec.field(default_factory=lambda: dict(_SEVERITIES))
    """The priorities that the engineer sets for RjR's severities."""
    key_field: str = "RjR_Ticket_Id__c"
    """The unique text field of Case that is marked as external id."""
    case_fields: tuple[Field, ...] = ()
    required: tuple[str, ...] = ()
    articles: tuple[Article, ...] = ()
    patches: tuple[Mapping[str, str], ...] = ()


class Options(CommonOptions, frozen=True, kw_only=True):
    """How this org behaves."""

    versions: tuple[str, ...] = ("59.0", "61.0", "62.0", "67.0")
    audience: str = "https://login.salesforce.com"
    session_seconds: float = 7200
    assertion_seconds: float = 180
    batch: int = 2000
    """The most rows in one reply to a query."""
    child_batch: int = 200
    locator_seconds: float = 2 * 86_400
    daily_calls: int = 115_000
    closing_needs: str = ""
    """A Case field that a validation rule requires for closing."""
    upsert_answers_204: bool = False
