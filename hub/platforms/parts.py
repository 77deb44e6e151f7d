"""Comments longer than a vendor keeps: sent in parts that say which they are, and read back as one. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from hub.model import Comment
from hub.platforms import texts

_PART = re.compile(r"\((\d{1,3})/(\d{1,3})\)\n")


class CommentPart(NamedTuple):
    """One comment, and which part of a longer text it is; 1 of 1 for most."""

    comment: Comment
    part: int = 1
    parts: int = 1


def split(body: str, key: str, limit: int) -> tuple[str, ...]:
    """The texts to store, with the key, each within so many bytes of UTF-8: one, or several that say which they are."""
    whole = texts.marked(body, key)
    if len(whole.encode()) <= limit:
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
    """Where a piece ends: ahead of a line or word that starts in its last fifth, else between two characters.

    Never behind white space, which the key's mark at the end of a piece would swallow.
    """
    end = room
    while raw[end] & 0xC0 == 0x80:  # inside a character of UTF-8
        end -= 1
    found = max((raw.rfind(mark, room * 4 // 5, end) for mark in (b"\n", b" ")), default=-1)
    end = found if found > 0 else end
    while end > 1 and raw[end - 1 : end].isspace():
        end -= 1
    return end


def read_part(comment: Comment) -> CommentPart:
    """What a stored comment is: a part only when it carries a key of ours, as others may write (1/2) too."""
    found = _PART.match(comment.body) if comment.key else None
    if found is None:
        return CommentPart(comment)
    return CommentPart(comment.evolve(body=comment.body[found.end() :]), int(found[1]), int(found[2]))


def joined(every: Iterable[CommentPart]) -> tuple[Comment, ...]:
    """Comments whole: parts of one text are put together; a text of ours that lacks parts is left out."""
    waiting: dict[str, dict[int, CommentPart]] = defaultdict(dict)
    whole: list[Comment] = []
    for one in every:
        if one.parts == 1:
            whole.append(one.comment)
            continue
        parts = waiting[one.comment.key]
        parts.setdefault(one.part, one)
        if len(parts) == one.parts:
            body = "".join(parts[at].comment.body for at in sorted(parts))
            whole.append(parts[min(parts)].comment.evolve(body=body))
    return tuple(whole)
