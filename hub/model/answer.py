"""What the text of an answer is taken for."""

from __future__ import annotations

from enum import StrEnum


class Writer(StrEnum):
    """What a text was taken for."""

    PERSON = "person"
    MACHINE = "machine"
    UNCLEAR = "unclear"
