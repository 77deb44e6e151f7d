"""Settings that accounts on several platforms share: their titles, descriptions, limits and checks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator

from hub.model import AccountSettings, CaseStatus, Severity

API_URL = r"^https?://[^/\s?#@]+(?:/[^\s?#@]*)?$"
"""Pattern of an address that may have a path."""
HOST_URL = r"^https?://[^/\s?#@]+/?$"
"""Pattern of an address without a path."""

CaFile = Annotated[
    Path | None,
    Field(title="Private CA", description="PEM file with the authority that signed the server's certificate."),
]
Timeout = Annotated[int, Field(ge=10, le=600, title="Deadline", description="Seconds for one call.")]
StatusWords = dict[CaseStatus, str]
SeverityWords = Annotated[
    dict[Severity, str], Field(title="Priority to write", description="Value to write for each severity.")
]
CommentsOf = Annotated[
    Literal["every", "keyed"],
    Field(
        title="Comments of",
        description="every: read comments and files of all changed cases. keyed: only of cases that carry our key.",
    ),
]
Overlap = Annotated[
    int, Field(ge=1, le=86400, title="Overlap", description="Seconds before the newest change that are read again.")
]
HistoryFrom = Annotated[
    datetime | None, Field(title="History from", description="Changes before this time are never read.")
]
ArticlesPublic = Annotated[
    bool,
    Field(
        title="Articles may be shown to customers",
        description="True if the vendor allows it; applies to articles that the vendor itself shows to everybody.",
    ),
]
VersionPattern = Annotated[
    str, Field(title="Version", description="Regular expression that finds the version in the title of a release.")
]
WebhookSecret = Annotated[SecretStr | None, Field(title="Webhook secret")]
OldWebhookSecret = Annotated[
    SecretStr | None,
    Field(title="Old webhook secret", description="Accepted as well while the secret is being rotated."),
]


class PlatformSettings(AccountSettings):
    """Settings of an account on a platform. Fields with these names have the same checks on every platform."""

    @field_validator("base_url", check_fields=False)
    @classmethod
    def _without_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @field_validator("history_from", check_fields=False)
    @classmethod
    def _aware(cls, value: datetime | None) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("history_from needs an offset, such as 2026-01-01T00:00:00Z")
        return value

    @field_validator("case_number_pattern", "patch_pattern", "status_pattern", "version_pattern", check_fields=False)
    @classmethod
    def _compiles(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error:
            raise ValueError("it is not a regular expression") from None
        return value

    def require(self, mode: str, names: Iterable[str]) -> None:
        """Raise ValueError unless the settings with these names, which the mode needs, have values."""
        if missing := [name for name in names if not getattr(self, name)]:
            raise ValueError(f"{mode} needs {' and '.join(missing)}")

    @property
    def history_start(self) -> int:
        """When history begins, in epoch seconds; 0 without `history_from`."""
        start: datetime | None = getattr(self, "history_from", None)
        return int(start.timestamp()) if start else 0
