"""Characters that every system can keep: what can't be stored is shown as U+FFFD, and nothing else changes. Pure."""

from __future__ import annotations

import re

REPLACEMENT = "\ufffd"

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_SUSPICIOUS = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # a whole pair
    rb"|(?P<unstorable>\\u(?:0000|[dD][89a-fA-F][0-9a-fA-F]{2}))"
    rb"|\\."
)


def storable_text(text: str) -> str:
    """The text with U+FFFD for each NUL and each half of a surrogate pair, which no database or encoding takes."""
    return _UNSTORABLE.sub(REPLACEMENT, text)


def storable_json(raw: bytes) -> bytes:
    r"""JSON in UTF-8 with such characters replaced before it is decoded: they can only be written as escapes.

    Bytes that are not UTF-8 are replaced, too, and a byte order mark goes. Takes time proportional to the size.
    """
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    try:
        raw.decode()
    except UnicodeDecodeError:
        raw = raw.decode(errors="replace").encode()
    if _SUSPICIOUS.search(raw) is None:
        return raw
    return _ESCAPE.sub(lambda escape: rb"\ufffd" if escape["unstorable"] else escape[0], raw)
