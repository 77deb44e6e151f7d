"""Selects what may be disclosed of a ticket, its comments and its files: only what the vendor's mapping names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from hub.errors import NotDisclosed
from hub.model import Json, Ticket, Visibility
from hub.privacy.redact import DisclosurePolicy, Redacted, redact

__all__ = [
    "DisclosurePolicy",
    "Redacted",
    "disclose_changes",
    "disclose_comment",
    "disclose_ticket",
    "may_leave",
    "redact",
    "safe_name",
]

TEXTS = ("title", "description", "product", "customer", "language", "number", "status")
"""The ticket's own fields that are disclosed as text if named; severity is a number."""

_FILE_NAME = 120
_FILE_BYTES = 200
_EXTENSION = 16
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)", re.IGNORECASE)


def disclose_ticket(ticket: Ticket, policy: DisclosurePolicy) -> dict[str, Json]:
    """The ticket's fields that the policy names, by name, masked.

    Other names refer to the desk's fields (`ticket.fields`). The contact is personal data: it is disclosed unmasked,
    and only if named; no other personal data is.
    """
    fields: dict[str, Json] = {}
    for name in sorted(policy.fields):
        if name == "severity":
            fields[name] = int(ticket.severity)
        elif name == "contact":
            fields[name] = ticket.contact.plain()
        elif name in TEXTS:
            fields[name] = redact(str(getattr(ticket, name)), policy).text
        elif name in ticket.fields:
            fields[name] = redact(ticket.fields[name], policy).text
    return fields


def disclose_changes(changes: Mapping[str, Json], policy: DisclosurePolicy) -> dict[str, Json]:
    """Those of a ticket's changed fields that the policy names, by name; texts masked."""
    return {
        name: redact(value, policy).text if isinstance(value, str) else value
        for name, value in changes.items()
        if name in policy.fields
    }


def may_leave(visibility: Visibility | str, policy: DisclosurePolicy) -> bool:
    """Whether a text of this visibility may be sent to the vendor; an unknown one may not."""
    return visibility == Visibility.VENDOR or (visibility == Visibility.PUBLIC and policy.public_comments)


def disclose_comment(body: str, visibility: Visibility | str, policy: DisclosurePolicy) -> str:
    """The comment, masked; raises NotDisclosed when it may not be sent."""
    if not may_leave(visibility, policy):
        raise NotDisclosed(
            f"a comment marked {str(visibility)[:20]!r} may not be sent",
            next_step="mark it for the vendor, or set public_comments in the account's settings",
        )
    return redact(body, policy).text


def safe_name(name: str) -> str:
    """A safe file name: no folders or control characters, not reserved, not too long.

    At most 120 characters and 200 bytes of UTF-8; a short extension is kept.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    printable = "".join(" " if c.isspace() else c for c in last if c.isspace() or unicodedata.category(c)[0] != "C")
    clean = " ".join(re.sub(r'[<>:"|?*]', "_", printable).split()).strip(". ")
    if _RESERVED.match(clean):
        clean = f"_{clean}"
    stem, dot, extension = clean.rpartition(".")
    if not stem or len(extension) > _EXTENSION:
        stem, dot, extension = clean, "", ""
    room = _FILE_BYTES - len((dot + extension).encode())
    stem = stem[: _FILE_NAME - len(dot + extension)].encode()[:room].decode(errors="ignore").rstrip(". ")
    return (stem + dot + extension) or "attachment"
