"""Texts for and from a vendor: keys in titles and comments, limits, file names, fields of records. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hub.errors import FieldRefused, VendorMisbehaved
from hub.model import CaseDraft
from hub.model.keys import bond_of, find_keys

ELLIPSIS = "…"
NAME_LIMIT = 120  # characters; file names longer than this are shortened before their extension
PERSON_LIMIT = 200
ID_LIMIT = 200
LARGEST = 2**63 - 1
LAST_SECOND = 253_402_300_799  # of the year 9999
OPENING = "open"
"""The last part of the key of a comment with a new case's text, where the key of an operation has its number."""
_LEADING = re.compile(r"^\[([^\[\]\s]{1,80})\]\s+")
_LAST_LINE = re.compile(r"\[([^\[\]\s]{1,80})\]")


def storable(text: str, field: str) -> str:
    """The text; raises FieldRefused if it contains NUL or half a surrogate pair, which no system can store."""
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise FieldRefused(
            f"{field} contains a character that can't be stored",
            field=field,
            next_step="remove NUL characters and broken Unicode",
        )
    return text


def shortened(text: str, limit: int) -> str:
    """The text on one line within the limit of characters, cut with an ellipsis."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + ELLIPSIS


def titled(title: str, key: str, limit: int) -> str:
    """The title after the bond's key in brackets, such as `[RJR-000123-7F3KQ] Login fails`, within the limit.

    For systems whose cases can be searched by title and have no field for a key.
    """
    head = f"[{key}] " if key else ""
    return head + shortened(title, limit - len(head))


def title_key(title: str) -> str:
    """The bond's key in brackets at the start of a title, or empty; other words in brackets are the title's."""
    match = _LEADING.match(title)
    return match[1] if match and is_key(match[1]) and bond_of(match[1]) == match[1] else ""


def untitled(title: str, bond: str = "") -> str:
    """The title without the key at its start; if the case's own key is known, only a key of its ticket is removed."""
    key = title_key(title)
    return _LEADING.sub("", title, count=1) if key and _may_be_of(key, bond) else title


def is_key(text: str) -> bool:
    """Whether a text is the key of a bond or operation, and nothing else."""
    return find_keys(text) == (text,)


def marked(body: str, key: str) -> str:
    """The comment with its operation's key in brackets on a line of its own at the end.

    For systems whose comments have no field for a key.
    """
    return f"{body}\n\n[{key}]" if key else body


def unmarked(body: str, bond: str = "") -> tuple[str, str]:
    """A comment without the operation's key on its last line, and that key, which may be empty.

    If the case's own key is known, only keys of its ticket are removed; anything else in brackets is the comment's.
    """
    above, _, last = body.rstrip().rpartition("\n")
    match = _LAST_LINE.fullmatch(last.strip())
    key = match[1] if match else ""
    if not _is_of_operation(key) or not _may_be_of(key, bond):
        return body, ""
    return above.rstrip(), key


def _may_be_of(key: str, bond: str) -> bool:
    """Whether a key is of the same ticket as the case's own key, which may be unknown, or be another system's.

    A case that was connected to its ticket again keeps the key of the ticket's first bond.
    """
    return not is_key(bond) or bond_of(key).rpartition("-")[0] == bond_of(bond).rpartition("-")[0]


def _is_of_operation(key: str) -> bool:
    own, _, operation = key.partition("/")
    return bool(operation) and is_key(own if operation == OPENING else key)


def details(draft: CaseDraft, title: str = "") -> str:
    """The long text of a new case: the title if it was cut elsewhere, the description, and more facts if facts."""
    person = draft.contact
    contact = ", ".join(part for part in (person.name, person.email, person.phone) if part)
    facts = {
        "Product": draft.product,
        "Customer": draft.customer,
        "Contact": contact,
        "RjR ticket": draft.ticket_number,
    }
    lines = "\n".join(f"{name}: {value}" for name, value in facts.items() if value)
    return "\n\n".join(part for part in (title, draft.description, lines) if part)


