"""Keys that are sent to vendors to find cases, comments and files again."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from itertools import count

from hub.errors import BadInput

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, so that a key can be read out on the phone."""

_NUMBER = re.compile(r"[A-Z][A-Z0-9]{0,9}-[0-9]{1,12}")
_TAG = f"(?=[A-Z]*[0-9])[{ALPHABET}]"
_KEY = re.compile(rf"(?<![\w-]){_NUMBER.pattern}-{_TAG}{{5}}(?:/[0-9]{{1,9}}-{_TAG}{{4}})?(?![\w])")
_MARKED = re.compile(rf"\[{_KEY.pattern}\]|\({_KEY.pattern}\)|{_KEY.pattern}")


def _tag(length: int, *parts: str) -> str:
    """Letters and digits derived from the parts; always with a digit, so that no word looks like a tag."""
    for attempt in count():  # pragma: no branch
        digest = hashlib.sha256("\x1f".join((*parts, str(attempt))).encode("utf-8", "surrogatepass")).digest()
        tag = "".join(ALPHABET[byte % 32] for byte in digest[:length])
        if any(letter.isdigit() for letter in tag):
            break
    return tag


def bond_key(number: str, created_at: datetime, account: str, ordinal: int, hub_id: str) -> str:
    """The key of a ticket's bond, such as `RJR-000123-7F3KQ`: the same for the same input, also in a preview.

    `created_at` is the ticket's, with a time zone: a number reused after a restore gets a different key.
    `ordinal` counts the ticket's bonds with this account, from 1. Raises BadInput for a malformed number.
    """
    if not _NUMBER.fullmatch(number):
        raise BadInput(f"ticket number {number!r} must look like RJR-000123")
    if created_at.tzinfo is None:
        raise BadInput(f"the creation time of ticket {number} has no time zone")
    moment = created_at.astimezone(UTC).isoformat(timespec="microseconds")
    return f"{number}-{_tag(5, number, moment, account, str(ordinal), hub_id)}"


def operation_key(bond: str, position: int, salt: str) -> str:
    """The key of one operation, such as `RJR-000123-7F3KQ/3-X2QF`; the salt distinguishes equal positions."""
    return f"{bond}/{position}-{_tag(4, bond, str(position), salt)}"


def bond_of(key: str) -> str:
    """The bond's key in a bond or operation key."""
    return key.partition("/")[0]


def find_keys(text: str) -> tuple[str, ...]:
    """Every key in a text, bond or operation, once each, in order of appearance."""
    return tuple(dict.fromkeys(match.group() for match in _KEY.finditer(text)))


def without_keys(text: str) -> str:
    """The text without its keys and the brackets around them; only what a person wrote."""
    return _MARKED.sub("", text)
