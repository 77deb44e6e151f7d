"""Many values in one text parameter that PostgreSQL parses, which is far faster than the driver's own adaptation."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec


def ids(numbers: Iterable[float]) -> str:
    """Numbers as an array literal, to be cast in the statement."""
    return "{" + ",".join(map(str, numbers)) + "}"


def rows(values: object) -> str:
    """A sequence of values or dicts as JSON, for `jsonb_to_recordset`."""
    return msgspec.json.encode(values).decode()
