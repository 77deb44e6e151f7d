"""Comments: CaseComment, whose body holds 4,000 bytes; a longer text is sent in parts and joined again.

Source: "CaseComment" in the object reference.
"""

from __future__ import annotations

from hub.errors import VendorMisbehaved
from hub.model import AnyAccount, CaseReference, Comment
from hub.platforms import parts, texts
from hub.platforms.salesforce import api, soql
from hub.platforms.salesforce.settings import Settings
from hub.platforms.texts import ident, moment, storable, text

FIELDS = "Id, ParentId, Parent.CaseNumber, CommentBody, IsPublished, CreatedBy.Name, CreatedDate, SystemModstamp"
LIMIT = 4000  # bytes of UTF-8


def read_comment(record: api.Record, settings: Settings, bond: str = "") -> parts.CommentPart:
    """The comment of a record, private unless published; raises VendorMisbehaved for missing and ill-typed fields.

    `bond` is the case's own key, if it is known.
    """
    comment_id = ident(record, "Id")
    if not comment_id:
        raise VendorMisbehaved("a comment has no id")
    body, key = texts.unmarked(text(record, "CommentBody"), bond)
    author = texts.person(api.parent(record, "CreatedBy"), "Name")
    comment = Comment(
        body=body,
        public=record.get("IsPublished") is True,
        author=author,
        created_at=moment(record, "CreatedDate"),
        reference=comment_id,
        key=key,
        automatic=author in settings.machine_authors,
    )
    return parts.read_part(comment)


async def read(account: AnyAccount, case_id: str, bond: str = "") -> list[parts.CommentPart]:
    """All comments of a case, oldest first; `bond` is the case's own key, if it is known."""
    condition = f"ParentId = {soql.literal(soql.identifier(case_id))}"
    query = f"SELECT {FIELDS} FROM CaseComment WHERE {condition} ORDER BY CreatedDate ASC, Id ASC"
    return [read_comment(record, account.settings, bond) for record in await api.fetch_all(account, query)]


async def add(account: AnyAccount, case_id: str, comment: Comment) -> Comment:
    """Store a comment, with its key in each part; parts that an earlier try has stored are not sent again."""
    pieces = parts.split(storable(comment.body, "body"), comment.key, LIMIT)
    stored: dict[int, str] = {}
    if len(pieces) > 1 and comment.key:
        existing = await read(account, case_id)
        stored = {part.part: part.comment.reference for part in existing if part.comment.key == comment.key}
    for at, piece in enumerate(pieces, 1):
        if at not in stored:
            values = {"ParentId": soql.identifier(case_id), "CommentBody": piece, "IsPublished": comment.public}
            path = f"{account.settings.root}/sobjects/CaseComment"
            stored[at] = api.created_id(await account.client.send("POST", path, json=values))
    return comment.evolve(reference=stored[1])


def reference(record: api.Record) -> CaseReference:
    """The case that a comment belongs to."""
    number = ident(api.parent(record, "Parent"), "CaseNumber")
    if not number:
        raise VendorMisbehaved("a comment has no case")
    return CaseReference(number=number, id=ident(record, "ParentId"))
