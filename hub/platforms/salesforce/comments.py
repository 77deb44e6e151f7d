"""Comments: CaseComment, whose body takes 4,000 bytes; a longer text goes in parts that come back as one.

Source: "CaseComment" in the object reference.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from hub.errors import VendorMisbehaved
from hub.model import AnyAccount, CaseReference, Comment
from hub.platforms import texts
from hub.platforms.salesforce import soql
from hub.platforms.salesforce.settings import Settings
from hub.platforms.texts import moment, storable, text

FIELDS = (
    "Id, ParentId, Parent.CaseNumber, CommentBody, IsPublished, CreatedBy.Name, CreatedDate, SystemModstamp"
)
LIMIT = 4000  # bytes of UTF-8
_PART = re.compile(r"\((\d{1,3})/(\d{1,3})\)\n")


class Told(NamedTuple):
    """One comment, and which part of a longer text it is; 1 of 1 for most."""

    comment: Comment
    part: int = 1
    parts: int = 1


def split(body: str, key: str) -> tuple[str, ...]:
    """The texts to store, each within the limit and with the key: one, or several that say which they are."""
    whole = texts.marked(body, key)
    if len(whole.encode()) <= LIMIT:
        return (whole,)
    room = LIMIT - len(texts.marked("", key).encode()) - len("(999/999)\n")
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
    while raw[end] & 0xC0 == 0x80:  # noqa: PLR2004 - inside a character of UTF-8
        end -= 1
    found = max((raw.rfind(mark, room * 4 // 5, end) for mark in (b"\n", b" ")), default=-1)
    end = found if found > 0 else end
    while end > 1 and raw[end - 1 : end].isspace():
        end -= 1
    return end


def told(row: soql.Record, settings: Settings) -> Told:
    """What a record says; raises VendorMisbehaved for missing and ill-typed fields. Not published is private."""
    ident = text(row, "Id")
    if not ident:
        raise VendorMisbehaved("a comment lacks its id")
    body, key = texts.unmarked(text(row, "CommentBody"))
    author = text(soql.inner(row, "CreatedBy"), "Name")
    part, parts = 1, 1
    if key and (found := _PART.match(body)) is not None:
        part, parts, body = int(found[1]), int(found[2]), body[found.end() :]
    comment = Comment(
        body=body, public=row.get("IsPublished") is True, author=author, created_at=moment(row, "CreatedDate"),
        reference=ident, key=key, automatic=author in settings.machine_authors,
    )  # fmt: skip
    return Told(comment, part, parts)


def joined(every: Iterable[Told]) -> tuple[Comment, ...]:
    """Comments whole: parts of one text are put together; a text of ours that lacks parts is left out."""
    waiting: dict[str, dict[int, Told]] = defaultdict(dict)
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


async def read(account: AnyAccount, case_id: str) -> list[Told]:
    """All comments of a case, oldest first."""
    of = f"ParentId = {soql.literal(soql.identifier(case_id))}"
    query = f"SELECT {FIELDS} FROM CaseComment WHERE {of} ORDER BY CreatedDate ASC, Id ASC"
    return [told(row, account.settings) for row in await soql.every(account, query)]


async def add(account: AnyAccount, case_id: str, comment: Comment) -> Comment:
    """Store a comment, its key in each part; parts that an earlier try has stored are not stored again."""
    pieces = split(storable(comment.body, "body"), comment.key)
    stored: dict[int, str] = {}
    if len(pieces) > 1 and comment.key:
        there = await read(account, case_id)
        stored = {one.part: one.comment.reference for one in there if one.comment.key == comment.key}
    for at, piece in enumerate(pieces, 1):
        if at not in stored:
            values = {
                "ParentId": soql.identifier(case_id),
                "CommentBody": piece,
                "IsPublished": comment.public,
            }
            path = f"{account.settings.root}/sobjects/CaseComment"
            stored[at] = soql.created(await account.client.send("POST", path, json=values))
    return comment.evolve(reference=stored[1])


def reference(row: soql.Record) -> CaseReference:
    """The case that a comment belongs to."""
    number = text(soql.inner(row, "Parent"), "CaseNumber")
    if not number:
        raise VendorMisbehaved("a comment lacks its case")
    return CaseReference(number=number, id=text(row, "ParentId"))
