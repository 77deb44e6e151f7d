"""Turns values into text that people can read and that can't steer a terminal."""

from __future__ import annotations

import re
from datetime import datetime
from enum import IntEnum
from typing import Any

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """The text with control characters and changes of direction shown as replacement characters."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n"))


def format_value(value: Any) -> str:
    """A value as people read it; empty for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value.astimezone():%Y-%m-%d %H:%M:%S}"
    if isinstance(value, IntEnum):
        return value.name
    if isinstance(value, list | tuple):
        return ", ".join(map(format_value, value))
    return str(value)


def format_age(seconds: float) -> str:
    """A duration in its largest unit, rounded."""
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def count_of(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun, such as `1 bond` or `2 bonds`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
