"""Streams the rows of an export, good and bad, each with its first line and original text."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from hub.desk.documents import Document
from hub.desk.json_values import flat, json_fault
from hub.desk.layout import Layout
from hub.desk.line_reader import LineReader, Progress, TooLong
from hub.errors import BadInput

_SURROGATE = re.compile("[\ud800-\udfff]")


class Row(NamedTuple):
    """One record: its first line, its values by column name, its text as in the file."""

    line: int
    values: dict[str, str]
    raw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A record that can't become a ticket, and the reason; `raw` is its text as in the file.

    Undecodable bytes are lone surrogates in `raw`, so that the reject file gets the original bytes.
    `raw` may contain private text: it is left out of the repr and must not be logged.
    """

    line: int
    reason: str
    raw: str = field(repr=False)
    last_line: int = 0
    """Its last line, when one fault affects several lines; else 0."""


class Rows:
    """An iterator over `Row` and `BadRow`; `header` is the text above the first record ("" in JSON).

    In a JSON document, a row's line is its position in the list, from 1.
    """

    def __init__(self, lines: LineReader, layout: Layout, name: str, document: Document) -> None:
        self.layout = layout
        self.header = ""
        self.columns: tuple[str, ...] = ()
        """The column names of a CSV file; empty for JSON."""
        self.document = document
        """The file as a JSON document; only read if that is its format."""
        self._lines = lines
        if layout.format == "csv":
            # The csv module has one limit per process, which is only raised here. LineReader enforces ours.
            csv.field_size_limit(max(csv.field_size_limit(), layout.record_limit + 1))
            self._reader = csv.reader(lines, delimiter=layout.delimiter, strict=True, escapechar=layout.escape or None)
            self._read_header(name)

    def __iter__(self) -> Iterator[Row | BadRow]:
        readers = {"csv": self._csv, "jsonl": self._json_lines, "json": self._json_document}
        return readers[self.layout.format]()

    def _read_header(self, name: str) -> None:
        values: list[str] = []
        self._lines.begin()
        try:
            while not any(value.strip() for value in values):
                values = next(self._reader)
                if self._lines.number == 1 and "".join(self._lines.taken).lower().startswith("sep="):
                    values = []
        except StopIteration:
            raise BadInput(f"{name} is empty", next_step="export the tickets again") from None
        except (csv.Error, TooLong) as error:
            raise BadInput(
                f"the header of {name} can't be read: {error or 'it is too long'}",
                next_step="the first line must contain the column names",
            ) from None
        self.header = "".join(self._lines.taken)
        if fault := _invalid_characters(self.header, self.layout):
            raise BadInput(f"the header of {name} contains {fault}", next_step="set file.encoding in the mapping")
        self.columns = column_names(values)

    def _csv(self) -> Iterator[Row | BadRow]:
        lines, reader, columns = self._lines, self._reader, self.columns
        width = len(columns)
        damaged: _DamagedLines | None = None
        while True:
            lines.begin()
            try:
                values = next(reader)
            except StopIteration:
                break
            except (csv.Error, TooLong) as error:
                # Only the first line is known to be bad; the others may contain complete records.
                lines.push_back(lines.taken[1:])
                del lines.taken[1:]
                damaged = damaged or _DamagedLines(lines.start, _describe(error, self.layout))
                damaged.add(lines)
                if damaged.size > self.layout.record_limit:
                    yield damaged.bad_row()
                    damaged = None
                continue
            start, raw = lines.start, "".join(lines.taken)
            if len(values) != width:
                if damaged:
                    damaged.add(lines)
                    if damaged.size > self.layout.record_limit:
                        yield damaged.bad_row()
                        damaged = None
                elif any(values) and not raw.isspace():
                    yield BadRow(
                        line=start,
                        reason=f"{len(values)} columns, but the header has {width}; quote fields "
                        "that contain the delimiter or a line break",
                        raw=raw,
                    )
                continue
            if damaged:
                yield damaged.bad_row()
                damaged = None
            if fault := _invalid_characters(raw, self.layout) or _oversized(raw, values, columns, self.layout):
                yield BadRow(line=start, reason=fault, raw=raw)
            elif any(values):
                yield Row(start, dict(zip(columns, values, strict=True)), raw)
        if damaged:
            yield damaged.bad_row()

    def _json_lines(self) -> Iterator[Row | BadRow]:
        lines, layout = self._lines, self.layout
        while True:
            lines.begin()
            try:
                raw = next(lines)
            except StopIteration:
                return
            except TooLong as error:
                yield BadRow(line=lines.number, reason=_describe(error, layout), raw=lines.taken[0])
                continue
            if raw.isspace():
                continue
            reason = _invalid_characters(raw, layout)
            values: dict[str, str] = {}
            if not reason:
                try:
                    values = flat(raw)
                except (ValueError, RecursionError) as error:
                    reason = json_fault(error)
            yield self._json_row(lines.number, values, raw, reason)

    def _json_document(self) -> Iterator[Row | BadRow]:
        for position, (raw, values, reason) in enumerate(self.document, 1):
            yield self._json_row(position, values, raw, _invalid_characters(raw, self.layout) or reason)

    def _json_row(self, line: int, values: dict[str, str], raw: str, reason: str) -> Row | BadRow:
        if not reason and "\\u" in raw:
            reason = _invalid_characters("".join(values.values()), self.layout)
        reason = reason or _oversized(raw, list(values.values()), tuple(values), self.layout)
        return BadRow(line=line, reason=reason, raw=raw) if reason else Row(line, values, raw)


