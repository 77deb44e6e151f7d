"""Maps the columns and words of another desk's export to tickets; values in, values out."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from hub.desk.dates import parse_date
from hub.desk.layout import FileOptions
from hub.errors import BadInput
from hub.model import Contact, Severity, TicketComment, TicketDraft, TicketStatus, Visibility

_Word = TypeVar("_Word")
SeverityName = Literal["S1", "S2", "S3", "S4"]
SEVERITIES = {str(severity.name).casefold(): severity for severity in Severity}
STATUSES = {str(status): status for status in TicketStatus}
LANGUAGES = {"en": "en", "english": "en", "anglais": "en", "fr": "fr", "french": "fr", "français": "fr"}


class _MappingTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the mapping file."""


class ColumnNames(_MappingTable, frozen=True):
    """The column of each ticket field; by default a column has the field's own name."""

    source_id: str = "source_id"
    title: str = "title"
    description: str | tuple[str, ...] = "description"
    """One column, or several whose texts are joined with a blank line."""
    severity: str = "severity"
    product: str = "product"
    vendor: str = "vendor"
    customer: str = "customer"
    contact_name: str = "contact_name"
    contact_email: str = "contact_email"
    contact_phone: str = "contact_phone"
    language: str = "language"
    status: str = "status"
    created_at: str = "created_at"


class CommentColumns(_MappingTable, frozen=True):
    """The columns of one comment or, in JSON, of a list of comments."""

    body: str
    author: str = ""
    created_at: str = ""
    visibility: Visibility = Visibility.PRIVATE
    public: str = ""
    """A column that holds "true" when the customer may read the comment."""
    list: str = ""
    """The name of a JSON list; the other names then refer to its objects."""


class Dates(_MappingTable, frozen=True):
    """How dates are written."""

    day_first: bool | None = None
    timezone: str = "America/Toronto"
    formats: tuple[str, ...] = ()


class Defaults(_MappingTable, frozen=True):
    """Values for empty cells and for columns that the file does not have."""

    severity: SeverityName | None = None
    status: TicketStatus = TicketStatus.OPEN
    language: str = "en"
    product: str = ""
    vendor: str = ""
    customer: str = ""


class ImportMapping(_MappingTable, frozen=True):
    """One mapping file: how to read the exports of one desk."""

    source: str = "import"
    """The desk's name. With the source id it identifies a ticket, so a second import updates it."""
    file: FileOptions = FileOptions()
    columns: ColumnNames = ColumnNames()
    severity: dict[str, SeverityName] = {}
    status: dict[str, TicketStatus] = {}
    vendor: dict[str, str] = {}
    """Words of the vendor column to vendor names; other words are used as they are."""
    dates: Dates = Dates()
    defaults: Defaults = Defaults()
    comments: tuple[CommentColumns, ...] = ()
    keep: bool | tuple[str, ...] = True
    """Which of the remaining columns are kept as the ticket's fields."""


def load_mapping(path: Path) -> ImportMapping:
    """The mapping in a TOML file; severities are written "S1" to "S4".

    Raises BadInput, naming the faulty key, when it is not valid.
    """
    try:
        return msgspec.toml.decode(path.read_bytes().removeprefix(BOM_UTF8), type=ImportMapping)
    except OSError as error:
        raise BadInput(f"{path} can't be read: {error.strerror}", next_step="check the mapping's path") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadInput(
            f"the mapping {path.name} is not valid: {error}", next_step="correct it and import again"
        ) from error


class InvalidRow(ValueError):
    """A row can't become a ticket; the text names the column or word and the key that fixes it."""


