"""The base of all values of the model."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Self

import msgspec

Json = Any
"""A JSON value: None, bool, int, float, str, list or dict of these."""


class Value(msgspec.Struct, frozen=True):
    """A frozen value, compared by content; create it with keyword arguments."""

    def evolve(self, **changes: Any) -> Self:
        """The same value with some fields replaced."""
        return msgspec.structs.replace(self, **changes)

    def plain(self) -> dict[str, Json]:
        """The value as JSON types; times as ISO 8601, enums as their values."""
        built: dict[str, Json] = msgspec.to_builtins(self)
        return built


def utc_now() -> datetime:
    """The present time, aware, in UTC."""
    return datetime.now(UTC)
