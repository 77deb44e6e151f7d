"""The mapping file: which columns and words of another desk's export stand for what."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from hub.desk.layout import FileOptions
from hub.errors import BadInput
from hub.model import Severity, TicketStatus, Visibility

Meaning = TypeVar("Meaning")
Language = Literal["en", "fr"]
SeverityName = Literal["S1", "S2", "S3", "S4"]
SEVERITIES = {str(severity.name).casefold(): severity for severity in Severity}
STATUSES = {str(status): status for status in TicketStatus}
LANGUAGES: dict[str, Language] = {
    "en": "en",
    "english": "en",
    "anglais": "en",
    "fr": "fr",
    "french": "fr",
    "français": "fr",
}
NOTHING = ("null", "(null)", "none", "n/a", "#n/a", "nil", "?", "-", "--", "undefined")


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
    answered_at: str = "answered_at"
    resolved_at: str = "resolved_at"


class CommentColumns(_MappingTable, frozen=True):
    """The columns of one comment or, in JSON, of a list of comments."""

    body: str
    author: str = ""
    created_at: str = ""
    visibility: Visibility = Visibility.PRIVATE
    public: str = ""
    """A column that says whether the customer may read the comment: yes, true, 1, or a word of [visibility]."""
    private: str = ""
    """Its inverse: a column that says whether the comment is internal."""
    list: str = ""
    """The name of a JSON list; the other names then refer to its objects."""


class Dates(_MappingTable, frozen=True):
    """How dates are written."""

    day_first: bool | None = None
    timezone: str = "America/Toronto"
    formats: tuple[str, ...] = ()
    zones: dict[str, str] = {}
    """The file's words for time zones, as IANA names or offsets."""


class Defaults(_MappingTable, frozen=True):
    """Values for empty cells and for columns that the file does not have."""

    title: str = "(no title)"
    severity: SeverityName | None = None
    status: TicketStatus = TicketStatus.OPEN
    language: Language = "en"
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
    language: dict[str, Language] = {}
    visibility: dict[str, Visibility] = {}
    """Words of the comments' `public` and `private` columns."""
    nothing: tuple[str, ...] = NOTHING
    """Words that stand for an empty cell, unless the table of the column knows them."""
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


def folded(words: Mapping[str, Meaning]) -> dict[str, Meaning]:
    """A table of words that are compared without case and surrounding blanks."""
    return {word.strip().casefold(): meaning for word, meaning in words.items()}
