"""The settings of a simulated account, and its initial content."""

from __future__ import annotations

from typing import Literal

import msgspec

from hub.simulators.kit import CommonOptions


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """One article in the seeds."""

    title: str
    body: str = ""  # HTML
    section: str = "Articles"
    category: str = "General"
    locale: str = "en-us"
    labels: tuple[str, ...] = ()
    draft: bool = False
    segment: int | None = None
    """The user segment that may see it; none is everybody, and any other is agents alone here."""
    age_seconds: int = 86_400


class Seeds(msgspec.Struct, frozen=True, kw_only=True):
    """Names, proofs, fields and articles."""

    email: str = "l1@rjr.example"
    name: str = "RjR Level 1"
    api_token: str = "example-api-token-of-the-account"
    client_id: str = "rjr_hub"
    client_secret: str = "example-client-secret"
    refresh_token: str = "example-first-refresh-token"
    engineer: str = "Jane Agent"
    fields: tuple[int, ...] = (360001234567,)
    """Ids of custom fields; values for other ids are ignored."""
    articles: tuple[Article, ...] = ()
    releases: str = "Release notes"
    """The section that holds patches, by convention."""
    release_label: str = "release-notes"
    webhook_secret: str = "zd-test-secret-0001"


class Options(CommonOptions, frozen=True, kw_only=True):
    """How this account behaves; 0 is no limit where a limit is meant."""

    profile: Literal["agent", "enduser"] = "agent"
    role: Literal["admin", "agent"] = "admin"
    """Of the agent profile's user; exports are for admins."""
    account_a_minute: int = 0
    exports_a_minute: int = 0
    updates_a_ticket: int = 0
    """Updates of one ticket in ten minutes."""
    reset_header: Literal["rate-limit-reset", "ratelimit-reset"] = "ratelimit-reset"
    index_seconds: float = 0.0
    """How long a new or changed ticket or article is hidden from searches."""
    export_seconds: float = 0.0
    """How old a change has to be before exports include it."""
    export_page: int = 1000
    token_seconds: float = 0.0
    """Life of an OAuth access token when the caller asks for none; 0 is for ever."""
    upload_seconds: float = 3600
    key_seconds: float = 7200
    """How long the account remembers an Idempotency-Key."""
    redirect: bool = True
    """Whether a file's address redirects to where the bytes are."""
    files_url: str = ""
    """Where the bytes are when not at the account's own address."""
    private_files: bool = False
    anonymous_requests: bool = False
    article_export: Literal["agents", "all"] = "agents"
    nested_forbidden: bool = False
    """Whether a 403 wraps its error in an object."""
    max_upload: int = 50 * 1024 * 1024
