"""The org's objects: their fields, limits, parents and children."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec


class Field(msgspec.Struct, frozen=True):
    """One field; `length` counts characters, or bytes if `in_bytes` is set."""

    name: str
    kind: str = "string"
    """id, reference, string, textarea, picklist, boolean, datetime, date, int or base64."""
    length: int = 0
    createable: bool = True
    updateable: bool = True
    filterable: bool = True
    values: tuple[str, ...] = ()
    default: str | bool | None = None
    in_bytes: bool = False
    external_id: bool = False
    required: bool = False


@dataclass(frozen=True)
class SObject:
    """One object type."""

    name: str
    prefix: str
    fields: Mapping[str, Field]
    """By name in lower case, as names are found in any case of letters."""
    parents: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Relationship in lower case: the field with the id, and the parent's type."""
    children: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Relationship in lower case: the child's type, and its field with our id."""
    createable: bool = True
    history: bool = False
    """Whether queryAll shows rows that were deleted."""

    def field(self, name: str) -> Field | None:
        """The field of that name, in any case of letters."""
        return self.fields.get(name.lower())


def _locked(name: str, kind: str, length: int = 0) -> Field:
    return Field(name, kind, length, createable=False, updateable=False)


_SYSTEM = (
    _locked("Id", "id", 18),
    _locked("IsDeleted", "boolean"),
    _locked("CreatedDate", "datetime"),
    _locked("CreatedById", "reference", 18),
    _locked("LastModifiedDate", "datetime"),
    _locked("LastModifiedById", "reference", 18),
    _locked("SystemModstamp", "datetime"),
)
_BY = {"createdby": ("CreatedById", "User"), "lastmodifiedby": ("LastModifiedById", "User")}


def _fields(*own: Field) -> dict[str, Field]:
    return {field.name.lower(): field for field in (*_SYSTEM, *own)}


def _case(statuses: tuple[str, ...], priorities: tuple[str, ...], key_field: str, extra: tuple[Field, ...]) -> SObject:
    own = (
        _locked("CaseNumber", "string", 30),
        _locked("MasterRecordId", "reference", 18),
        *(Field(name, "reference", 18) for name in ("ContactId", "AccountId", "AssetId", "ParentId", "OwnerId")),
        Field("SuppliedName", "string", 80),
        Field("SuppliedEmail", "string", 80),
        Field("SuppliedPhone", "string", 40),
        Field("SuppliedCompany", "string", 80),
        Field("Type", "picklist", 40, values=("Mechanical", "Electrical", "Electronic", "Structural", "Other")),
        Field("Status", "picklist", 40, values=statuses, default=statuses[0]),
        Field("Reason", "picklist", 40, values=("Installation", "Performance", "Breakdown", "Other")),
        Field("Origin", "picklist", 40, values=("Phone", "Email", "Web")),
        Field("Subject", "string", 255),
        Field("Priority", "picklist", 40, values=priorities, default="Medium"),
        Field("Description", "textarea", 32_000, filterable=False),
        _locked("IsClosed", "boolean"),
        _locked("ClosedDate", "datetime"),
        Field("IsEscalated", "boolean", default=False),
        Field(key_field, "string", 80, external_id=True),
        *extra,
    )
    return SObject(
        "Case",
        "500",
        _fields(*own),
        {**_BY, "owner": ("OwnerId", "User"), "parent": ("ParentId", "Case")},
        {
            "casecomments": ("CaseComment", "ParentId"),
            "contentdocumentlinks": ("ContentDocumentLink", "LinkedEntityId"),
        },
        history=True,
    )


