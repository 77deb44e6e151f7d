"""Conversations of a ticket: notes and replies, and the files that they bring.

Source: "Conversations" of the API's manual and python-freshdesk. They come oldest first; the ticket's description is
none of them; a note is private unless it says otherwise. A file of ours is a note of its own, which holds its key.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any, NamedTuple, cast

from hub.errors import CaseMissing, VendorMisbehaved
from hub.http import MultipartPart
from hub.model import AnyAccount, Attachment, Comment
from hub.platforms import texts
from hub.platforms.freshdesk import wire
from hub.platforms.freshdesk.settings import Settings
from hub.platforms.markup import as_html, as_text
from hub.platforms.texts import file_name, moment, storable, text

NOTE, REPLY = 2, 0


class ConversationEntry(NamedTuple):
    """What a conversation holds: a comment, unless it only brings files, and its files."""

    comment: Comment | None
    files: tuple[Attachment, ...]


def said(entry: wire.Record, settings: Settings) -> ConversationEntry:
    """What an entry tells; raises VendorMisbehaved. What does not say that it is public is private."""
    body = as_text(text(entry, "body"))
    ours = {NOTE} | ({REPLY} if settings.public_as == "reply" else set())
    key = ""
    if entry.get("source") in ours:  # a reply may quote our note, with its key
        body, key = texts.unmarked(body)
    author = text(entry, "from_email") or str(entry.get("user_id") or "unknown")
    public = entry.get("private") is False
    held = entry.get("attachments") or []
    files = tuple(attachment(one, key=key, public=public) for one in held)
    if files and (key or not body):
        return ConversationEntry(None, files)
    comment = Comment(
        body=body,
        public=public,
        author=author,
        created_at=moment(entry, "created_at"),
        reference=str(texts.number(entry, "id")),
        key=key,
        automatic=bool({author, str(entry.get("user_id"))} & set(settings.machine_authors)),
    )
    return ConversationEntry(comment, files)


def attachment(one: Any, *, key: str = "", public: bool = True) -> Attachment:
    """The file that a record tells."""
    if not isinstance(one, dict):
        raise VendorMisbehaved("a file's record is none")
    size = one.get("size", one.get("file_size"))
    return Attachment(
        name=file_name(text(one, "name")),
        size=size if isinstance(size, int) else None,
        key=key,
        public=public,
        media_type=text(one, "content_type") or "application/octet-stream",
        reference=str(texts.number(one, "id")),
    )


async def read(account: AnyAccount, number: str) -> tuple[tuple[Comment, ...], tuple[Attachment, ...]]:
    """All comments and their files, oldest first."""
    heard = [said(one, account.settings) async for one in _entries(account, number)]
    comments = tuple(one.comment for one in heard if one.comment is not None)
    return comments, tuple(file for one in heard for file in one.files)


def _entries(account: AnyAccount, number: str) -> AsyncIterator[wire.Record]:
    return wire.every(account, f"/tickets/{number}/conversations")


async def add(account: AnyAccount, number: str, given: Comment) -> Comment:
    """Store a comment with its key: a private note, or a public note or reply as the account's settings say."""
    body = as_html(texts.marked(storable(given.body, "body"), given.key))
    if given.public and account.settings.public_as == "reply":
        reply = await account.client.send("POST", f"/tickets/{number}/reply", json={"body": body})
    else:
        note = {"body": body, "private": not given.public}
        reply = await account.client.send("POST", f"/tickets/{number}/notes", json=note)
    return given.evolve(reference=str(texts.number(reply.json(dict), "id")))


async def add_file(account: AnyAccount, number: str, given: Attachment, content: AsyncIterator[bytes]) -> Attachment:
    """Stream a file up with a note that carries its key."""
    name = file_name(given.name)
    form = {"body": as_html(texts.marked(f"File {name}", given.key)), "private": not given.public}
    part = MultipartPart(content, name, given.media_type or "application/octet-stream", given.size, given.sha256)
    reply = await account.client.send("POST", f"/tickets/{number}/notes", form=form, files=[("attachments[]", part)])
    stored = reply.json(dict).get("attachments")
    if not isinstance(stored, list) or len(stored) != 1:
        raise reply.misbehaved("the stored note does not tell of its file")
    return attachment(stored[0], key=given.key, public=given.public).evolve(sha256=given.sha256)


async def fetch(account: AnyAccount, number: str, given: Attachment) -> AsyncIterator[bytes]:
    """The bytes of a file: its address is good for minutes only, so it is asked for anew. Raises CaseMissing."""
    address = await _address(account, number, given.reference) if given.reference else ""
    if not address:
        raise CaseMissing("the ticket has no such file", account=account.name)
    chunks = cast("AsyncGenerator[bytes]", account.client.stream(address, elsewhere=True))
    async with aclosing(chunks):
        async for chunk in chunks:
            yield chunk


async def _address(account: AnyAccount, number: str, ident: str) -> str:
    ticket = (await account.client.get(f"/tickets/{number}")).json(dict)
    if found := _among(ticket, ident):
        return found
    async for entry in _entries(account, number):
        if found := _among(entry, ident):
            return found
    return ""


def _among(holder: wire.Record, ident: str) -> str:
    for one in holder.get("attachments") or []:
        if isinstance(one, dict) and str(one.get("id")) == ident:
            return text(one, "attachment_url")
    return ""
