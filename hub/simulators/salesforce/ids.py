"""Record ids: 15 case-sensitive characters, or 18 case-insensitive ones."""

from __future__ import annotations

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def make_id(prefix: str, number: int) -> str:
    """The 18-character id of the nth record of a type; later ones sort behind earlier ones."""
    tail = ""
    while number:
        number, digit = divmod(number, 62)
        tail = _DIGITS[digit] + tail
    return long_id(f"{prefix}5e{tail.rjust(10, '0')}")


def long_id(short: str) -> str:
    """An id with its three check characters, which encode the case of its letters."""
    if len(short) != 15:
        return short
    parts = (short[at : at + 5] for at in (0, 5, 10))
    return short + "".join(_CHECK[sum(c.isupper() << n for n, c in enumerate(part))] for part in parts)
