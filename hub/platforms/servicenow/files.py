"""Files: streamed up to a case and down from it.

Source: "Attachment API" and "CSM Attachment API" of ServiceNow's documentation.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from hub.errors import CaseMissing
from hub.model import AnyAccount, Attachment
from hub.platforms.servicenow import wire
from hub.platforms.servicenow.activities import keyed
from hub.platforms.servicenow.settings import Settings
from hub.platforms.texts import file_name, text


def root(settings: Settings) -> str:
    """Where the account's attachment API is: the one for contacts takes only tables that the vendor allows."""
    return "/api/now/v1/attachment_csm" if settings.is_external else "/api/now/attachment"


async def add(account: AnyAccount, ident: str, given: Attachment, content: AsyncIterator[bytes]) -> Attachment:
    """Stream a file up, its key in its name."""
    asked = {
        "table_name": wire.CASE_TABLE,
        "table_sys_id": wire.sys_id(ident),
        "file_name": keyed(given.name, given.key),
    }
    reply = await account.client.send(
        "POST",
        f"{root(account.settings)}/file",
        params=asked,
        content=content,
        headers={"Content-Type": given.media_type or "application/octet-stream"},
    )
    stored = wire.one(reply)
    return given.evolve(name=file_name(given.name), reference=text(stored, "sys_id"), public=True)


def fetch(account: AnyAccount, given: Attachment) -> AsyncIterator[bytes]:
    """The bytes of a file, from the account's own host whatever a link says."""
    if not given.reference:
        raise CaseMissing("the file has no reference", account=account.name)
    return account.client.stream(f"{root(account.settings)}/{wire.sys_id(given.reference)}/file")
