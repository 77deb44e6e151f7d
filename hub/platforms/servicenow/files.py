"""Files: upload to a case and download from it.

Source: "Attachment API" and "CSM Attachment API" of ServiceNow's documentation.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from hub.errors import CaseMissing
from hub.model import AnyAccount, Attachment
from hub.platforms.servicenow import api
from hub.platforms.servicenow.comments import with_key
from hub.platforms.servicenow.settings import Settings
from hub.platforms.texts import file_name, text


def root(settings: Settings) -> str:
    """The path of the attachment API; the API for contacts accepts only tables that the vendor allows."""
    return "/api/now/v1/attachment_csm" if settings.is_external else "/api/now/attachment"


async def add(account: AnyAccount, ident: str, file: Attachment, content: AsyncIterator[bytes]) -> Attachment:
    """Upload a file with its key in its name."""
    params = {
        "table_name": api.CASE_TABLE,
        "table_sys_id": api.sys_id(ident),
        "file_name": with_key(file.name, file.key),
    }
    reply = await account.client.send(
        "POST",
        f"{root(account.settings)}/file",
        params=params,
        content=content,
        headers={"Content-Type": file.media_type or "application/octet-stream"},
    )
    stored = api.record(reply)
    return file.evolve(name=file_name(file.name), reference=text(stored, "sys_id"), public=True)


def fetch(account: AnyAccount, file: Attachment) -> AsyncIterator[bytes]:
    """The bytes of a file, always from the account's own host; raises CaseMissing if it has no reference."""
    if not file.reference:
        raise CaseMissing("the file has no reference", account=account.name)
    return account.client.stream(f"{root(account.settings)}/{api.sys_id(file.reference)}/file")
