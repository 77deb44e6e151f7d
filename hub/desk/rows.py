"""Streams the rows of an export, good and bad, with the line each begins on and its original text."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from hub.desk.layout import Layout
from hub.desk.lines import Lines, Progress, TooLong
from hub.errors import BadInput

DEEPEST = 16
_SURROGATE = re.compile("[\ud800-\udfff]")


class Row(NamedTuple):
    """One record: the line it begins on, its values by column name, its text as it stands in the file."""

    line: int
    values: dict[str, str]
    raw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A record that can't become a ticket, and why; `raw` is its text as it stands in the file.

    Bytes that could not be decoded are lone surrogates in `raw`, so that the reject file gets them back as
    they were. `raw` may hold private text: it is left out of the repr and belongs in no log.
    """

    line: int
    reason: str
    raw: str = field(repr=False)
    last_line: int = 0
    """Where it ends, when one fault spoilt several lines; else 0."""


class Rows:
    """An iterator over `Row` and `BadRow`; `header` is the text above the first record ("" in JSON Lines)."""

    def __init__(self, lines: Lines, layout: Layout, name: str) -> None:
        self.layout = layout
        self.header = ""
        self.columns: tuple[str, ...] = ()
        """The column names of a CSV file; JSON Lines has none to tell beforehand."""
        self._lines = lines
        if layout.format == "csv":
            # The csv module has one limit for the whole process: only ever raised here. Lines keeps ours.
            csv.field_size_limit(max(csv.field_size_limit(), layout.record_limit + 1))
            self._reader = csv.reader(lines, delimiter=layout.delimiter, strict=True, escapechar=layout.escape or None)
            self._read_header(name)

    def __iter__(self) -> Iterator[Row | BadRow]:
        return self._csv() if self.layout.format == "csv" else self._json()

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
                next_step="the first line has to name the columns",
            ) from None
        self.header = "".join(self._lines.taken)
        if fault := _unfit(self.header, self.layout):
            raise BadInput(f"the header of {name} holds {fault}", next_step="name file.encoding in the mapping")
        self.columns = column_names(values)

    def _csv(self) -> Iterator[Row | BadRow]:
        lines, reader, columns = self._lines, self._reader, self.columns
        width = len(columns)
        spoilt: _Spoilt | None = None
        while True:
            lines.begin()
            try:
                values = next(reader)
            except StopIteration:
                break
            except (csv.Error, TooLong) as error:
                # Only the first line is known to be wrong; the others may hold whole records.
                lines.back(lines.taken[1:])
                del lines.taken[1:]
                spoilt = spoilt or _Spoilt(lines.start, _broken(error, self.layout))
                spoilt.add(lines)
                if spoilt.size > self.layout.record_limit:
                    yield spoilt.told()
                    spoilt = None
                continue
            start, raw = lines.start, "".join(lines.taken)
            if len(values) != width:
                if spoilt:
                    spoilt.add(lines)
                    if spoilt.size > self.layout.record_limit:
                        yield spoilt.told()
                        spoilt = None
                elif any(values) and not raw.isspace():
                    yield BadRow(
                        line=start,
                        reason=f"{len(values)} columns where the header has {width}; quote fields "
                        "that hold the delimiter or a line break",
                        raw=raw,
                    )
                continue
            if spoilt:
                yield spoilt.told()
                spoilt = None
            if fault := _unfit(raw, self.layout) or _oversized(raw, values, columns, self.layout):
                yield BadRow(line=start, reason=fault, raw=raw)
            elif any(values):
                yield Row(start, dict(zip(columns, values, strict=True)), raw)
        if spoilt:
            yield spoilt.told()

    def _json(self) -> Iterator[Row | BadRow]:
        lines, layout = self._lines, self.layout
        while True:
            lines.begin()
            try:
                raw = next(lines)
            except StopIteration:
                return
            except TooLong as error:
                yield BadRow(line=lines.number, reason=_broken(error, layout), raw=lines.taken[0])
                continue
            if raw.isspace():
                continue
            reason = _unfit(raw, layout)
            values: dict[str, str] = {}
            if not reason:
                try:
                    values = flat(raw)
                    reason = _unfit("".join(values.values()), layout) if "\\u" in raw else ""
                except RecursionError:
                    reason = f"nested deeper than {DEEPEST} levels"
                except json.JSONDecodeError as error:
                    reason = f"not JSON: {error.msg.lower()} at character {error.pos + 1}"
                except ValueError as error:
                    reason = str(error)
            reason = reason or _oversized(raw, list(values.values()), tuple(values), layout)
            if reason:
                yield BadRow(line=lines.number, reason=reason, raw=raw)
            else:
                yield Row(lines.number, values, raw)


