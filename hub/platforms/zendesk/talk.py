"""Comments of a case and the files that they bring; the first comment is the description.

Source: zenpy's recordings, and api-evangelist/zendesk. An agent's comment carries its key in the `metadata` of its
audit, an end user's at the end of its text. That metadata is told with the comments too is not documented: where it is
not, audits are read.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from hub.errors import CaseRefused, VendorMisbehaved
from hub.model import AnyAccount, Attachment, CaseReference, Comment
from hub.platforms import texts
from hub.platforms.texts import file_name, moment, storable, text
from hub.platforms.zendesk import cases, wire
from hub.platforms.zendesk.settings import Settings

MARK = "rjr_key"
MACHINES = frozenset({"rule", "system"})
"""Channels by which triggers and automations write, by hearsay; an account's machine_authors add to them."""


class CommentEntry(NamedTuple):
    """A comment's record, its author's name, and the key that it was sent with."""

    row: wire.Record
    author: str
    key: str


async def read(account: AnyAccount, row: wire.Record) -> tuple[tuple[Comment, ...], tuple[Attachment, ...]]:
    """All comments of a case but its description, oldest first, and all files."""
    comments: list[Comment] = []
    files: list[Attachment] = []
    for place, entry in enumerate(await entries(account, row)):
        comment, brought = said(entry, row, account.settings)
        files += brought
        comments += [comment] if comment is not None and place > 0 else []
    return tuple(comments), tuple(files)


async def entries(account: AnyAccount, row: wire.Record) -> list[CommentEntry]:
    """The comments' records, oldest first."""
    settings: Settings = account.settings
    number = texts.number(row, "id")
    path = f"{wire.door(settings).path}/{number}"
    held: dict[int, wire.Record] = {}
    names: dict[Any, str] = {}
    async for reply, told in wire.pages(account, f"{path}/comments", {"include": "users", "sort": "created_at"}):
        held |= {texts.number(one, "id"): one for one in wire.rows(reply, told, "comments")}
        users = told.get("users")
        for user in users if isinstance(users, list) else []:
            if isinstance(user, dict):
                names[user.get("id")] = text(user, "name")
    found = sorted(held.values(), key=lambda one: (text(one, "created_at"), one["id"]))
    keys = await _keys(account, path, found) if settings.is_agent else [""] * len(found)
    authors = [names.get(one.get("author_id")) or f"user {one.get('author_id')}" for one in found]
    return [CommentEntry(*one) for one in zip(found, authors, keys, strict=True)]


async def _keys(account: AnyAccount, path: str, found: list[wire.Record]) -> list[str]:
    """The key of each comment; audits are read only where a comment besides the first could be ours and tells none."""
    marks = [_mark(one) for one in found]
    if all(mark or not _by_api(one) for mark, one in zip(marks[1:], found[1:], strict=True)):
        return marks
    audits: dict[Any, str] = {}
    async for reply, told in wire.pages(account, f"{path}/audits"):
        audits |= {one.get("id"): _mark(one) for one in wire.rows(reply, told, "audits")}
    return [mark or audits.get(one.get("audit_id"), "") for mark, one in zip(marks, found, strict=True)]


def _mark(one: wire.Record) -> str:
    """The key in the metadata of an audit or comment."""
    held = one.get("metadata")
    custom = held.get("custom") if isinstance(held, dict) else None
    key = custom.get(MARK) if isinstance(custom, dict) else None
    return key if isinstance(key, str) else ""


def _by_api(one: wire.Record) -> bool:
    return _channel(one) in {"api", ""}


def _channel(one: wire.Record) -> str:
    via = one.get("via")
    return str(via.get("channel") or "") if isinstance(via, dict) else ""


def said(entry: CommentEntry, case: wire.Record, settings: Settings) -> tuple[Comment | None, tuple[Attachment, ...]]:
    """What a comment tells: its words, unless it only brings files, and its files."""
    row, author, key = entry
    body = text(row, "body")
    if not settings.is_agent and _is_ours(row, case):  # an answer of the vendor's may quote our mark
        body, key = texts.unmarked(body)
    public = row.get("public") is True
    held = row.get("attachments") or []
    files = tuple(attachment(one, key=key, public=public) for one in held if not _is_deleted(one))
    if held and (key or not body.strip()):
        return None, files
    machines = set(settings.machine_authors)
    comment = Comment(
        body=body,
        public=public,
        author=author,
        created_at=moment(row, "created_at"),
        reference=str(texts.number(row, "id")),
        key=key,
        automatic=_channel(row) in MACHINES or bool({author, str(row.get("author_id"))} & machines),
    )
    return comment, files


def _is_ours(row: wire.Record, case: wire.Record) -> bool:
    return row.get("author_id") == case.get("requester_id")


def attachment(one: Any, *, key: str = "", public: bool = True) -> Attachment:
    """The file that a record tells."""
    if not isinstance(one, dict):
        raise VendorMisbehaved("a file's record is none")
    size = one.get("size")
    return Attachment(
        name=file_name(text(one, "file_name")),
        size=size if isinstance(size, int) else None,
        key=key,
        public=public,
        media_type=text(one, "content_type") or "application/octet-stream",
        reference=str(texts.number(one, "id")),
    )


def _is_deleted(one: Any) -> bool:
    return isinstance(one, dict) and one.get("deleted") is True


def spoken(settings: Settings, body: str, key: str, *, public: bool, uploads: tuple[str, ...] = ()) -> dict[str, Any]:
    """The values that add a comment with its key; raises CaseRefused for a private one of an end user's."""
    files = {"uploads": list(uploads)} if uploads else {}
    if settings.is_agent:
        comment = {"body": storable(body, "body"), "public": public, **files}
        return {"comment": comment} | ({"metadata": {MARK: key}} if key else {})
    if not public:
        raise CaseRefused(
            "a customer's comments are all public at this vendor", next_step="mark it for the vendor, or leave it here"
        )
    return {"comment": {"body": texts.marked(storable(body, "body"), key), **files}}


async def add(account: AnyAccount, reference: CaseReference, given: Comment) -> Comment:
    """Store a comment with its key; an end user's is read back, as the answer does not tell its number."""
    values = spoken(account.settings, given.body, given.key, public=given.public)
    row = await added(account, reference, values, given.key)
    return given.evolve(reference=str(texts.number(row, "id")) if row else "")


async def added(account: AnyAccount, reference: CaseReference, values: dict[str, Any], key: str) -> wire.Record | None:
    """The comment as stored; None where it is not told, as of an end user's without a key."""
    answer = await cases.write(account, reference, values)
    if account.settings.is_agent:
        audit = answer.get("audit")
        events = audit.get("events") if isinstance(audit, dict) else None
        found = [one for one in events or () if isinstance(one, dict) and one.get("type") == "Comment"]
        if not found:
            raise VendorMisbehaved("the answer does not tell of the comment", account=account.name)
        return found[0]
    case = answer["request"]
    told = [entry.row for entry in await entries(account, case) if _is_ours(entry.row, case)]
    return next((row for row in reversed(told) if key and texts.unmarked(text(row, "body"))[1] == key), None)
