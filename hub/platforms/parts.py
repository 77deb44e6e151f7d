"""Comments that are too long for a vendor: sent in numbered parts, and joined again when read. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from hub.model import Comment
from hub.platforms import texts

_PART = re.compile(r"\((\d{1,3})/(\d{1,3})\)\n")


class CommentPart(NamedTuple):
    """One comment, and its number among the parts of a longer text; usually 1 of 1."""

    comment: Comment
    part: int = 1
    parts: int = 1


def split(body: str, key: str, limit: int) -> tuple[str, ...]:
    """The texts to store, with the key, each within a limit in bytes of UTF-8: one, or several numbered parts.

    A text that itself begins like a numbered part is numbered, too.
    """
    whole = texts.marked(body, key)
    if len(whole.encode()) <= limit and not (key and _PART.match(body)):
        return (whole,)
    room = limit - len(texts.marked("", key).encode()) - len("(999/999)\n")
    pieces: list[str] = []
    rest = body.encode()
    while rest:
        end = len(rest) if len(rest) <= room else _end(rest, room)
        pieces.append(rest[:end].decode())
        rest = rest[end:]
    return tuple(texts.marked(f"({at}/{len(pieces)})\n{piece}", key) for at, piece in enumerate(pieces, 1))


def _end(raw: bytes, room: int) -> int:
    """Where a piece ends: before a line or word that starts in its last fifth, or between two characters.

    Never after white space, which would get lost before the key at the end of a piece.
    """
    end = room
    while raw[end] & 0xC0 == 0x80:  # inside a character of UTF-8
        end -= 1
    space = max((raw.rfind(mark, room * 4 // 5, end) for mark in (b"\n", b" ")), default=-1)
    end = space if space > 0 else end
    while end > 1 and raw[end - 1 : end].isspace():
        end -= 1
    return end


def read_part(comment: Comment) -> CommentPart:
    """A stored comment as a part, if it has our key; others may write (1/2), too."""
    match = _PART.match(comment.body) if comment.key else None
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        return CommentPart(comment)
    return CommentPart(comment.evolve(body=comment.body[match.end() :]), int(match[1]), int(match[2]))


def joined(comment_parts: Iterable[CommentPart]) -> tuple[Comment, ...]:
    """Complete comments: parts of a text are joined; a text with missing parts is left out."""
    waiting: dict[str, dict[int, CommentPart]] = defaultdict(dict)
    whole: list[Comment] = []
    for part in comment_parts:
        if part.parts == 1:
            whole.append(part.comment)
            continue
        parts = waiting[part.comment.key]
        parts.setdefault(part.part, part)
        if len(parts) == part.parts:
            body = "".join(parts[at].comment.body for at in sorted(parts))
            whole.append(parts[min(parts)].comment.evolve(body=body))
    return tuple(whole)