@contextmanager
def open_rows(path: Path, layout: Layout, progress: Progress | None = None) -> Iterator[Rows]:
    """Open `path` for one pass over its rows, in memory bounded by four times the field limit.

    `progress` is called with bytes read and in total, every 64 KiB. Raises BadInput when the header of a CSV file
    can't be read. A bad record never affects the rest of the file: after an unclosed quote, or text after a closing
    quote, reading continues at the next line with the header's number of columns; the lines in between are one BadRow.
    """
    with path.open("rb") as stream:
        total = path.stat().st_size
        lines, document = LineReader(stream, layout, total, progress), Document(stream, layout, total, progress)
        yield Rows(lines, layout, path.name, document)


def column_names(header: list[str]) -> tuple[str, ...]:
    """Unique column names: trimmed, `column 3` for a blank third, `Comment (2)` for a second Comment."""
    names: list[str] = []
    for position, text in enumerate(header, 1):
        name = text.strip() or f"column {position}"
        count, unique = 1, name
        while unique in names:
            count += 1
            unique = f"{name} ({count})"
        names.append(unique)
    return tuple(names)


def _invalid_characters(text: str, layout: Layout) -> str:
    """Why a text can't be stored; "" if it can."""
    if "\0" in text:
        return "a NUL character; remove it"
    if not text.isascii() and _SURROGATE.search(text):
        return f"bytes that are not {layout.encoding} text; correct them or set file.encoding in the mapping"
    return ""


def _oversized(raw: str, values: list[str], columns: tuple[str, ...], layout: Layout) -> str:
    if len(raw) <= layout.field_limit:
        return ""
    long = [name for name, value in zip(columns, values, strict=True) if len(value) > layout.field_limit]
    return f"{long[0]} is longer than {layout.field_limit} characters (file.field_limit)" if long else ""


def _describe(error: Exception, layout: Layout) -> str:
    if isinstance(error, TooLong):
        return (
            f"a record longer than {layout.record_limit} characters; look for an unclosed quote "
            "(a longer single line is truncated to this length)"
        )
    if "expected after" in str(error):
        return "text after a closing quote; double a quote inside a field, or close the field's quote"
    if "unexpected end" in str(error):
        return "an unclosed quote"
    return f"not readable as CSV: {error}"


class _DamagedLines:
    """The lines affected by one fault, until a record fits the header again."""

    def __init__(self, line: int, reason: str) -> None:
        self.line = self.last = line
        self.reason = reason
        self.size = 0
        self._text: list[str] = []

    def add(self, lines: LineReader) -> None:
        self._text.extend(lines.taken)
        self.size += sum(map(len, lines.taken))
        self.last = lines.number

    def bad_row(self) -> BadRow:
        last = self.last if self.last > self.line else 0
        return BadRow(line=self.line, reason=self.reason, raw="".join(self._text), last_line=last)
