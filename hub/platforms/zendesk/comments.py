"""Comments of a case and their files; the first comment is the description.

Source: zenpy's recordings, and api-evangelist/zendesk. The key of an agent's comment is in the `metadata` of its audit,
that of an end user's comment at the end of its text. Comments may show the metadata, too, but this is not documented:
if they do not, audits are read.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from hub.errors import CaseRefused, VendorMisbehaved
from hub.model import AnyAccount, Attachment, CaseReference, Comment
from hub.platforms import texts
from hub.platforms.texts import file_name, moment, storable, text
from hub.platforms.zendesk import api, cases
from hub.platforms.zendesk.settings import Settings

MARK = "rjr_key"
MACHINES = frozenset({"rule", "system"})
"""Channels of triggers and automations (unconfirmed), in addition to an account's machine_authors."""


class CommentEntry(NamedTuple):
    """A comment's record, its author's name, and its key."""

    record: api.Record
    author: str
    key: str


async def read(
    account: AnyAccount, case: api.Record, bond: str = ""
) -> tuple[tuple[Comment, ...], tuple[Attachment, ...]]:
    """All comments of a case without its description, oldest first, and all files; for `bond` see `read_entry`."""
    comments: list[Comment] = []
    files: list[Attachment] = []
    for place, entry in enumerate(await fetch_entries(account, case)):
        comment, attachments = read_entry(entry, case, account.settings, bond)
        files += attachments
        comments += [comment] if comment is not None and place > 0 else []
    return tuple(comments), tuple(files)


async def fetch_entries(account: AnyAccount, case: api.Record) -> list[CommentEntry]:
    """The comments' records, oldest first."""
    settings: Settings = account.settings
    number = texts.number(case, "id")
    path = f"{api.case_endpoint(settings).path}/{number}"
    found: dict[int, api.Record] = {}
    names: dict[Any, str] = {}
    params = {"include": "users", "sort": "created_at"}
    async for reply, answer in api.fetch_pages(account, f"{path}/comments", params):
        found |= {texts.number(record, "id"): record for record in api.records(reply, answer, "comments")}
        users = answer.get("users")
        for user in users if isinstance(users, list) else []:
            if isinstance(user, dict):
                names[user.get("id")] = texts.person(user, "name")
    records = sorted(found.values(), key=lambda record: (text(record, "created_at"), record["id"]))
    keys = await _keys(account, path, records) if settings.is_agent else [""] * len(records)
    authors = [names.get(record.get("author_id")) or f"user {record.get('author_id')}" for record in records]
    return [CommentEntry(*entry) for entry in zip(records, authors, keys, strict=True)]


async def _keys(account: AnyAccount, path: str, records: list[api.Record]) -> list[str]:
    """The key of each comment; audits are read only if a comment after the first has no key but may be ours."""
    keys = [_metadata_key(record) for record in records]
    if all(key or not _by_api(record) for key, record in zip(keys[1:], records[1:], strict=True)):
        return keys
    audits: dict[Any, str] = {}
    async for reply, answer in api.fetch_pages(account, f"{path}/audits"):
        audits |= {audit.get("id"): _metadata_key(audit) for audit in api.records(reply, answer, "audits")}
    return [key or audits.get(record.get("audit_id"), "") for key, record in zip(keys, records, strict=True)]


def _metadata_key(record: api.Record) -> str:
    """The key in the metadata of an audit or comment."""
    metadata = record.get("metadata")
    custom = metadata.get("custom") if isinstance(metadata, dict) else None
    key = custom.get(MARK) if isinstance(custom, dict) else None
    return key if isinstance(key, str) else ""


def _by_api(record: api.Record) -> bool:
    return _channel(record) in {"api", ""}


def _channel(record: api.Record) -> str:
    via = record.get("via")
    return str(via.get("channel") or "") if isinstance(via, dict) else ""


def read_entry(
    entry: CommentEntry, case: api.Record, settings: Settings, bond: str = ""
) -> tuple[Comment | None, tuple[Attachment, ...]]:
    """The comment of an entry, which is None if it only brings files, and its files.

    `bond` replaces the case's own key, where it is known better.
    """
    record, author, key = entry
    body = text(record, "body")
    if not settings.is_agent and _is_ours(record, case):  # an answer of the vendor may quote our key
        body, key = texts.unmarked(body, bond or cases.key_of(case, settings))
    public = record.get("public") is True
    attachments = record.get("attachments") or []
    files = tuple(attachment_from(item, key=key, public=public) for item in attachments if not _is_deleted(item))
    if attachments and (key or not body.strip()):
        return None, files
    machines = set(settings.machine_authors)
    comment = Comment(
        body=body,
        public=public,
        author=author,
        created_at=moment(record, "created_at"),
        reference=str(texts.number(record, "id")),
        key=key,
        automatic=_channel(record) in MACHINES or bool({author, str(record.get("author_id"))} & machines),
    )
    return comment, files


def _is_ours(comment: api.Record, case: api.Record) -> bool:
    return comment.get("author_id") == case.get("requester_id")


def attachment_from(record: Any, *, key: str = "", public: bool = True) -> Attachment:
    """The attachment of a record; raises VendorMisbehaved."""
    record = texts.record(record)
    return Attachment(
        name=file_name(text(record, "file_name")),
        size=texts.size(record, "size"),
        key=key,
        public=public,
        media_type=text(record, "content_type") or "application/octet-stream",
        reference=str(texts.number(record, "id")),
    )


def _is_deleted(record: Any) -> bool:
    return isinstance(record, dict) and record.get("deleted") is True


def comment_values(
    settings: Settings, body: str, key: str, *, public: bool, uploads: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The values that add a comment with its key; raises CaseRefused for an end user's private comment."""
    files = {"uploads": list(uploads)} if uploads else {}
    if settings.is_agent:
        comment = {"body": storable(body, "body"), "public": public, **files}
        return {"comment": comment} | ({"metadata": {MARK: key}} if key else {})
    if not public:
        raise CaseRefused(
            "all comments of customers are public at this vendor",
            next_step="make the comment public, or keep it in the hub",
        )
    return {"comment": {"body": texts.marked(storable(body, "body"), key), **files}}


async def add(account: AnyAccount, reference: CaseReference, comment: Comment) -> Comment:
    """Store a comment with its key; an end user's comment is read back, as the answer lacks its number."""
    values = comment_values(account.settings, comment.body, comment.key, public=comment.public)
    stored = await store(account, reference, values, comment.key)
    return comment.evolve(reference=str(texts.number(stored, "id")) if stored else "")


async def store(account: AnyAccount, reference: CaseReference, values: dict[str, Any], key: str) -> api.Record | None:
    """The comment as stored; None if it can't be found, such as an end user's comment without a key."""
    answer = await cases.write(account, reference, values)
    if account.settings.is_agent:
        audit = answer.get("audit")
        events = audit.get("events") if isinstance(audit, dict) else None
        added = [event for event in events or () if isinstance(event, dict) and event.get("type") == "Comment"]
        if not added:
            raise VendorMisbehaved("the answer does not show the new comment", account=account.name)
        return added[0]
    case = answer["request"]
    ours = [entry.record for entry in await fetch_entries(account, case) if _is_ours(entry.record, case)]
    return next((record for record in reversed(ours) if key and texts.unmarked(text(record, "body"))[1] == key), None)