def objects(
    statuses: tuple[str, ...], priorities: tuple[str, ...], key_field: str, extra: tuple[Field, ...]
) -> dict[str, SObject]:
    """All types by name in lower case; picklists and the fields of its own are the org's."""
    comment = SObject(
        "CaseComment",
        "00a",
        _fields(
            Field("ParentId", "reference", 18, updateable=False, required=True),
            Field("CommentBody", "textarea", 4000, in_bytes=True),
            Field("IsPublished", "boolean", default=False),
        ),
        {**_BY, "parent": ("ParentId", "Case")},
        history=True,
    )
    status = SObject(
        "CaseStatus",
        "01J",
        _fields(
            _locked("ApiName", "string", 255),
            _locked("MasterLabel", "string", 255),
            _locked("IsClosed", "boolean"),
            _locked("IsDefault", "boolean"),
            _locked("SortOrder", "int"),
        ),
        createable=False,
    )
    user = SObject(
        "User",
        "005",
        _fields(_locked("Name", "string", 121), _locked("Username", "string", 80), _locked("Email", "string", 80)),
        createable=False,
    )
    version = SObject(
        "ContentVersion",
        "068",
        _fields(
            Field("Title", "string", 255),
            Field("PathOnClient", "string", 500, updateable=False),
            Field("Description", "textarea", 1000),
            Field("VersionData", "base64", updateable=False, filterable=False, required=True),
            Field("FirstPublishLocationId", "reference", 18, updateable=False),
            Field("ContentDocumentId", "reference", 18, updateable=False),
            _locked("Checksum", "string", 50),
            _locked("ContentSize", "int"),
            _locked("FileExtension", "string", 40),
            _locked("FileType", "string", 20),
            _locked("IsLatest", "boolean"),
        ),
        {**_BY, "contentdocument": ("ContentDocumentId", "ContentDocument")},
    )
    document = SObject(
        "ContentDocument",
        "069",
        _fields(
            _locked("Title", "string", 255),
            _locked("Description", "textarea", 1000),
            _locked("ContentSize", "int"),
            _locked("FileExtension", "string", 40),
            _locked("LatestPublishedVersionId", "reference", 18),
        ),
        {**_BY, "latestpublishedversion": ("LatestPublishedVersionId", "ContentVersion")},
        createable=False,
    )
    link = SObject(
        "ContentDocumentLink",
        "06A",
        _fields(
            Field("ContentDocumentId", "reference", 18, updateable=False, required=True),
            Field("LinkedEntityId", "reference", 18, updateable=False, required=True),
            Field("ShareType", "picklist", 40, values=("V", "C", "I"), default="V"),
            Field(
                "Visibility",
                "picklist",
                40,
                values=("AllUsers", "InternalUsers", "SharedUsers"),
                default="InternalUsers",
            ),
        ),
        {"contentdocument": ("ContentDocumentId", "ContentDocument")},
    )
    article = SObject(
        "Knowledge__kav",
        "ka0",
        _fields(
            _locked("KnowledgeArticleId", "reference", 18),
            _locked("ArticleNumber", "string", 80),
            _locked("Title", "string", 255),
            _locked("Summary", "textarea", 1000),
            _locked("Answer__c", "textarea", 32_000),
            _locked("UrlName", "string", 255),
            _locked("Language", "picklist", 40),
            _locked("PublishStatus", "picklist", 40),
            _locked("VersionNumber", "int"),
            _locked("IsLatestVersion", "boolean"),
            _locked("FirstPublishedDate", "datetime"),
            _locked("LastPublishedDate", "datetime"),
            _locked("ArchivedDate", "datetime"),
            _locked("IsVisibleInPkb", "boolean"),
            _locked("IsVisibleInCsp", "boolean"),
            _locked("RecordTypeName__c", "string", 80),
        ),
        createable=False,
    )
    patch = SObject(
        "Patch__c",
        "a0B",
        _fields(
            _locked("Name", "string", 80),
            _locked("Product__c", "string", 80),
            _locked("Product_Version__c", "string", 80),
            _locked("Release_Date__c", "date"),
            _locked("Severity__c", "string", 40),
            _locked("Summary__c", "textarea"),
            _locked("Detail_Url__c", "string", 255),
        ),
        createable=False,
        history=True,
    )
    made = (
        _case(statuses, priorities, key_field, extra),
        comment,
        status,
        user,
        version,
        document,
        link,
        article,
        patch,
    )
    return {kind.name.lower(): kind for kind in made}
