"""The mapping from an outside desk's columns and words to a ticket; values in, values out."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from hub.desk.layout import FileOptions
from hub.desk.moments import moment
from hub.errors import BadInput
from hub.model import Contact, Severity, TicketComment, TicketDraft, TicketStatus, Visibility

_Word = TypeVar("_Word")
SeverityName = Literal["S1", "S2", "S3", "S4"]
SEVERITIES = {str(severity.name).casefold(): severity for severity in Severity}
STATUSES = {str(status): status for status in TicketStatus}
LANGUAGES = {"en": "en", "english": "en", "anglais": "en", "fr": "fr", "french": "fr", "français": "fr"}


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the mapping file."""


class ColumnNames(_Part, frozen=True):
    """The column of each part of a ticket; a name left out is the part's own name."""

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


class CommentColumns(_Part, frozen=True):
    """Where one comment, or in JSON a list of them, is found in a row."""

    body: str
    author: str = ""
    created_at: str = ""
    visibility: Visibility = Visibility.PRIVATE
    public: str = ""
    """A column that holds "true" when the customer may read the comment."""
    list: str = ""
    """The name of a JSON list; the other names are then those inside its objects."""


class Dates(_Part, frozen=True):
    """How dates are written."""

    day_first: bool | None = None
    timezone: str = "America/Toronto"
    formats: tuple[str, ...] = ()


class Defaults(_Part, frozen=True):
    """What an empty cell, or a column that the file does not have, stands for."""

    severity: SeverityName | None = None
    status: TicketStatus = TicketStatus.OPEN
    language: str = "en"
    product: str = ""
    vendor: str = ""
    customer: str = ""


class ImportMapping(_Part, frozen=True):
    """One mapping file: how the exports of one desk are read."""

    source: str = "import"
    """The desk's name. Together with the source id it makes a second import find the first one's tickets."""
    file: FileOptions = FileOptions()
    columns: ColumnNames = ColumnNames()
    severity: dict[str, SeverityName] = {}
    status: dict[str, TicketStatus] = {}
    vendor: dict[str, str] = {}
    """Words of the vendor column to vendor names; a word that isn't here is taken as it is."""
    dates: Dates = Dates()
    defaults: Defaults = Defaults()
    comments: tuple[CommentColumns, ...] = ()
    keep: bool | tuple[str, ...] = True
    """Which of the columns that no other key names are kept as the ticket's fields."""


def load_mapping(path: Path) -> ImportMapping:
    """The mapping in a TOML file; severities are written "S1" to "S4".

    Raises BadInput, with the key at fault, when it can't be read.
    """
    try:
        return msgspec.toml.decode(path.read_bytes().removeprefix(BOM_UTF8), type=ImportMapping)
    except OSError as error:
        raise BadInput(f"{path} can't be read: {error.strerror}", next_step="check the mapping's path") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"the mapping {path.name} is wrong: {error}", next_step="mend it and import again") from error


class Unusable(ValueError):
    """A row can't become a ticket; the text says which column or word is at fault and which key mends it."""


class Reader:
    """A mapping made ready: turns rows into ticket drafts."""

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
                f"time zone {mapping.dates.timezone!r} is not known",
                next_step="name one like America/Toronto in dates.timezone",
            ) from error
        self._taken = {name for part in names.__struct_fields__ for name in _as_tuple(getattr(names, part))} | {
            name for at in mapping.comments for name in (at.body, at.author, at.created_at, at.public) if name
        }
        self._lists = tuple(f"{at.list}." for at in mapping.comments if at.list)

    def check(self, columns: Iterable[str]) -> None:
        """Raise BadInput when a file with these columns can't be read by this mapping."""
        there, names = set(columns), self.mapping.columns
        wanted = {
            f"columns.{part}": name
            for part in names.__struct_fields__
            for name in _as_tuple(getattr(names, part))
            if name != part or part in {"source_id", "title"} or (part == "severity" and not self._default_severity)
        }
        if isinstance(self.mapping.keep, tuple):
            wanted |= {f"keep ({name})": name for name in self.mapping.keep}
        for number, at in enumerate(self.mapping.comments, 1):
            if not at.list:
                parts = {"body": at.body, "author": at.author, "created_at": at.created_at, "public": at.public}
                wanted |= {f"comments {number} {part}": name for part, name in parts.items() if name}
        missing = [f"{key} = {name!r}" for key, name in wanted.items() if name not in there]
        if missing:
            raise BadInput(
                f"the file has no column for {', '.join(missing)}; it has {', '.join(sorted(there)[:60])}",
                next_step="name the file's own columns in the mapping",
            )

    @property
    def _default_severity(self) -> Severity | None:
        name = self.mapping.defaults.severity
        return Severity[name] if name else None

    def draft(self, row: dict[str, str]) -> TicketDraft:
        """The ticket in one row. Raises Unusable."""
        mapping, names = self.mapping, self.mapping.columns
        defaults = mapping.defaults
        get = row.get
        source_id, title = get(names.source_id, "").strip(), get(names.title, "").strip()
        if not source_id:
            raise Unusable(f"{names.source_id} (columns.source_id) is empty; the import needs each ticket's number")
        if not title:
            raise Unusable(f"{names.title} (columns.title) is empty")
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
            created_at=self._moment(row, names.created_at),
            fields=self._fields(row),
            comments=tuple(self._comments(row)) if mapping.comments else (),
        )

    def _language(self, told: str) -> str:
        word = told.strip().casefold()
        if not word:
            return self.mapping.defaults.language
        found = LANGUAGES.get(word) or LANGUAGES.get(word.replace("_", "-").partition("-")[0])
        if not found:
            raise Unusable(f"language {told.strip()[:40]!r} is neither English nor French; mend it or leave it empty")
        return found

    def _moment(self, row: dict[str, str], column: str) -> datetime | None:
        text = row.get(column, "")
        if not text.strip():
            return None
        dates = self.mapping.dates
        try:
            return moment(text, self._zone, day_first=dates.day_first, formats=dates.formats)
        except ValueError as error:
            raise Unusable(f"{column}: {error}") from None

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
        for at in self.mapping.comments:
            place = 0
            while True:
                prefix = f"{at.list}.{place}." if at.list else ""
                body = row.get(prefix + at.body, "")
                if body.strip():
                    told = row.get(prefix + at.public, "").strip().casefold() if at.public else ""
                    yield TicketComment(
                        author=row.get(prefix + at.author, "").strip() if at.author else "",
                        body=body,
                        visibility=Visibility.PUBLIC if told == "true" else at.visibility,
                        created_at=self._moment(row, prefix + at.created_at) if at.created_at else None,
                    )
                place += 1
                if not at.list or not any(name.startswith(f"{at.list}.{place}.") for name in row):
                    break


def _word(row: dict[str, str], column: str, words: dict[str, _Word], default: _Word | None, table: str) -> _Word:
    told = row.get(column, "").strip()
    found = words.get(told.casefold()) if told else default
    if found is not None:
        return found
    if told:
        raise Unusable(f"{table} {told[:40]!r} has no meaning here; add it to [{table}] in the mapping")
    raise Unusable(f"{column} is empty; fill it in, or set defaults.{table} in the mapping")


def _folded(words: dict[str, _Word]) -> dict[str, _Word]:
    return {word.strip().casefold(): meaning for word, meaning in words.items()}


def _as_tuple(names: str | tuple[str, ...]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else names
