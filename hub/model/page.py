"""One page of a stream: updates and a cursor."""

from __future__ import annotations

from typing import Generic, TypeVar

from hub.model.base import Json, Value

T = TypeVar("T")

Cursor = dict[str, Json]
"""The position in a stream; only the plugin knows its content. Empty: from the beginning."""


class Quarantined(Value, frozen=True):
    """One item that could not be read; the rest of its page was."""

    reference: str
    reason: str  # says what is wrong without quoting the item's text
    passing: bool = False  # True: the item may be read later without a change, such as after a time-out


class Page(Value, Generic[T], frozen=True):
    """One page of updates."""

    items: tuple[T, ...]
    cursor: Cursor  # store it together with the items
    more: bool = False  # True: read again at once
    quarantined: tuple[Quarantined, ...] = ()
