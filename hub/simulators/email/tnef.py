"""The winmail.dat that Outlook makes of a mail with files (MS-OXTNEF): the least that holds them."""

from __future__ import annotations

import struct
from collections.abc import Iterable

_SIGNATURE, _KEY = 0x223E9F78, 1
_MESSAGE, _ATTACHMENT = 1, 2
_VERSION, _RENDERING, _TITLE, _DATA = 0x00089006, 0x00069002, 0x00018010, 0x0006800F


def winmail(files: Iterable[tuple[str, bytes]]) -> bytes:
    """The container with these files, name and bytes each."""
    parts = [struct.pack("<IH", _SIGNATURE, _KEY), _attribute(_MESSAGE, _VERSION, struct.pack("<I", 0x00010000))]
    for name, data in files:
        parts += [
            _attribute(_ATTACHMENT, _RENDERING, struct.pack("<HIHHI", 1, 0xFFFFFFFF, 32, 32, 0)),
            _attribute(_ATTACHMENT, _TITLE, name.encode("cp1252", "replace") + b"\0"),
            _attribute(_ATTACHMENT, _DATA, data),
        ]
    return b"".join(parts)


def _attribute(level: int, name: int, data: bytes) -> bytes:
    return struct.pack("<BII", level, name, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)
