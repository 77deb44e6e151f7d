"""A case's timeline: comments, work notes and files.

Source: "Case API", activities, of ServiceNow's documentation.
"""

from __future__ import annotations

import re
from typing import Any

from hub.errors import CaseRefused, VendorMisbehaved
from hub.model import AnyAccount, Attachment, Comment
from hub.platforms import parts, texts
from hub.platforms.servicenow import cases, wire
from hub.platforms.servicenow.settings import Settings
from hub.platforms.texts import file_name, storable, text

_SIZE = 100
_EXTENSION = re.compile(r"\.[^.\s\[\]]+$")
_NAMED = re.compile(rf" \[([^\[\]\s~]+-[^\[\]\s~]+)~([^\[\]\s~]+)\]({_EXTENSION.pattern[:-1]})?$")


def comment(entry: wire.Record, settings: Settings) -> Comment:
    """The comment that an entry tells; only `comments` are public."""
    body, key = texts.unmarked(text(entry, "value"))
    author = text(entry, "name")
    return Comment(
        body=body,
        public=entry.get("element") == "comments",
        author=author,
        created_at=wire.moment(entry, "sys_created_on"),
        reference=text(entry, "sys_id"),
        key=key,
        automatic=author in settings.machine_authors,
    )


def attachment(entry: wire.Record) -> Attachment:
    """The file that an entry tells; whoever sees the case sees it."""
    told = entry.get("attachment")
    if not isinstance(told, dict):
        raise VendorMisbehaved("a file's entry lacks the file")
    name, key = unkeyed(text(told, "file_name"))
    size = told.get("size_bytes")
    return Attachment(
        name=name,
        key=key,
        size=int(str(size)) if str(size).isdigit() else None,
        reference=text(told, "sys_id"),
        media_type=text(told, "content_type") or "application/octet-stream",
        public=True,
    )


def keyed(name: str, key: str) -> str:
    """A file's name with the operation's key before its extension, as files have no field for it."""
    clean = file_name(name)
    if not key:
        return clean
    mark = f" [{key.replace('/', '~')}]"
    extension = _EXTENSION.search(clean, 1)
    return f"{clean[: extension.start()]}{mark}{extension[0]}" if extension else f"{clean}{mark}"


def unkeyed(name: str) -> tuple[str, str]:
    """A file's name without the key, and the key."""
    found = _NAMED.search(name)
    if found is None:
        return file_name(name), ""
    return file_name(name[: found.start()] + (found[3] or "")), f"{found[1]}/{found[2]}"


async def read(account: AnyAccount, ident: str) -> tuple[tuple[Comment, ...], tuple[Attachment, ...]]:
    """All comments and files of a case, oldest first; the text that opened it is no comment."""
    said, files = await _read(account, ident)
    return parts.joined(said), files


async def _read(account: AnyAccount, ident: str) -> tuple[list[parts.CommentPart], tuple[Attachment, ...]]:
    settings = account.settings
    kinds = "comments,attachment" if settings.is_external else "comments,work_notes,attachment"
    path, offset, entries = f"{wire.CASE}/{wire.sys_id(ident)}/activities", 0, list[Any]()
    for _ in range(wire.MOST_PAGES):
        asked = {"sysparm_activity_type": kinds, "sysparm_limit": _SIZE, "sysparm_offset": offset}
        reply = await account.client.get(path, params=asked)
        told = wire.one(reply).get("entries")
        if not isinstance(told, list):
            raise reply.misbehaved("a timeline has no entries")
        entries += told
        offset += _SIZE
        if not wire.goes_on(reply, offset, len(told), _SIZE):
            break
    once = {text(one, "sys_id"): one for one in reversed(entries) if isinstance(one, dict)}
    ordered = sorted(once.values(), key=lambda one: text(one, "sys_created_on"))
    said = (comment(one, settings) for one in ordered if one.get("element") in {"comments", "work_notes"})
    files = tuple(attachment(one) for one in ordered if one.get("element") == "attachment")
    return [parts.read_part(one) for one in said if not one.key.endswith(f"/{cases.OPENING}")], files


async def missing(account: AnyAccount, ident: str, body: str, key: str) -> tuple[str, ...]:
    """The texts that a comment takes, each within the limit, less those that an earlier try has stored."""
    pieces = parts.split(storable(body, "body"), key, account.settings.text_limit)
    said = (await _read(account, ident))[0] if key else []
    stored = {one.part for one in said if one.comment.key == key}
    return tuple(piece for at, piece in enumerate(pieces, 1) if at not in stored)


async def add(account: AnyAccount, ident: str, given: Comment) -> Comment:
    """Store a comment with its key, and read its reference; raises CaseRefused for a contact's private one."""
    if not given.public and account.settings.is_external:
        raise CaseRefused(
            "a contact's login can't write private comments",
            account=account.name,
            next_step="keep it in the hub, make it public, or have the vendor give an integration user",
        )
    pieces = parts.split(storable(given.body, "body"), given.key, account.settings.text_limit)
    if len(pieces) > 1:
        pieces = await missing(account, ident, given.body, given.key)
    for piece in pieces:
        await cases.write(account, ident, {"comments" if given.public else "work_notes": piece})
    said, _ = await _read(account, ident)
    stored = [one.comment.reference for one in said if given.key and one.comment.key == given.key]
    return given.evolve(reference=stored[0] if stored else "")