@contextmanager
def open_rows(path: Path, layout: Layout, progress: Progress | None = None) -> Iterator[Rows]:
    """Open `path` for one pass over its rows, in memory bounded by four times the field limit.

    `progress` is told bytes read and bytes in all, once each 64 KiB. Raises BadInput when the header of a CSV
    file can't be read. A record that goes wrong never takes the rest of the file with it: after a quote that
    is never closed, or text behind a closing quote, reading goes on at the next line that has the header's
    number of columns, and what lies between is one BadRow.
    """
    with path.open("rb") as stream:
        total = path.stat().st_size
        yield Rows(Lines(stream, layout, total, progress), layout, path.name)


def column_names(header: list[str]) -> tuple[str, ...]:
    """Names to tell columns by: trimmed, `column 3` for a blank third, `Comment (2)` for a second Comment."""
    names: list[str] = []
    for position, told in enumerate(header, 1):
        name = told.strip() or f"column {position}"
        count, unique = 1, name
        while unique in names:
            count += 1
            unique = f"{name} ({count})"
        names.append(unique)
    return tuple(names)


def flat(text: str) -> dict[str, str]:
    """The JSON object in `text` as strings, inner names joined with dots, numbers as they are written.

    A list of plain values becomes one text, joined with ", "; a list of objects gets its positions as names.
    Raises ValueError (with a reason to show) when it isn't one object, or holds a name twice or NaN.
    """
    found = json.loads(text, parse_int=str, parse_float=str, parse_constant=_no_constant, object_pairs_hook=_once)
    if not isinstance(found, dict):
        raise ValueError("not a JSON object; each line has to hold one object")  # noqa: TRY004
    values: dict[str, str] = {}
    _flatten(found, "", values, 1)
    return values


def _flatten(found: dict[str, object], prefix: str, into: dict[str, str], depth: int) -> None:
    if depth > DEEPEST:
        raise RecursionError
    for name, value in found.items():
        path = prefix + name
        if isinstance(value, str):
            text = value
        elif value is None:
            text = ""
        elif isinstance(value, bool):
            text = "true" if value else "false"
        elif isinstance(value, dict):
            _flatten(value, path + ".", into, depth + 1)
            continue
        elif isinstance(value, list) and not any(isinstance(item, dict | list) for item in value):
            text = ", ".join(str(item) for item in value if item is not None)
        elif isinstance(value, list):
            _flatten({str(place): item for place, item in enumerate(value)}, path + ".", into, depth + 1)
            continue
        else:  # pragma: no cover - json gives no other types
            raise ValueError(f"{path} is of no JSON type")
        if path in into:
            raise ValueError(f"two values for {path}")
        into[path] = text


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("not safe to read: a name stands twice in one object")
    return found


def _no_constant(name: str) -> str:
    raise ValueError(f"not JSON: {name} is no number")


def _unfit(text: str, layout: Layout) -> str:
    """Why a text can't be stored, or ""."""
    if "\0" in text:
        return "a NUL character; take it out"
    if not text.isascii() and _SURROGATE.search(text):
        return f"bytes that are not {layout.encoding} text; mend them or name file.encoding in the mapping"
    return ""


def _oversized(raw: str, values: list[str], columns: tuple[str, ...], layout: Layout) -> str:
    if len(raw) <= layout.field_limit:
        return ""
    long = [name for name, value in zip(columns, values, strict=True) if len(value) > layout.field_limit]
    return f"{long[0]} is longer than {layout.field_limit} characters (file.field_limit)" if long else ""


def _broken(error: Exception, layout: Layout) -> str:
    if isinstance(error, TooLong):
        return (
            f"a record longer than {layout.record_limit} characters; look for a quote that is never closed "
            "(of a longer single line only this much is kept)"
        )
    if "expected after" in str(error):
        return "text behind a closing quote; write a quote inside a field twice, or close the field's quote"
    if "unexpected end" in str(error):
        return "a quote that is never closed"
    return f"not readable as CSV: {error}"


class _Spoilt:
    """The lines that one fault has spoilt, until a record fits the header again."""

    def __init__(self, line: int, reason: str) -> None:
        self.line = self.last = line
        self.reason = reason
        self.size = 0
        self._text: list[str] = []

    def add(self, lines: Lines) -> None:
        self._text.extend(lines.taken)
        self.size += sum(map(len, lines.taken))
        self.last = lines.number

    def told(self) -> BadRow:
        last = self.last if self.last > self.line else 0
        return BadRow(line=self.line, reason=self.reason, raw="".join(self._text), last_line=last)
