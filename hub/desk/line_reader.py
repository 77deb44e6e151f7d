"""Reads the physical lines of an export: decoded, numbered, limited in length, and readable again after a fault."""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Callable, Iterator
from typing import BinaryIO, Self

from hub.desk.layout import Layout

Progress = Callable[[int, int], None]
"""Called with the bytes read so far and the total."""

CHUNK = 64 * 1024


class TooLong(Exception):
    """The current record is longer than the limit; usually a quote was never closed."""


class LineReader:
    """An iterator over lines with their line ends; keeps the lines of the current record.

    No line is longer than the record limit plus one chunk: a longer one is truncated, its rest is skipped, and it
    raises TooLong like any record beyond the limit.
    """

    def __init__(self, stream: BinaryIO, layout: Layout, total: int, progress: Progress | None = None) -> None:
        self.number = 0
        """The number of the last line read, from 1."""
        self.taken: list[str] = []
        """The lines read since `begin`."""
        self._size = 0
        self._limit = layout.record_limit
        self._again: deque[str] = deque()
        self._fresh = _split(stream, layout, total, progress)

    def begin(self) -> None:
        """Start a new record."""
        self.taken = []
        self._size = 0

    def push_back(self, lines: list[str]) -> None:
        """Return the last lines, to be read again."""
        self._again.extendleft(reversed(lines))
        self.number -= len(lines)

    @property
    def start(self) -> int:
        """The line on which the current record begins."""
        return self.number - len(self.taken) + 1

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._fresh)
        self.number += 1
        self.taken.append(line)
        self._size += len(line)
        if self._size > self._limit:
            raise TooLong
        return line


def _split(stream: BinaryIO, layout: Layout, total: int, progress: Progress | None) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(layout.encoding)(layout.errors)
    newline, limit = layout.newline, layout.record_limit
    done = len(stream.read(len(layout.bom)))
    pending, skipping = "", False
    while chunk := stream.read(CHUNK):
        done += len(chunk)
        pieces = (pending + decoder.decode(chunk)).split(newline)
        pending = pieces.pop()
        if pieces and skipping:
            del pieces[0]
            skipping = False
        for piece in pieces:
            yield piece + newline
        if skipping:
            pending = ""
        elif len(pending) > limit:
            yield pending[: limit + 1] + newline
            pending, skipping = "", True
        if progress:
            progress(done, total)
    try:
        pending += decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        pending += "\udcff"  # an incomplete character at the end: kept as one undecodable byte
    if pending and not skipping:
        yield pending