def file_name(name: str) -> str:
    """A file's name without path, control characters and quotes, shortened before its extension."""
    last = re.split(r"[/\\]", name)[-1]
    shown = (c for c in last if unicodedata.category(c) not in {"Cc", "Cf", "Cs"} and c not in '"<>|?*:')
    kept = "".join(shown).strip(" .")
    stem, dot, extension = kept.rpartition(".")
    if len(kept) > NAME_LIMIT and stem and len(extension) < 16:
        kept = stem[: NAME_LIMIT - len(extension) - 1] + dot + extension
    return kept[:NAME_LIMIT] or "file"


def text(values: Mapping[str, Any], *names: str) -> str:
    """The first of these fields with text, or empty. Raises VendorMisbehaved."""
    for name in names:
        value = values.get(name)
        if value is not None and not isinstance(value, str):
            raise VendorMisbehaved(f"field {name!r} is not text")
        if value:
            return value
    return ""


def record(row: Any) -> dict[str, Any]:
    """A row of a list; raises VendorMisbehaved if it is not an object."""
    if not isinstance(row, dict):
        raise VendorMisbehaved("a row is not an object")
    return row


def ident(values: Mapping[str, Any], *names: str) -> str:
    """The first of these fields with text, as an id; raises VendorMisbehaved for more than 200 characters."""
    value = text(values, *names)
    if len(value) > ID_LIMIT:
        raise VendorMisbehaved(f"field {names[0]!r} is too long for an id")
    return value


def person(values: Mapping[str, Any], *names: str) -> str:
    """The first of these fields with text, as a person's name, shortened to 200 characters."""
    return shortened(text(values, *names), PERSON_LIMIT)


def moment(values: Mapping[str, Any], *names: str) -> datetime | None:
    """The first of these fields that is set, as a time in UTC, such as 2025-10-16T08:51:45.000+0000.

    Raises VendorMisbehaved for another form, for a time without an offset, and outside the years 1970 to 9999.
    """
    value = text(values, *names)
    if not value:
        return None
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        raise VendorMisbehaved(f"field {names[0]!r} is not a time") from None
    if parsed.tzinfo is None:
        raise VendorMisbehaved(f"field {names[0]!r} is a time without an offset")
    return utc(parsed, names[0])


def utc(at: datetime, name: str) -> datetime:
    """The time of a field in UTC (UTC if it has no offset); raises VendorMisbehaved outside 1970 to 9999."""
    try:
        moved = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except OverflowError:  # near the year 1 or 9999
        moved = datetime.min.replace(tzinfo=UTC)
    if moved.year < 1970:
        raise VendorMisbehaved(f"field {name!r} is a time outside the years 1970 to 9999")
    return moved


def from_epoch(seconds: float, name: str) -> datetime:
    """The time of a field in seconds since 1970; raises VendorMisbehaved outside 1970 to 9999."""
    if not 0 <= seconds <= LAST_SECOND:
        raise VendorMisbehaved(f"field {name!r} is a time outside the years 1970 to 9999")
    return datetime.fromtimestamp(seconds, UTC)


def clip(word: str) -> str:
    """A vendor's word, shortened for quoting in an error."""
    return repr(word if len(word) <= 40 else word[:39] + ELLIPSIS)


def number(row: Mapping[str, Any], name: str) -> int:
    """A field with a whole number from 0 to 2**63 - 1; raises VendorMisbehaved for anything else."""
    value = row.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise VendorMisbehaved(f"field {name!r} is not a number")
    if not 0 <= value <= LARGEST:
        raise VendorMisbehaved(f"field {name!r} is out of range")
    return value


def size(values: Mapping[str, Any], *names: str) -> int | None:
    """The first of these fields that is a size in bytes, also if written as text; None if no field has a valid size."""
    for name in names:
        value = values.get(name)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST:
            return value
    return None
