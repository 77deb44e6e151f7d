"""What the settings of accounts on all platforms have in common: how addresses, times and patterns are read."""

from __future__ import annotations

import re
from datetime import datetime

from pydantic import field_validator

from hub.model import AccountSettings


class PlatformSettings(AccountSettings):
    """Settings of an account on a platform; fields of these names, where a platform has them, are checked alike."""

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
            raise ValueError("it is no regular expression") from None
        return value
