"""Files of a case: every file belongs to a comment; each file of ours has a comment of its own with its key.

Source: zenpy's recordings: the raw bytes are uploaded first, for a token that is valid for at least an hour, and the
answer is JSON whatever its type says. The account decides how large a file may be.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import cast

from hub.errors import CaseMissing, CaseRefused
from hub.http import MultipartPart
from hub.model import AnyAccount, Attachment, CaseReference, CaseStatus
from hub.platforms.texts import file_name, text
from hub.platforms.words import VendorWords
from hub.platforms.zendesk import api, cases, comments
from hub.platforms.zendesk.settings import Settings


async def add(
    account: AnyAccount, reference: CaseReference, words: VendorWords, file: Attachment, content: AsyncIterator[bytes]
) -> Attachment:
    """Upload a file, and attach it to the case with a comment that carries its key."""
    settings: Settings = account.settings
    name = file_name(file.name)
    comments.comment_values(settings, name, file.key, public=file.public)
    case = cases.case_from(await cases.read_record(account, reference), settings, words)
    if case.status is CaseStatus.CLOSED:
        raise CaseRefused("a closed case accepts no files", next_step="open a new case that refers to this one")
    data = MultipartPart(content, name, file.media_type, file.size)
    reply = await account.client.send("POST", "/uploads", params={"filename": name}, content=data)
    upload = api.record(reply, "upload")
    values = comments.comment_values(
        settings, f"File {name}", file.key, public=file.public, uploads=(text(upload, "token"),)
    )
    comment = await comments.store(account, reference, values, file.key)
    stored = (comment or {}).get("attachments") or [upload.get("attachment")]
    return comments.attachment_from(stored[0], key=file.key, public=file.public).evolve(sha256=file.sha256)


async def fetch(account: AnyAccount, reference: CaseReference, file: Attachment) -> AsyncIterator[bytes]:
    """The bytes of a file of the case, from its current address; raises CaseMissing."""
    entries = await comments.fetch_entries(account, {"id": int(cases.ident(reference))})
    attachments = [record for entry in entries for record in entry.record.get("attachments") or []]
    found = [record for record in attachments if isinstance(record, dict) and str(record.get("id")) == file.reference]
    if not found or not text(found[0], "content_url"):
        raise CaseMissing("the case has no such file", account=account.name)
    if found[0].get("malware_scan_result") == "malware_found":
        raise CaseRefused("the vendor found malware in the file", account=account.name)
    chunks = cast("AsyncGenerator[bytes]", account.client.stream(text(found[0], "content_url"), elsewhere=True))
    async with aclosing(chunks):
        async for chunk in chunks:
            yield chunk
