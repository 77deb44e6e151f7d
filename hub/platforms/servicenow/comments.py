"""A case's timeline: comments, work notes and files.

Source: "Case API", activities, of ServiceNow's documentation.
"""

from __future__ import annotations

import re
from typing import Any

from hub.errors import CaseRefused
from hub.model import AnyAccount, Attachment, Comment
from hub.platforms import parts, texts
from hub.platforms.servicenow import api, cases
from hub.platforms.servicenow.journal import read_journal, shield
from hub.platforms.servicenow.settings import Settings
from hub.platforms.texts import file_name, ident, storable, text

SIZE = 100
_EXTENSION = re.compile(r"\.[^.\s\[\]]+$")
_WITH_KEY = re.compile(rf" \[([^\[\]\s~]+-[^\[\]\s~]+)~([^\[\]\s~]+)\]({_EXTENSION.pattern[:-1]})?$")


def comment_from(entry: api.Record, settings: Settings, bond: str = "") -> Comment:
    """The comment of an entry; only `comments` are public, work notes are not. `bond` is the case's key, if known."""
    body, key = texts.unmarked(read_journal(text(entry, "value"), settings.base_url), bond)
    author = texts.person(entry, "name")
    return Comment(
        body=body,
        public=entry.get("element") == "comments",
        author=author,
        created_at=api.moment(entry, "sys_created_on"),
        reference=ident(entry, "sys_id"),
        key=key,
        automatic=author in settings.machine_authors,
    )


def attachment_from(entry: api.Record) -> Attachment:
    """The file of an entry; whoever can read the case can read it."""
    file = texts.record(entry.get("attachment"))
    name, key = without_key(text(file, "file_name"))
    return Attachment(
        name=name,
        key=key,
        size=texts.size(file, "size_bytes"),
        reference=ident(file, "sys_id"),
        media_type=text(file, "content_type") or "application/octet-stream",
        public=True,
    )


def with_key(name: str, key: str) -> str:
    """A file's name with the operation's key before its extension, as files have no field for the key."""
    clean = file_name(name)
    if not key:
        return clean
    mark = f" [{key.replace('/', '~')}]"
    extension = _EXTENSION.search(clean, 1)
    return f"{clean[: extension.start()]}{mark}{extension[0]}" if extension else f"{clean}{mark}"


def without_key(name: str) -> tuple[str, str]:
    """A file's name without the key, and the key."""
    match = _WITH_KEY.search(name)
    key = f"{match[1]}/{match[2]}" if match else ""
    if match is None or not texts.is_key(key):
        return file_name(name), ""
    return file_name(name[: match.start()] + (match[3] or "")), key


async def read(account: AnyAccount, case_id: str, bond: str = "") -> tuple[tuple[Comment, ...], tuple[Attachment, ...]]:
    """All comments and files of a case, oldest first, without the text that opened it.

    `bond` is the case's own key, if it is known.
    """
    comments, files = await _read(account, case_id, bond)
    return parts.joined(comments), files


async def _read(
    account: AnyAccount, case_id: str, bond: str = ""
) -> tuple[list[parts.CommentPart], tuple[Attachment, ...]]:
    settings = account.settings
    kinds = "comments,attachment" if settings.is_external else "comments,work_notes,attachment"
    path, offset, entries = f"{api.CASE}/{api.sys_id(case_id)}/activities", 0, list[Any]()
    for _ in range(api.MAX_PAGES):
        params = {"sysparm_activity_type": kinds, "sysparm_limit": SIZE, "sysparm_offset": offset}
        reply = await account.client.get(path, params=params)
        page = api.record(reply).get("entries")
        if not isinstance(page, list):
            raise reply.misbehaved("a timeline has no entries")
        entries += page
        offset += SIZE
        if not api.has_next_page(reply, offset, len(page), SIZE):
            break
    unique = {text(entry, "sys_id"): entry for entry in reversed(entries) if isinstance(entry, dict)}
    ordered = sorted(unique.values(), key=lambda entry: text(entry, "sys_created_on"))
    comments = [
        comment_from(entry, settings, bond) for entry in ordered if entry.get("element") in {"comments", "work_notes"}
    ]
    files = tuple(attachment_from(entry) for entry in ordered if entry.get("element") == "attachment")
    opening = next((comment for comment in comments if comment.key.endswith(f"/{texts.OPENING}")), None)
    return [parts.read_part(comment) for comment in comments if comment is not opening], files


async def missing_parts(account: AnyAccount, case_id: str, body: str, key: str) -> tuple[str, ...]:
    """The parts of a comment, each within the limit, without those that an earlier try has stored."""
    pieces = parts.split(shield(storable(body, "body")), key, account.settings.text_limit)
    existing = (await _read(account, case_id))[0] if key else []
    stored = {part.part for part in existing if part.comment.key == key}
    return tuple(piece for at, piece in enumerate(pieces, 1) if at not in stored)


async def add(account: AnyAccount, case_id: str, comment: Comment) -> Comment:
    """Store a comment with its key, and read its reference; raises CaseRefused for a contact's private comment."""
    if not comment.public and account.settings.is_external:
        raise CaseRefused(
            "a contact's login can't write private comments",
            account=account.name,
            next_step="keep it in the hub, make it public, or ask the vendor for an integration user",
        )
    pieces = parts.split(shield(storable(comment.body, "body")), comment.key, account.settings.text_limit)
    if len(pieces) > 1:
        pieces = await missing_parts(account, case_id, comment.body, comment.key)
    for piece in pieces:
        await cases.write(account, case_id, {"comments" if comment.public else "work_notes": piece})
    existing, _ = await _read(account, case_id)
    stored = [part.comment.reference for part in existing if comment.key and part.comment.key == comment.key]
    return comment.evolve(reference=stored[0] if stored else "")
