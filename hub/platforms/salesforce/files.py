"""Files: a ContentVersion holds the bytes, a ContentDocumentLink ties its document to the case.

Source: "Insert or Update Blob Data" of the REST API guide; the names of the two parts for ContentVersion, and
that a link's Visibility may be changed, are taken from open clients.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from hub.errors import CaseMissing
from hub.http import MultipartPart
from hub.model import AnyAccount, Attachment
from hub.platforms import texts
from hub.platforms.salesforce import soql
from hub.platforms.texts import file_name, text

LINK_FIELDS = (
    "Id, LinkedEntityId, ContentDocumentId, Visibility, ContentDocument.Title, ContentDocument.Description, "
    "ContentDocument.ContentSize, ContentDocument.FileExtension, ContentDocument.LatestPublishedVersionId"
)


def attachment(row: soql.Record) -> Attachment:
    """The file that a link tells; only a link for all users is public."""
    document = soql.inner(row, "ContentDocument")
    title, extension = text(document, "Title"), text(document, "FileExtension")
    whole = title if not extension or title.lower().endswith(f".{extension.lower()}") else f"{title}.{extension}"
    size = document.get("ContentSize")
    return Attachment(
        name=file_name(whole),
        size=size if isinstance(size, int) and size >= 0 else None,
        reference=text(document, "LatestPublishedVersionId"),
        key=texts.unmarked(text(document, "Description"))[1],
        public=row.get("Visibility") == "AllUsers",
    )


async def read(account: AnyAccount, case_id: str) -> tuple[Attachment, ...]:
    """The files of a case."""
    of = f"LinkedEntityId = {soql.literal(soql.identifier(case_id))}"
    query = f"SELECT {LINK_FIELDS} FROM ContentDocumentLink WHERE {of} ORDER BY Id ASC"
    return tuple(attachment(row) for row in await soql.every(account, query))


async def add(account: AnyAccount, case_id: str, given: Attachment, content: AsyncIterator[bytes]) -> Attachment:
    """Stream a file up, its key in the description, and let portal users see it where it is public."""
    name, root = file_name(given.name), account.settings.root
    values: dict[str, Any] = {
        "Title": name.rpartition(".")[0] or name,
        "PathOnClient": name,
        "Description": texts.marked("", given.key).strip(),
        "FirstPublishLocationId": soql.identifier(case_id),
    }
    about = MultipartPart(json.dumps(values, ensure_ascii=False), None, "application/json")
    data = MultipartPart(content, name, given.media_type, size=given.size, sha256=given.sha256)
    reply = await account.client.send(
        "POST", f"{root}/sobjects/ContentVersion", files=[("entity_content", about), ("VersionData", data)]
    )
    version = soql.created(reply)
    if given.public:
        await _publish(account, case_id, version)
    return given.evolve(name=name, reference=version)


async def _publish(account: AnyAccount, case_id: str, version: str) -> None:
    one = f"SELECT ContentDocumentId FROM ContentVersion WHERE Id = {soql.literal(soql.identifier(version))}"
    documents = [text(row, "ContentDocumentId") for row in (await soql.page(account, one)).records]
    if not documents:
        return
    same = f"LinkedEntityId = {soql.literal(case_id)} AND ContentDocumentId IN {soql.one_of(documents)}"
    links = await soql.page(account, f"SELECT Id, Visibility FROM ContentDocumentLink WHERE {same}")
    for link in links.records:
        if link.get("Visibility") != "AllUsers":
            path = f"ContentDocumentLink/{soql.identifier(text(link, 'Id'))}"
            await soql.change(account, path, {"Visibility": "AllUsers"})


def fetch(account: AnyAccount, given: Attachment) -> AsyncIterator[bytes]:
    """The bytes of a file; raises CaseMissing when its reference is none."""
    if not given.reference:
        raise CaseMissing("the file has no reference", account=account.name)
    ident = soql.identifier(given.reference)
    return account.client.stream(f"{account.settings.root}/sobjects/ContentVersion/{ident}/VersionData")
