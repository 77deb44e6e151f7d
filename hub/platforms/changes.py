"""Pages of changed records: which are new, and which can't be placed in the stream. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from hub.model import Quarantined
from hub.platforms.items import ItemResults, parse_each, reference
from hub.platforms.stream import SeenRow, StreamState, advance, fresh
from hub.platforms.texts import record

Record = dict[str, Any]
PlacedRecord = tuple[Record, SeenRow]


class ChangedPage(NamedTuple):
    """One page of a stream: new records, rows without a valid position, and how far the stream is read."""

    records: tuple[Record, ...]
    bad: tuple[Quarantined, ...]
    state: StreamState
    over: bool


def place(rows: Iterable[Any], name: str, position: Callable[[Record], SeenRow]) -> ItemResults[PlacedRecord]:
    """The records with their positions in the stream; rows without one are quarantined under the field `name`."""
    return parse_each(rows, lambda row: (record(row), position(row)), lambda row: reference(row, name))


def new_records(state: StreamState, placed: Sequence[PlacedRecord]) -> tuple[Record, ...]:
    """The records that the stream has not seen yet."""
    is_new = fresh(state, [mark for _, mark in placed])
    return tuple(record for (record, _), new in zip(placed, is_new, strict=True) if new)


def read_changes(
    state: StreamState,
    rows: Iterable[Any],
    name: str,
    position: Callable[[Record], SeenRow],
    *,
    date: int | None,
    overlap: int,
) -> ChangedPage:
    """A page of rows in the order of their positions, and the stream after it."""
    placed, bad = place(rows, name, position)
    after, over = advance(state, [mark for _, mark in placed], date=date, overlap=overlap)
    return ChangedPage(new_records(state, placed), bad, after, over)
