"""Parts of SOQL queries. Pure.

Source: "SOQL SELECT Syntax" of Salesforce's guides.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from hub.errors import CaseMissing, FieldRefused
from hub.platforms.stream import Position


def literal(text: str) -> str:
    """A text as a SOQL literal; raises FieldRefused for NUL."""
    if "\0" in text:
        raise FieldRefused("a search text contains NUL", next_step="remove the NUL")
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    return f"'{escaped}'"


def one_of(texts: Iterable[str]) -> str:
    """Texts as a list for IN."""
    return f"({', '.join(literal(text) for text in texts)})"


def identifier(text: str) -> str:
    """The id of a record; raises CaseMissing for an invalid id."""
    if not (text.isascii() and text.isalnum() and len(text) in (15, 18)):
        raise CaseMissing("the reference is not a Salesforce id", next_step="use an id that the vendor returned")
    return text


def after(place: Position, field: str) -> str:
    """The condition for records after a position in the order of (time, Id)."""
    at = datetime.fromtimestamp(place.at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if not place.id:
        return f"{field} >= {at}"
    return f"({field} > {at} OR ({field} = {at} AND Id > {literal(place.id)}))"
