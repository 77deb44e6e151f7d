"""Groups the rows of an import into batches of bounded size, and merges rows that share an id."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from hub.desk.rows import BadRow
from hub.desk.tickets import encoded, fingerprint_of
from hub.model import TicketDraft

ROWS = 1000
SIZE = 4 * 1024 * 1024
"""Bytes after which a batch is stored, however few rows it has."""

REMEMBERED = 2_000_000
"""Ids that are remembered to find rows that share one; about 60 bytes each."""

EXAMPLES = 10


class Entry(NamedTuple):
    """A draft to store."""

    draft: TicketDraft
    fingerprint: str
    is_repeat: bool
    """An earlier batch had a row with the same id."""


class Batches:
    """The drafts of an import, in batches; counts what was read and merged on the way."""

    def __init__(self, rows: Iterator[TicketDraft | BadRow], refuse: Callable[[BadRow], None]) -> None:
        self.read = 0
        """All rows so far, good and bad."""
        self.merged = 0
        """Rows that share their id with an earlier row; the last one counts."""
        self.merged_ids: list[str] = []
        """The first of the ids that several rows share."""
        self._rows = rows
        self._refuse = refuse
        self._seen: set[int] = set()

    def next_batch(self) -> list[Entry]:
        """The next drafts, with distinct ids; empty at the end of the file."""
        batch: dict[str, Entry] = {}
        size = 0
        for row in self._rows:
            self.read += 1
            if isinstance(row, BadRow):
                self._refuse(row)
                continue
            content = encoded(row)
            earlier = batch.get(row.source_id)
            is_repeat = earlier.is_repeat if earlier else hash(row.source_id) in self._seen
            if earlier or is_repeat:
                self.merged += 1
                if len(self.merged_ids) < EXAMPLES and row.source_id not in self.merged_ids:
                    self.merged_ids.append(row.source_id)
            batch[row.source_id] = Entry(row, fingerprint_of(content), is_repeat)
            size += len(content)
            if len(batch) >= ROWS or size >= SIZE:
                break
        if len(self._seen) < REMEMBERED:
            self._seen.update(map(hash, batch))
        return list(batch.values())
