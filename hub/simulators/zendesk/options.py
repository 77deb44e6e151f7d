"""What differs from account to account, and what an account holds when it starts."""

from __future__ import annotations

from typing import Literal

import msgspec


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """One article in the seeds."""

    title: str
    body: str = ""  # HTML
    labels: tuple[str, ...] = ()
    draft: bool = False
    locale: str = "en-us"
    segment: int | None = None
    """The user segment that may see it; None is everybody."""
    age_seconds: int = 86_400


class Seeds(msgspec.Struct, frozen=True, kw_only=True):
    """Logins, fields and data."""

    admin: str = "hub@rjr.example"
    agent: str = "agent@rjr.example"
    """An agent who is no administrator."""
    customer: str = "l1@rjr.example"
    api_token: str = "example-api-token-0001"  # noqa: S105 - of a simulated account
    client_id: str = "rjr_hub"
    client_secret: str = "example-client-secret"  # noqa: S105 - of a simulated account
    custom_fields: tuple[int, ...] = ()
    locales: tuple[str, ...] = ("en-us",)
    articles: tuple[Article, ...] = ()
    patch_label: str = "release-notes"
    webhook_secret: str = "zd-test-secret-0001"  # noqa: S105 - of a simulated account


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How this account behaves."""

    profile: Literal["agent", "enduser"] = "agent"
    """Whose login `account` gives: an administrator's or a customer's."""
    requests_a_minute: int = 0
    """0 is no limit; so are the next two."""
    exports_a_minute: int = 0
    updates_in_ten_minutes: int = 0
    """For each ticket."""
    index_seconds: float = 0.0
    """How long a new or changed request is hidden from the search."""
    priority_hidden: bool = False
    """Whether customers neither see nor set priorities."""
    comment_metadata: bool = True
    """Whether lists of comments tell the metadata of their audits."""
    private_files: bool = True
    """Whether a file's address wants a login."""
    files_url: str = ""
    """Where files are kept when not at the account's own address; a `Storage` listens there."""
    token_minutes: int = 60
    """How long the token of an upload is good."""
    idempotency_seconds: float = 7200
    max_upload: int = 50 * 1024 * 1024
    latency: float = 0.0
    lean_ledger: bool = False
