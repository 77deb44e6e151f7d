"""Comments: CaseComment, whose body takes 4,000 bytes; a longer text goes in parts that come back as one.

Source: "CaseComment" in the object reference.
"""

from __future__ import annotations

from hub.errors import VendorMisbehaved
from hub.model import AnyAccount, CaseReference, Comment
from hub.platforms import parts, texts
from hub.platforms.salesforce import soql
from hub.platforms.salesforce.settings import Settings
from hub.platforms.texts import moment, storable, text

FIELDS = "Id, ParentId, Parent.CaseNumber, CommentBody, IsPublished, CreatedBy.Name, CreatedDate, SystemModstamp"
LIMIT = 4000  # bytes of UTF-8


def read_comment(row: soql.Record, settings: Settings) -> parts.CommentPart:
    """What a record says; raises VendorMisbehaved for missing and ill-typed fields. Not published is private."""
    ident = text(row, "Id")
    if not ident:
        raise VendorMisbehaved("a comment lacks its id")
    body, key = texts.unmarked(text(row, "CommentBody"))
    author = text(soql.inner(row, "CreatedBy"), "Name")
    comment = Comment(
        body=body,
        public=row.get("IsPublished") is True,
        author=author,
        created_at=moment(row, "CreatedDate"),
        reference=ident,
        key=key,
        automatic=author in settings.machine_authors,
    )
    return parts.read_part(comment)


async def read(account: AnyAccount, case_id: str) -> list[parts.CommentPart]:
    """All comments of a case, oldest first."""
    of = f"ParentId = {soql.literal(soql.identifier(case_id))}"
    query = f"SELECT {FIELDS} FROM CaseComment WHERE {of} ORDER BY CreatedDate ASC, Id ASC"
    return [read_comment(row, account.settings) for row in await soql.every(account, query)]


async def add(account: AnyAccount, case_id: str, comment: Comment) -> Comment:
    """Store a comment, its key in each part; parts that an earlier try has stored are not stored again."""
    pieces = parts.split(storable(comment.body, "body"), comment.key, LIMIT)
    stored: dict[int, str] = {}
    if len(pieces) > 1 and comment.key:
        there = await read(account, case_id)
        stored = {one.part: one.comment.reference for one in there if one.comment.key == comment.key}
    for at, piece in enumerate(pieces, 1):
        if at not in stored:
            values = {"ParentId": soql.identifier(case_id), "CommentBody": piece, "IsPublished": comment.public}
            path = f"{account.settings.root}/sobjects/CaseComment"
            stored[at] = soql.created(await account.client.send("POST", path, json=values))
    return comment.evolve(reference=stored[1])


def reference(row: soql.Record) -> CaseReference:
    """The case that a comment belongs to."""
    number = text(soql.inner(row, "Parent"), "CaseNumber")
    if not number:
        raise VendorMisbehaved("a comment lacks its case")
    return CaseReference(number=number, id=text(row, "ParentId"))
