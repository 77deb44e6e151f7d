"""Pages of changed records: which are new, which can't be read, and what they become. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

from hub.errors import VendorMisbehaved
from hub.model import CaseNews, Cursor, Page, Quarantined
from hub.platforms.stream import SeenRow, StreamState, advance, fresh

T = TypeVar("T")
Record = dict[str, Any]
Placed = list[tuple[Record, SeenRow]]


class ChangedPage(NamedTuple):
    """One page of a stream: new records, records without a valid position, and how far the stream is read."""

    records: tuple[Record, ...]
    bad: tuple[Quarantined, ...]
    state: StreamState
    over: bool


def quarantine(record: Record, name: str, error: VendorMisbehaved) -> Quarantined:
    """A record that can't be read, under the value of its field `name`."""
    return Quarantined(reference=str(record.get(name))[:40], reason=error.message)


def parse_each(
    records: Iterable[Record], name: str, parse: Callable[[Record], T | None]
) -> tuple[tuple[T, ...], tuple[Quarantined, ...]]:
    """What `parse` returns for each record, without None; records that it can't read are quarantined."""
    items, bad = list[T](), list[Quarantined]()
    for record in records:
        try:
            item = parse(record)
        except VendorMisbehaved as error:
            bad.append(quarantine(record, name, error))
            continue
        items += [item] if item is not None else []
    return tuple(items), tuple(bad)


def place(
    records: Iterable[Record], name: str, position: Callable[[Record], SeenRow]
) -> tuple[Placed, tuple[Quarantined, ...]]:
    """The records with their positions in the stream; records without one are quarantined."""
    placed, bad = parse_each(records, name, lambda record: (record, position(record)))
    return list(placed), bad


def new_records(state: StreamState, placed: Sequence[tuple[Record, SeenRow]]) -> tuple[Record, ...]:
    """The records that the stream has not seen yet."""
    is_new = fresh(state, [mark for _, mark in placed])
    return tuple(record for (record, _), new in zip(placed, is_new, strict=True) if new)


def read_changes(
    state: StreamState,
    records: Iterable[Record],
    name: str,
    position: Callable[[Record], SeenRow],
    *,
    date: int | None,
    overlap: int,
) -> ChangedPage:
    """A page of records in the order of their positions, and the stream after it."""
    placed, bad = place(records, name, position)
    after, over = advance(state, [mark for _, mark in placed], date=date, overlap=overlap)
    return ChangedPage(new_records(state, placed), bad, after, over)


def news_page(
    results: Iterable[CaseNews | Quarantined | None], bad: tuple[Quarantined, ...], cursor: Cursor, *, more: bool
) -> Page[CaseNews]:
    """The page for what was read of each changed case; None is left out."""
    found = list(results)
    return Page(
        items=tuple(news for news in found if isinstance(news, CaseNews)),
        cursor=cursor,
        more=more,
        quarantined=bad + tuple(news for news in found if isinstance(news, Quarantined)),
    )
