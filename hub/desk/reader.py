"""Turns the rows of an export into ticket drafts by a mapping; values in, values out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hub.desk.comment_reader import CommentReader
from hub.desk.dates import parse_date
from hub.desk.findings import Findings, shape
from hub.desk.mapping import LANGUAGES, SEVERITIES, STATUSES, ImportMapping, folded
from hub.errors import BadInput
from hub.model import Contact, Severity, TicketDraft

_Word = TypeVar("_Word")
_ANONYMOUS = Contact()
_MANGLED = re.compile(r"-?\d(?:[.,]\d+)?[eE]\+\d+|#{3,}|#(?:REF|VALUE|NAME\?|NUM|DIV/0|N/A)!?")
"""What a spreadsheet makes of a long number, a narrow column or a broken formula."""

LONGEST_ID = 500
"""Characters in a ticket's number at its desk; the database can't index much longer ones."""


class InvalidRow(ValueError):
    """A row can't become a ticket; the text names the column or word and the key that fixes it."""


class Reader:
    """Turns rows into ticket drafts by a mapping; unknown words that have a default are counted in `findings`."""

    def __init__(self, mapping: ImportMapping, findings: Findings | None = None) -> None:
        self.mapping = mapping
        self.findings = findings or Findings()
        names = mapping.columns
        self._texts = _as_tuple(names.description)
        self._severities = SEVERITIES | folded({word: Severity[to] for word, to in mapping.severity.items()})
        self._statuses = STATUSES | folded(mapping.status)
        self._vendors = folded(mapping.vendor)
        self._own_languages = folded(mapping.language)
        self._default_severity = Severity[mapping.defaults.severity] if mapping.defaults.severity else None
        self._nothing = frozenset(word.strip().casefold() for word in mapping.nothing)
        self._longest_nothing = max(map(len, self._nothing), default=0) + 8  # and the blanks around it
        self._zones = folded(mapping.dates.zones)
        try:
            self._zone = ZoneInfo(mapping.dates.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise BadInput(
                f"unknown time zone {mapping.dates.timezone!r}",
                next_step="set dates.timezone to one such as America/Toronto",
            ) from error
        self._comments = CommentReader(mapping, self.findings, self._date)
        self._taken = {name for part in names.__struct_fields__ for name in _as_tuple(getattr(names, part))} | {
            name
            for comment in mapping.comments
            for name in (comment.body, comment.author, comment.created_at, comment.public, comment.private)
            if name
        }
        self._lists = tuple(f"{comment.list}." for comment in mapping.comments if comment.list)

    def check(self, columns: Iterable[str]) -> None:
        """Raises BadInput when the mapping does not fit these columns."""
        there, names = set(columns), self.mapping.columns
        wanted = {
            f"columns.{part}": name
            for part in names.__struct_fields__
            for name in _as_tuple(getattr(names, part))
            if name != part or part in {"source_id", "title"} or (part == "severity" and not self._default_severity)
        }
        if isinstance(self.mapping.keep, tuple):
            wanted |= {f"keep ({name})": name for name in self.mapping.keep}
        for number, comment in enumerate(self.mapping.comments, 1):
            if not comment.list:
                parts = {part: getattr(comment, part) for part in ("body", "author", "created_at", "public", "private")}
                wanted |= {f"comments {number} {part}": name for part, name in parts.items() if name}
        missing = [f"{key} = {name!r}" for key, name in wanted.items() if name not in there]
        if missing:
            raise BadInput(
                f"the file has no column for {', '.join(missing)}; it has {', '.join(sorted(there)[:60])}",
                next_step="use the file's column names in the mapping",
            )

    def draft(self, raw: Mapping[str, str]) -> TicketDraft:
        """The ticket in one row. Raises InvalidRow."""
        mapping, names = self.mapping, self.mapping.columns
        defaults, nothing, longest = mapping.defaults, self._nothing, self._longest_nothing
        row = {
            name: text
            for name, text in raw.items()
            if text and (len(text) > longest or text.strip().casefold() not in nothing)
        }
        get = row.get
        source_id = self._source_id(raw, get(names.source_id, "").strip())
        title = get(names.title, "").strip() or defaults.title
        if not title:
            raise InvalidRow(f"{names.title} (columns.title) is empty; fill it in, or set defaults.title")
        contact = Contact(
            name=get(names.contact_name, "").strip(),
            email=get(names.contact_email, "").strip(),
            phone=get(names.contact_phone, "").strip(),
        )
        created_at = self._date(row, names.created_at)
        return TicketDraft(
            title=title,
            severity=self._word(raw, names.severity, self._severities, self._default_severity, "severity"),
            description="\n\n".join(text for name in self._texts if (text := get(name, ""))),
            source=mapping.source,
            source_id=source_id,
            product=get(names.product, "").strip() or defaults.product,
            vendor=self._vendor(raw, get(names.vendor, "").strip()),
            customer=get(names.customer, "").strip() or defaults.customer,
            contact=_ANONYMOUS if contact == _ANONYMOUS else contact,
            language=self._language(raw, get(names.language, "").strip()),
            status=self._word(raw, names.status, self._statuses, defaults.status, "status"),
            created_at=created_at,
            answered_at=self._later(row, names.answered_at, created_at),
            resolved_at=self._later(row, names.resolved_at, created_at),
            fields=self._fields(row),
            comments=tuple(self._comments.read(row, raw)) if mapping.comments else (),
        )

    def _source_id(self, raw: Mapping[str, str], text: str) -> str:
        column = f"{self.mapping.columns.source_id} (columns.source_id)"
        if self.mapping.columns.source_id not in raw:
            raise InvalidRow(f"the row has no {column}; it has {', '.join(list(raw)[:20])}")
        if not text:
            raise InvalidRow(f"{column} is empty; the import needs the number of each ticket")
        if len(text) > LONGEST_ID:
            raise InvalidRow(f"{column} has {len(text)} characters; a ticket's number has at most {LONGEST_ID}")
        if _MANGLED.fullmatch(text):
            raise InvalidRow(
                f"{column} is {text[:32]!r}, a number that a spreadsheet has shortened; "
                "export the tickets again, with this column as text"
            )
        return text

    def _vendor(self, raw: Mapping[str, str], text: str) -> str:
        if not self._vendors:
            return text or self.mapping.defaults.vendor
        word = raw.get(self.mapping.columns.vendor, "").strip().casefold()
        return self._vendors.get(word, text) or self.mapping.defaults.vendor

    def _language(self, raw: Mapping[str, str], text: str) -> str:
        word = raw.get(self.mapping.columns.language, "").strip().casefold()
        if word in self._own_languages:
            return self._own_languages[word]
        default = self.mapping.defaults.language
        if not text:
            return default
        language = LANGUAGES.get(word) or LANGUAGES.get(word.replace("_", "-").partition("-")[0])
        if not language:
            self.findings.unknown_word("language", text, default)
        return language or default

    def _date(self, row: Mapping[str, str], column: str) -> datetime | None:
        text = row.get(column, "")
        if not text.strip():
            return None
        dates = self.mapping.dates
        try:
            return parse_date(text, self._zone, day_first=dates.day_first, formats=dates.formats, zones=self._zones)
        except ValueError as error:
            raise InvalidRow(f"{column}: {error}") from None

    def _later(self, row: Mapping[str, str], column: str, created_at: datetime | None) -> datetime | None:
        at = self._date(row, column)
        if at and created_at and at < created_at:
            raise InvalidRow(
                f"{column} is before {self.mapping.columns.created_at}; "
                "correct the date, or map columns.created_at, columns.answered_at and columns.resolved_at"
            )
        return at

    def _fields(self, row: Mapping[str, str]) -> dict[str, str]:
        keep = self.mapping.keep
        if isinstance(keep, tuple):
            return {name: row[name] for name in keep if name in row}
        if not keep:
            return {}
        return {
            name: value
            for name, value in row.items()
            if name not in self._taken and not (self._lists and name.startswith(self._lists))
        }

    def _word(
        self, raw: Mapping[str, str], column: str, words: Mapping[str, _Word], default: _Word | None, table: str
    ) -> _Word:
        text = raw.get(column, "").strip()
        word = text.casefold()
        empty = not text or (word not in words and word in self._nothing)
        meaning = default if empty else words.get(word)
        if meaning is not None:
            return meaning
        if empty:
            raise InvalidRow(f"{column} is empty; fill it in, or set defaults.{table} in the mapping")
        raise InvalidRow(f"{column}: unknown {table} {shape(text)}; add it to [{table}] in the mapping")


def _as_tuple(names: str | tuple[str, ...]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else names
