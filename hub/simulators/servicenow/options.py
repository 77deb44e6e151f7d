"""The settings of a simulated instance, and its initial content."""

from __future__ import annotations

from typing import Literal

import msgspec

from hub.simulators.kit import CommonOptions

ACCOUNT = "1b7c44d2db6f0010c5e3a1f2ca96190b"
CONTACT = "5f1c9d0ab1e34c2f8a77d1e0c9b8a601"


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """One row of kb_knowledge in the seeds; more fields go in `fields`."""

    number: str
    title: str
    body: str = ""  # HTML
    state: str = "published"
    language: str = "en"
    age_seconds: int = 86_400
    fields: dict[str, str] = {}


class Seeds(msgspec.Struct, frozen=True, kw_only=True):
    """The user, its credentials, and the data."""

    user: str = "rjr.integration"
    name: str = "RjR Integration"
    password: str = "example-password"
    client_id: str = "example-client"
    client_secret: str = "example-client-secret"
    api_key: str = "example-api-key"
    articles: tuple[Article, ...] = ()


class Options(CommonOptions, frozen=True, kw_only=True):
    """How this instance behaves."""

    profile: Literal["integration", "external"] = "integration"
    token_seconds: float = 1799
    hourly_limit: int = 0
    """Requests an hour; 0 is none."""
    invalid_query_returns_no_rows: bool = False
    correlation_readable: bool = True
    tables: tuple[str, ...] = ("sn_customerservice_case", "kb_knowledge", "sys_journal_field")
    """Tables that an integration user may read over the Table API."""
    states: tuple[tuple[str, str], ...] = (
        ("1", "New"),
        ("10", "Open"),
        ("18", "Awaiting Info"),
        ("6", "Resolved"),
        ("3", "Closed"),
        ("7", "Canceled"),
    )
    """The list of states."""
    text_limit: int = 4000
    """The most characters of a text; the rest is silently cut off."""
