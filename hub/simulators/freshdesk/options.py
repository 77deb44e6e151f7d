"""The settings of a simulated account, and its initial content."""

from __future__ import annotations

from typing import Literal

import msgspec

from hub.simulators.kit import CommonOptions

STATUSES = {
    2: ("Open", "Being Processed"),
    3: ("Pending", "Awaiting your Reply"),
    4: ("Resolved", "This ticket has been Resolved"),
    5: ("Closed", "This ticket has been Closed"),
}


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """One article in the seeds."""

    title: str
    body: str = ""  # HTML
    published: bool = True
    age_seconds: int = 86_400


class Folder(msgspec.Struct, frozen=True, kw_only=True):
    """One folder of solutions, with what is in it."""

    name: str
    category: str = "General"
    visibility: int = 1
    articles: tuple[Article, ...] = ()


class Seeds(msgspec.Struct, frozen=True, kw_only=True):
    """The key, the fields of a ticket, and the data."""

    api_key: str = "example-api-key-of-an-agent"
    requester: str = "l1@rjr.example"
    external_field: str = "cf_rjr_ticket_id"
    """The custom field by which the ledger knows the key that a ticket carries."""
    custom_fields: tuple[str, ...] = ("cf_rjr_ticket_id",)
    statuses: dict[int, tuple[str, str]] = {}
    """Statuses beside the four built in: agents' label and customers' label, by number."""
    types: tuple[str, ...] = ("Question", "Incident", "Problem", "Feature Request")
    folders: tuple[Folder, ...] = ()
    webhook_path: str = "example-secret-path-of-the-webhook"
    webhook_user: str = "freshdesk"
    webhook_password: str = "example-webhook-password"


class Options(CommonOptions, frozen=True, kw_only=True):
    """How this account behaves."""

    credits_a_minute: int = 0
    """Credits a minute; 0 is no limit."""
    index_seconds: float = 0.0
    """How long a new or changed ticket is hidden from the search."""
    closed_is_final: bool = False
    required_fields: tuple[str, ...] = ()
    """Custom fields that every ticket needs."""
    required_to_close: tuple[str, ...] = ()
    deleted: Literal["told", "missing"] = "told"
    """Whether a deleted ticket is still read, with a mark, or answers 404."""
    size_name: Literal["size", "file_size"] = "size"
    link_seconds: float = 300
    files_url: str = ""
    """The address of files if it differs from the account's own; a `Storage` listens there."""
    lockout_after: int = 0
    """Wrong keys in a row after which the account is locked; 0 is never."""
    newest_first: bool = False
    """Whether tickets that changed in the same second are listed by falling number."""
    max_upload: int = 20 * 1024 * 1024
