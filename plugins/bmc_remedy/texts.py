"""Texts as BMC's fields hold them: the summary's limit, the marker that carries a key, file names. Pure."""

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
_BRACKETED = re.compile(r"\s*\[([^\[\]\s]+)\]$")


def storable(text: str, field: str) -> str:
    """The text, unless it holds NUL or half a surrogate pair, which no form can keep; raises FieldRefused."""
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise FieldRefused(
            f"{field} holds a character that can't be stored",
            field=field,
            next_step="take out NUL characters and broken Unicode",
        )
    return text


def summary(title: str, limit: int, marker: str = "") -> str:
    """The title on one line within the limit, shortened with an ellipsis, followed by the marker if any."""
    tail = f" [{marker}]" if marker else ""
    line = " ".join(title.split())
    room = limit - len(tail)
    return (line if len(line) <= room else line[: room - 1].rstrip() + ELLIPSIS) + tail


def fits(title: str, limit: int, marker: str = "") -> bool:
    """Whether the summary keeps the whole title."""
    return summary(title, limit, marker).removesuffix(f" [{marker}]") == title


def bracketed_key(text: str) -> str:
    """The key in brackets at the end of a summary, or nothing."""
    found = _BRACKETED.search(text)
    return found[1] if found else ""


def without_key(text: str) -> str:
    """A summary without the key in brackets at its end."""
    return _BRACKETED.sub("", text)


def details(draft: CaseDraft, limit: int, marker: str = "") -> str:
    """The long text of a new case: the title where the summary lost some of it, the description, the rest."""
    contact = ", ".join(
        part for part in (draft.contact.name, draft.contact.email, draft.contact.phone) if part
    )
    known = {
        "Product": draft.product,
        "Customer": draft.customer,
        "Contact": contact,
        "RjR ticket": draft.ticket_number,
    }
    lines = "\n".join(f"{name}: {value}" for name, value in known.items() if value)
    title = "" if fits(draft.title, limit, marker) else draft.title
    return "\n\n".join(part for part in (title, draft.description, lines) if part)


def full_title(short: str, long_text: str) -> str:
    """The title as it was given: the summary, or the first line of the details that the summary shortens."""
    if not short.endswith(ELLIPSIS):
        return short
    first = long_text.split("\n\n", 1)[0]
    return first if " ".join(first.split()).startswith(short[:-1]) else short


def note_summary(pattern: str, key: str) -> str:
    """The summary of a note of ours, carrying its operation's key."""
    return pattern.replace("{key}", key)


def note_key(pattern: str, text: str) -> str:
    """The key that a note's summary carries, or nothing when the note is not ours."""
    before, after = pattern.split("{key}")
    found = re.fullmatch(re.escape(before) + r"(\S+)" + re.escape(after), text.strip())
    return found[1] if found else ""


def file_name(name: str) -> str:
    """A file's last name, without path, control characters or quotes; shortened before its extension."""
    last = re.split(r"[/\\]", name)[-1]
    shown = (c for c in last if unicodedata.category(c) not in {"Cc", "Cf", "Cs"} and c not in '"<>|?*:')
    kept = "".join(shown).strip(" .")
    stem, dot, extension = kept.rpartition(".")
    if len(kept) > NAME_LIMIT and stem and len(extension) < 16:  # noqa: PLR2004
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
    """The first of these fields that is set, as a time in UTC, such as 2025-10-16T08:51:45.000+0000."""
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
