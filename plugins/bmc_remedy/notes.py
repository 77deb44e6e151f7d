"""Comments and files: entries of HPD:WorkLog, which hold a text and up to three files each.

Source: BMC Helix ITSM, "The REST API references" of HPD:WorkLog; Splunk's open connector for Remedy.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

from hub.errors import CaseMissing, VendorMisbehaved, VendorUnavailable
from hub.http import MultipartPart
from hub.model import Account, Attachment, CaseReference, Comment
from hub.platforms import texts
from hub.platforms.texts import file_name, ident, moment, storable, text

from . import client as ar
from .mapping import MACHINE_NOTES
from .settings import BmcSettings
from .texts import note_key, note_summary

WORK_LOG = "HPD:WorkLog"
ID = "Work Log ID"
NUMBER = "Incident Number"
CHANGED = "Last Modified Date"
FILES = ("z2AF Work Log01", "z2AF Work Log02", "z2AF Work Log03")
FIELDS = (
    ID,
    NUMBER,
    "Work Log Type",
    "Description",
    "Short Description",
    "Detailed Description",
    "View Access",
    "Work Log Submitter",
    "Submitter",
    "Work Log Submit Date",
    "Submit Date",
    CHANGED,
    *FILES,
)
PUBLIC = "Public"
INTERNAL = "Internal"
_REFERENCE = re.compile(r"([A-Za-z0-9]{1,40})/(z2AF Work Log0[1-3])")


class WorkLogNote(NamedTuple):
    """What one work log entry tells."""

    case: CaseReference
    comments: tuple[Comment, ...]
    attachments: tuple[Attachment, ...]


def note_from(row: ar.Row, settings: BmcSettings) -> WorkLogNote:
    """The comment and the files of a row; raises VendorMisbehaved for missing and ill-typed fields.

    A note of ours that carries a file is the file alone. Whatever is not marked public is private.
    """
    values = row.values
    note_id, number = ident(values, ID) or row.id, ident(values, NUMBER)
    if not note_id or not number:
        raise VendorMisbehaved(f"an entry of {WORK_LOG} lacks its id or its incident")
    public = text(values, "View Access") == PUBLIC
    short = text(values, "Description", "Short Description")
    key = note_key(settings.note_summary, short)
    attachments = tuple(
        _attachment(note_id, name, values[name], key, public) for name in FILES if values.get(name) is not None
    )
    long = text(values, "Detailed Description")
    body = long if key or short in long else "\n\n".join(part for part in (short, long) if part)
    comment = Comment(
        body=body,
        public=public,
        author=texts.person(values, "Work Log Submitter", "Submitter"),
        created_at=moment(values, "Work Log Submit Date", "Submit Date"),
        reference=note_id,
        key=key,
        automatic=text(values, "Work Log Type") in MACHINE_NOTES,
    )
    silent = not body or (key and attachments)
    return WorkLogNote(CaseReference(number=number), () if silent else (comment,), attachments)


def _attachment(note_id: str, name: str, value: Any, key: str, public: bool) -> Attachment:
    told = value if isinstance(value, dict) else {"name": value}
    return Attachment(
        name=file_name(text(told, "name")),
        size=texts.size(told, "sizeBytes"),
        reference=f"{note_id}/{name}",
        key=key,
        public=public,
    )


async def read_notes(account: Account[BmcSettings], number: str) -> list[WorkLogNote]:
    """All notes of a case, oldest first."""
    condition = f"{ar.field(NUMBER)} = {ar.literal(number)}"
    limit = account.settings.page_size
    rows = await ar.every(account.client, WORK_LOG, condition, FIELDS, key=ID, limit=limit)
    return [note_from(row, account.settings) for row in rows]


async def add_comment(account: Account[BmcSettings], reference: CaseReference, comment: Comment) -> Comment:
    """Write a note; its summary carries the comment's key."""
    values = _values(account.settings, reference, comment.key, storable(comment.body, "body"), comment.public)
    made = await ar.create(account.client, WORK_LOG, values, (ID,))
    note_id = text(made.values, ID) or made.id
    if not note_id:
        found = [one for note in await read_notes(account, reference.number) for one in note.comments]
        note_id = _first(account, [one.reference for one in found if comment.key and one.key == comment.key])
    return comment.evolve(reference=note_id)


async def add_attachment(
    account: Account[BmcSettings], reference: CaseReference, attachment: Attachment, content: AsyncIterator[bytes]
) -> Attachment:
    """Write a note that holds the file; its summary carries the attachment's key."""
    name = file_name(attachment.name)
    values = _values(account.settings, reference, attachment.key, f"File {name}", attachment.public)
    values[FILES[0]] = name
    file = MultipartPart(content, name, attachment.media_type, size=attachment.size, sha256=attachment.sha256)
    made = await ar.create(account.client, WORK_LOG, values, (ID,), file=(FILES[0], file))
    note_id = text(made.values, ID) or made.id
    if note_id:
        return attachment.evolve(name=name, reference=f"{note_id}/{FILES[0]}")
    stored = [one for note in await read_notes(account, reference.number) for one in note.attachments]
    same = [one.reference for one in stored if attachment.key and one.key == attachment.key]
    return attachment.evolve(name=name, reference=_first(account, same))


def _values(settings: BmcSettings, reference: CaseReference, key: str, body: str, public: bool) -> dict[str, str]:
    return {
        NUMBER: reference.number,
        "Work Log Type": settings.note_type,
        "Description": note_summary(settings.note_summary, storable(key, "key")),
        "Detailed Description": body,
        "View Access": PUBLIC if public else INTERNAL,
        "Secure Work Log": "No",
    }


def _first(account: Account[BmcSettings], found: list[str]) -> str:
    if not found:
        raise VendorUnavailable(
            "the note was stored but can't be found yet",
            next_step="it is looked for by its key",
            account=account.name,
            in_doubt=True,
        )
    return found[0]


def fetch_attachment(account: Account[BmcSettings], attachment: Attachment) -> AsyncIterator[bytes]:
    """The bytes of a file; raises CaseMissing when its reference is not one of this plugin's."""
    found = _REFERENCE.fullmatch(attachment.reference)
    if not found:
        raise CaseMissing(
            f"file {file_name(attachment.name)!r} has no place at the vendor",
            next_step="read the case again",
            account=account.name,
        )
    return ar.download(account.client, WORK_LOG, found[1], found[2])
