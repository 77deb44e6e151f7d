"""Texts as they travel to a vendor and back: keys in titles and comments, limits, file names, values of rows. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hub.errors import FieldRefused, VendorMisbehaved
from hub.model import CaseDraft

ELLIPSIS = "…"
NAME_LIMIT = 120  # characters; file names longer than this are shortened before their extension
_LEADING = re.compile(r"^\[([^\[\]\s]+-[^\[\]\s]+)\]\s+")
_TRAILING = re.compile(r"\s*\[([^\[\]\s]+-[^\[\]\s]+/[^\[\]\s]+)\]\s*$")


def storable(text: str, field: str) -> str:
    """The text, unless it holds NUL or half a surrogate pair, which no system can keep; raises FieldRefused."""
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise FieldRefused(
            f"{field} holds a character that can't be stored",
            field=field,
            next_step="take out NUL characters and broken Unicode",
        )
    return text


def shortened(text: str, limit: int) -> str:
    """The text on one line within so many characters, cut with an ellipsis."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + ELLIPSIS


def titled(title: str, key: str, limit: int) -> str:
    """The title behind the bond's key in brackets, such as `[RJR-000123-7F3KQ] Login fails`, within the limit.

    For systems whose cases can be searched by title and have no field for a key.
    """
    head = f"[{key}] " if key else ""
    return head + shortened(title, limit - len(head))


def title_key(title: str) -> str:
    """The key in brackets at the head of a title, or nothing."""
    found = _LEADING.match(title)
    return found[1] if found else ""


def untitled(title: str) -> str:
    """The title without the key at its head."""
    return _LEADING.sub("", title, count=1)


def marked(body: str, key: str) -> str:
    """The comment with its operation's key in brackets on a line of its own at the end, as people can read it.

    For systems whose comments have no field for a key.
    """
    return f"{body}\n\n[{key}]" if key else body


def unmarked(body: str) -> tuple[str, str]:
    """A comment without the operation's key at its end, and that key; the key is empty when there is none."""
    found = _TRAILING.search(body)
    return (body[: found.start()], found[1]) if found else (body, "")


def details(draft: CaseDraft, title: str = "") -> str:
    """The long text of a new case: the title when given (because it was cut elsewhere), the description, and what
    is known besides.
    """
    person = draft.contact
    contact = ", ".join(part for part in (person.name, person.email, person.phone) if part)
    known = {
        "Product": draft.product,
        "Customer": draft.customer,
        "Contact": contact,
        "RjR ticket": draft.ticket_number,
    }
    lines = "\n".join(f"{name}: {value}" for name, value in known.items() if value)
    return "\n\n".join(part for part in (title, draft.description, lines) if part)


def file_name(name: str) -> str:
    """A file's last name, without path, control characters or quotes; shortened before its extension."""
    last = re.split(r"[/\\]", name)[-1]
    shown = (c for c in last if unicodedata.category(c) not in {"Cc", "Cf", "Cs"} and c not in '"<>|?*:')
    kept = "".join(shown).strip(" .")
    stem, dot, extension = kept.rpartition(".")
    if len(kept) > NAME_LIMIT and stem and len(extension) < 16:
        kept = stem[: NAME_LIMIT - len(extension) - 1] + dot + extension
    return kept[:NAME_LIMIT] or "file"


def text(values: Mapping[str, Any], *names: str) -> str:
    """The first of these fields that holds text; an unset field is empty. Raises VendorMisbehaved."""
    for name in names:
        value = values.get(name)
        if value is not None and not isinstance(value, str):
            raise VendorMisbehaved(f"field {name!r} holds no text")
        if value:
            return value
    return ""


def moment(values: Mapping[str, Any], *names: str) -> datetime | None:
    """The first of these fields that is set, as a time in UTC, such as 2025-10-16T08:51:45.000+0000.

    Raises VendorMisbehaved for another form, and for a time without an offset.
    """
    value = text(values, *names)
    if not value:
        return None
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        raise VendorMisbehaved(f"field {names[0]!r} holds no time") from None
    if parsed.tzinfo is None:
        raise VendorMisbehaved(f"field {names[0]!r} holds a time without an offset")
    return parsed.astimezone(UTC)


def clip(word: str) -> str:
    """A vendor's word as an error may quote it."""
    return repr(word if len(word) <= 40 else word[:39] + ELLIPSIS)


def number(row: Mapping[str, Any], name: str) -> int:
    """A field that holds a whole number; raises VendorMisbehaved for anything else."""
    value = row.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise VendorMisbehaved(f"field {name!r} holds no number")
    return value
