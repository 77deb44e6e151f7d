"""Files: a ContentVersion holds the bytes, a ContentDocumentLink links its document to the case.

Source: "Insert or Update Blob Data" of the REST API guide. The names of the two parts for ContentVersion, and that a
link's Visibility may be changed, are from open-source clients.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from hub.errors import CaseMissing
from hub.http import MultipartPart
from hub.model import AnyAccount, Attachment
from hub.platforms import texts
from hub.platforms.salesforce import api, soql
from hub.platforms.texts import file_name, ident, text

LINK_FIELDS = (
    "Id, LinkedEntityId, ContentDocumentId, Visibility, ContentDocument.Title, ContentDocument.Description, "
    "ContentDocument.ContentSize, ContentDocument.FileExtension, ContentDocument.LatestPublishedVersionId"
)


def attachment_from(link: api.Record) -> Attachment:
    """The file of a link; only a link for all users is public."""
    document = api.parent(link, "ContentDocument")
    title, extension = text(document, "Title"), text(document, "FileExtension")
    name = title if not extension or title.lower().endswith(f".{extension.lower()}") else f"{title}.{extension}"
    return Attachment(
        name=file_name(name),
        size=texts.size(document, "ContentSize"),
        reference=ident(document, "LatestPublishedVersionId"),
        key=texts.unmarked(text(document, "Description"))[1],
        public=link.get("Visibility") == "AllUsers",
    )


async def read(account: AnyAccount, case_id: str) -> tuple[Attachment, ...]:
    """The files of a case."""
    condition = f"LinkedEntityId = {soql.literal(soql.identifier(case_id))}"
    query = f"SELECT {LINK_FIELDS} FROM ContentDocumentLink WHERE {condition} ORDER BY Id ASC"
    return tuple(attachment_from(link) for link in await api.fetch_all(account, query))


async def add(account: AnyAccount, case_id: str, file: Attachment, content: AsyncIterator[bytes]) -> Attachment:
    """Upload a file with its key in the description; portal users may see it if it is public."""
    name, root = file_name(file.name), account.settings.root
    values: dict[str, Any] = {
        "Title": name.rpartition(".")[0] or name,
        "PathOnClient": name,
        "Description": texts.marked("", file.key).strip(),
        "FirstPublishLocationId": soql.identifier(case_id),
    }
    entity = MultipartPart(json.dumps(values, ensure_ascii=False), None, "application/json")
    data = MultipartPart(content, name, file.media_type, size=file.size, sha256=file.sha256)
    reply = await account.client.send(
        "POST", f"{root}/sobjects/ContentVersion", files=[("entity_content", entity), ("VersionData", data)]
    )
    version = api.created_id(reply)
    if file.public:
        await _publish(account, case_id, version)
    return file.evolve(name=name, reference=version)


async def _publish(account: AnyAccount, case_id: str, version: str) -> None:
    query = f"SELECT ContentDocumentId FROM ContentVersion WHERE Id = {soql.literal(soql.identifier(version))}"
    documents = [text(record, "ContentDocumentId") for record in (await api.fetch_page(account, query)).records]
    if not documents:
        return
    condition = f"LinkedEntityId = {soql.literal(case_id)} AND ContentDocumentId IN {soql.one_of(documents)}"
    links = await api.fetch_page(account, f"SELECT Id, Visibility FROM ContentDocumentLink WHERE {condition}")
    for link in links.records:
        if link.get("Visibility") != "AllUsers":
            path = f"ContentDocumentLink/{soql.identifier(text(link, 'Id'))}"
            await api.update(account, path, {"Visibility": "AllUsers"})


def fetch(account: AnyAccount, file: Attachment) -> AsyncIterator[bytes]:
    """The bytes of a file; raises CaseMissing if it has no valid reference."""
    if not file.reference:
        raise CaseMissing("the file has no reference", account=account.name)
    version = soql.identifier(file.reference)
    return account.client.stream(f"{account.settings.root}/sobjects/ContentVersion/{version}/VersionData")