class Reader:
    """Turns rows into ticket drafts by a mapping."""

    def __init__(self, mapping: ImportMapping) -> None:
        self.mapping = mapping
        names = mapping.columns
        self._texts = (names.description,) if isinstance(names.description, str) else names.description
        self._severities = SEVERITIES | _folded({word: Severity[to] for word, to in mapping.severity.items()})
        self._statuses = STATUSES | _folded(mapping.status)
        self._vendors = _folded(mapping.vendor)
        try:
            self._zone = ZoneInfo(mapping.dates.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise BadInput(
                f"unknown time zone {mapping.dates.timezone!r}",
                next_step="set dates.timezone to one such as America/Toronto",
            ) from error
        self._taken = {name for part in names.__struct_fields__ for name in _as_tuple(getattr(names, part))} | {
            name
            for comment in mapping.comments
            for name in (comment.body, comment.author, comment.created_at, comment.public)
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
                parts = {
                    "body": comment.body,
                    "author": comment.author,
                    "created_at": comment.created_at,
                    "public": comment.public,
                }
                wanted |= {f"comments {number} {part}": name for part, name in parts.items() if name}
        missing = [f"{key} = {name!r}" for key, name in wanted.items() if name not in there]
        if missing:
            raise BadInput(
                f"the file has no column for {', '.join(missing)}; it has {', '.join(sorted(there)[:60])}",
                next_step="use the file's column names in the mapping",
            )

    @property
    def _default_severity(self) -> Severity | None:
        name = self.mapping.defaults.severity
        return Severity[name] if name else None

    def draft(self, row: dict[str, str]) -> TicketDraft:
        """The ticket in one row. Raises InvalidRow."""
        mapping, names = self.mapping, self.mapping.columns
        defaults = mapping.defaults
        get = row.get
        source_id, title = get(names.source_id, "").strip(), get(names.title, "").strip()
        if not source_id:
            raise InvalidRow(
                f"{names.source_id} (columns.source_id) is empty; the import needs the number of each ticket"
            )
        if not title:
            raise InvalidRow(f"{names.title} (columns.title) is empty")
        vendor = get(names.vendor, "").strip()
        return TicketDraft(
            title=title,
            severity=_word(row, names.severity, self._severities, self._default_severity, "severity"),
            description="\n\n".join(text for name in self._texts if (text := get(name, ""))),
            source=mapping.source,
            source_id=source_id,
            product=get(names.product, "").strip() or defaults.product,
            vendor=self._vendors.get(vendor.casefold(), vendor) or defaults.vendor,
            customer=get(names.customer, "").strip() or defaults.customer,
            contact=Contact(
                name=get(names.contact_name, "").strip(),
                email=get(names.contact_email, "").strip(),
                phone=get(names.contact_phone, "").strip(),
            ),
            language=self._language(get(names.language, "")),
            status=_word(row, names.status, self._statuses, defaults.status, "status"),
            created_at=self._date(row, names.created_at),
            fields=self._fields(row),
            comments=tuple(self._comments(row)) if mapping.comments else (),
        )

    def _language(self, text: str) -> str:
        word = text.strip().casefold()
        if not word:
            return self.mapping.defaults.language
        language = LANGUAGES.get(word) or LANGUAGES.get(word.replace("_", "-").partition("-")[0])
        if not language:
            raise InvalidRow(
                f"language {text.strip()[:40]!r} is neither English nor French; correct it or leave it empty"
            )
        return language

    def _date(self, row: dict[str, str], column: str) -> datetime | None:
        text = row.get(column, "")
        if not text.strip():
            return None
        dates = self.mapping.dates
        try:
            return parse_date(text, self._zone, day_first=dates.day_first, formats=dates.formats)
        except ValueError as error:
            raise InvalidRow(f"{column}: {error}") from None

    def _fields(self, row: dict[str, str]) -> dict[str, str]:
        keep = self.mapping.keep
        if isinstance(keep, tuple):
            return {name: row[name] for name in keep if row.get(name)}
        if not keep:
            return {}
        return {
            name: value
            for name, value in row.items()
            if value and name not in self._taken and not (self._lists and name.startswith(self._lists))
        }

    def _comments(self, row: dict[str, str]) -> Iterator[TicketComment]:
        for comment in self.mapping.comments:
            index = 0
            while True:
                prefix = f"{comment.list}.{index}." if comment.list else ""
                body = row.get(prefix + comment.body, "")
                if body.strip():
                    public = row.get(prefix + comment.public, "").strip().casefold() if comment.public else ""
                    yield TicketComment(
                        author=row.get(prefix + comment.author, "").strip() if comment.author else "",
                        body=body,
                        visibility=Visibility.PUBLIC if public == "true" else comment.visibility,
                        created_at=self._date(row, prefix + comment.created_at) if comment.created_at else None,
                    )
                index += 1
                if not comment.list or not any(name.startswith(f"{comment.list}.{index}.") for name in row):
                    break


def _word(row: dict[str, str], column: str, words: dict[str, _Word], default: _Word | None, table: str) -> _Word:
    text = row.get(column, "").strip()
    meaning = words.get(text.casefold()) if text else default
    if meaning is not None:
        return meaning
    if text:
        raise InvalidRow(f"unknown {table} {text[:40]!r}; add it to [{table}] in the mapping")
    raise InvalidRow(f"{column} is empty; fill it in, or set defaults.{table} in the mapping")


def _folded(words: dict[str, _Word]) -> dict[str, _Word]:
    return {word.strip().casefold(): meaning for word, meaning in words.items()}


def _as_tuple(names: str | tuple[str, ...]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else names
