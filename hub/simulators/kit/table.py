"""Rows in memory with equality and range indexes, so that common queries never scan."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any


@dataclass(slots=True, eq=False)
class Row:
    """One stored record: its key, its order of arrival and its values."""

    key: str
    number: int
    values: dict[str, Any] = field(repr=False)
    hidden_until: float = 0.0
    """Epoch seconds until which searches leave the row out (an index that lags)."""


class Table:
    """Rows by key, by equality on the fields in `equal`, and in order of the numbers in `ordered`."""

    def __init__(self, equal: Iterable[str] = (), ordered: Iterable[str] = ()) -> None:
        self.rows: dict[str, Row] = {}
        self._by_number: dict[int, Row] = {}
        self._equal: dict[str, dict[Any, list[Row]]] = {name: {} for name in equal}
        self._ordered: dict[str, list[tuple[float, int]]] = {name: [] for name in ordered}
        self._next = 1
        self.version = 0
        """Increases with every write, so that readers notice changes."""

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows.values())

    def add(self, key: str, values: dict[str, Any]) -> Row:
        """Store a new row; ValueError when the key is taken."""
        if key in self.rows:
            raise ValueError(f"row {key} exists already; use change")
        row = Row(key, self._next, values)
        self.version += 1
        self._next += 1
        self.rows[key] = self._by_number[row.number] = row
        for name in (*self._equal, *self._ordered):
            self._index(row, name, values.get(name))
        return row

    def change(self, row: Row, changes: Mapping[str, Any]) -> None:
        """Set values on a row and update the indexes."""
        self.version += 1
        for name, value in changes.items():
            if name in self._equal or name in self._ordered:
                self._forget(row, name, row.values.get(name))
                self._index(row, name, value)
            row.values[name] = value

    def remove(self, row: Row) -> None:
        """Remove a row."""
        self.version += 1
        del self.rows[row.key], self._by_number[row.number]
        for name in (*self._equal, *self._ordered):
            self._forget(row, name, row.values.get(name))

    def get(self, key: str) -> Row | None:
        """The row with this key, or none."""
        return self.rows.get(key)

    def has_equal(self, name: str) -> bool:
        """Whether `where` can answer for this field."""
        return name in self._equal

    def has_ordered(self, name: str) -> bool:
        """Whether `between` can answer for this field."""
        return name in self._ordered

    def where(self, name: str, value: Any) -> list[Row]:
        """The rows whose indexed field equals the value; do not change the list."""
        return self._equal[name].get(value, [])

    def bounds(self, name: str, low: float = -inf, high: float = inf) -> tuple[int, int]:
        """Positions in the ordered index of the values from `low` to `high`, both included."""
        index = self._ordered[name]
        return bisect_left(index, (low, -1)), bisect_right(index, (high, self._next))

    def between(self, name: str, start: int, stop: int, *, descending: bool = False) -> Iterator[Row]:
        """The rows at these positions of the ordered index; equal values are in order of arrival."""
        index = self._ordered[name]
        positions = range(stop - 1, start - 1, -1) if descending else range(start, stop)
        return (self._by_number[index[at][1]] for at in positions)

    def _index(self, row: Row, name: str, value: Any) -> None:
        if value is None:
            return
        if name in self._equal:
            self._equal[name].setdefault(value, []).append(row)
        if name in self._ordered:
            insort(self._ordered[name], (value, row.number))

    def _forget(self, row: Row, name: str, value: Any) -> None:
        if value is None:
            return
        if name in self._equal:
            bucket = self._equal[name][value]
            bucket.remove(row)
            if not bucket:
                del self._equal[name][value]
        if name in self._ordered:
            index = self._ordered[name]
            del index[bisect_left(index, (value, row.number))]
