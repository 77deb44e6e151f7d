"""Texts as BMC's fields hold them: the summary's limit, and the marker that carries a key. Pure."""

from __future__ import annotations

import re

from hub.model import CaseDraft
from hub.platforms import texts
from hub.platforms.texts import ELLIPSIS, shortened

_BRACKETED = re.compile(r" ?\[([^\[\]\s]{1,80})\]$")


def summary(title: str, limit: int, marker: str = "") -> str:
    """The title on one line within the limit, shortened with an ellipsis, followed by the marker if any."""
    tail = f" [{marker}]" if marker else ""
    return shortened(title, limit - len(tail)) + tail


def fits(title: str, limit: int, marker: str = "") -> bool:
    """Whether the summary keeps the whole title."""
    return summary(title, limit, marker).removesuffix(f" [{marker}]") == title


def bracketed_key(text: str) -> str:
    """The bond's key in brackets at the end of a summary, or nothing."""
    found = _BRACKETED.search(text)
    return found[1] if found and "/" not in found[1] and texts.is_key(found[1]) else ""


def without_key(text: str) -> str:
    """A summary without the bond's key in brackets at its end."""
    return _BRACKETED.sub("", text) if bracketed_key(text) else text


def details(draft: CaseDraft, limit: int, marker: str = "") -> str:
    """The long text of a new case: the title where the summary lost some of it, the description, the rest."""
    return texts.details(draft, "" if fits(draft.title, limit, marker) else draft.title)


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
