"""Conversations of a ticket: notes and replies, and the files that they bring.

Source: "Conversations" of the API's manual and python-freshdesk. Entries come oldest first, without the ticket's
description. A note is private unless it says otherwise. Each file of ours has a note of its own, which carries its key.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any, NamedTuple, cast

from hub.errors import CaseMissing
from hub.http import MultipartPart
from hub.markup.html import html_to_text
from hub.model import AnyAccount, Attachment, Comment
from hub.platforms import texts
from hub.platforms.freshdesk import api
from hub.platforms.freshdesk.settings import Settings
from hub.platforms.markup import as_html
from hub.platforms.texts import file_name, moment, storable, text

NOTE, REPLY = 2, 0


class ConversationEntry(NamedTuple):
    """The comment of an entry, which is None if it only brings files, and its files."""

    comment: Comment | None
    files: tuple[Attachment, ...]


def read_entry(entry: api.Record, settings: Settings, bond: str = "") -> ConversationEntry:
    """An entry's comment and files; raises VendorMisbehaved. An entry is private unless it says that it is public.

    `bond` is the case's own key, if it is known.
    """
    body = html_to_text(text(entry, "body"), settings.base_url)
    ours = {NOTE} | ({REPLY} if settings.public_as == "reply" else set())
    key = ""
    if entry.get("source") in ours:  # a reply may quote our note with its key
        body, key = texts.unmarked(body, bond)
    author = texts.person(entry, "from_email") or str(entry.get("user_id") or "unknown")[: texts.PERSON_LIMIT]
    public = entry.get("private") is False
    records = entry.get("attachments") or []
    files = tuple(attachment_from(record, key=key, public=public) for record in records)
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


def attachment_from(record: Any, *, key: str = "", public: bool = True) -> Attachment:
    """The attachment of a record; raises VendorMisbehaved."""
    record = texts.record(record)
    return Attachment(
        name=file_name(text(record, "name")),
        size=texts.size(record, "size", "file_size"),
        key=key,
        public=public,
        media_type=text(record, "content_type") or "application/octet-stream",
        reference=str(texts.number(record, "id")),
    )


async def read(account: AnyAccount, number: str, bond: str = "") -> tuple[tuple[Comment, ...], tuple[Attachment, ...]]:
    """All comments and their files, oldest first; `bond` is the case's own key, if it is known."""
    entries = [read_entry(record, account.settings, bond) async for record in _entries(account, number)]
    comments = tuple(entry.comment for entry in entries if entry.comment is not None)
    return comments, tuple(file for entry in entries for file in entry.files)


def _entries(account: AnyAccount, number: str) -> AsyncIterator[api.Record]:
    return api.fetch_all(account, f"/tickets/{number}/conversations")


async def add(account: AnyAccount, number: str, comment: Comment) -> Comment:
    """Store a comment with its key: a private note, or a public note or reply, as the settings say."""
    body = as_html(texts.marked(storable(comment.body, "body"), comment.key))
    if comment.public and account.settings.public_as == "reply":
        reply = await account.client.send("POST", f"/tickets/{number}/reply", json={"body": body})
    else:
        note = {"body": body, "private": not comment.public}
        reply = await account.client.send("POST", f"/tickets/{number}/notes", json=note)
    return comment.evolve(reference=str(texts.number(reply.json(dict), "id")))


async def add_file(account: AnyAccount, number: str, file: Attachment, content: AsyncIterator[bytes]) -> Attachment:
    """Upload a file with a note that carries its key."""
    name = file_name(file.name)
    form = {"body": as_html(texts.marked(f"File {name}", file.key)), "private": not file.public}
    part = MultipartPart(content, name, file.media_type or "application/octet-stream", file.size, file.sha256)
    reply = await account.client.send("POST", f"/tickets/{number}/notes", form=form, files=[("attachments[]", part)])
    stored = reply.json(dict).get("attachments")
    if not isinstance(stored, list) or len(stored) != 1:
        raise reply.misbehaved("the stored note does not show its file")
    return attachment_from(stored[0], key=file.key, public=file.public).evolve(sha256=file.sha256)


async def fetch_file(account: AnyAccount, number: str, file: Attachment) -> AsyncIterator[bytes]:
    """The bytes of a file. Its address is valid for minutes only, so it is read again. Raises CaseMissing."""
    address = await _address(account, number, file.reference) if file.reference else ""
    if not address:
        raise CaseMissing("the ticket has no such file", account=account.name)
    chunks = cast("AsyncGenerator[bytes]", account.client.stream(address, elsewhere=True))
    async with aclosing(chunks):
        async for chunk in chunks:
            yield chunk


async def _address(account: AnyAccount, number: str, ident: str) -> str:
    ticket = (await account.client.get(f"/tickets/{number}")).json(dict)
    if address := _find_address(ticket, ident):
        return address
    async for entry in _entries(account, number):
        if address := _find_address(entry, ident):
            return address
    return ""


def _find_address(holder: api.Record, ident: str) -> str:
    for record in holder.get("attachments") or []:
        if isinstance(record, dict) and str(record.get("id")) == ident:
            return text(record, "attachment_url")
    return ""
