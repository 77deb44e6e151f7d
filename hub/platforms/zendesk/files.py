"""Files of a case: each is brought by a comment; one of ours by a comment of its own, which carries its key.

Source: zenpy's recordings: raw bytes go up first, for a token that is good for an hour at least, and the answer is JSON
whatever its type says. How large a file may be is the account's own business.
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
from hub.platforms.zendesk import cases, talk, wire
from hub.platforms.zendesk.settings import Settings


async def add(
    account: AnyAccount, reference: CaseReference, words: VendorWords, given: Attachment, content: AsyncIterator[bytes]
) -> Attachment:
    """Stream a file up, and tie it to the case by a comment that carries its key."""
    settings: Settings = account.settings
    name = file_name(given.name)
    talk.spoken(settings, name, given.key, public=given.public)
    case = cases.case_from(await cases.read_row(account, reference), settings, words)
    if case.status is CaseStatus.CLOSED:
        raise CaseRefused("a closed case takes no files", next_step="open a new case that names this one")
    data = MultipartPart(content, name, given.media_type, given.size)
    reply = await account.client.send("POST", "/uploads", params={"filename": name}, content=data)
    upload = wire.record(reply, "upload")
    values = talk.spoken(settings, f"File {name}", given.key, public=given.public, uploads=(text(upload, "token"),))
    row = await talk.added(account, reference, values, given.key)
    stored = (row or {}).get("attachments") or [upload.get("attachment")]
    return talk.attachment(stored[0], key=given.key, public=given.public).evolve(sha256=given.sha256)


async def fetch(account: AnyAccount, reference: CaseReference, given: Attachment) -> AsyncIterator[bytes]:
    """The bytes of a file of the case, from where it is kept now; raises CaseMissing."""
    row = {"id": int(cases.ident(reference))}
    held = [one for entry in await talk.entries(account, row) for one in entry.row.get("attachments") or []]
    found = [one for one in held if isinstance(one, dict) and str(one.get("id")) == given.reference]
    if not found or not text(found[0], "content_url"):
        raise CaseMissing("the case has no such file", account=account.name)
    if found[0].get("malware_scan_result") == "malware_found":
        raise CaseRefused("the vendor found malware in the file", account=account.name)
    chunks = cast("AsyncGenerator[bytes]", account.client.stream(text(found[0], "content_url"), elsewhere=True))
    async with aclosing(chunks):
        async for chunk in chunks:
            yield chunk
