"""The stream of changed cases, changed comments and new files, read in turn by (SystemModstamp, Id)."""

from __future__ import annotations

from typing import Any

from hub.errors import VendorMisbehaved
from hub.model import AnyAccount, CaseNews, CaseReference, Cursor, Page, Quarantined
from hub.platforms.changes import ChangedPage, read_changes
from hub.platforms.salesforce import api, cases, comments, files, soql
from hub.platforms.salesforce.settings import Settings
from hub.platforms.stream import SeenRow, seen_row, stream
from hub.platforms.texts import moment, text
from hub.platforms.words import VendorWords

KINDS = ("cases", "comments", "files")
_CHUNK = 200  # ids in one query; an address has a limit of 16,384 bytes
_FILES = "SELECT Id, ContentDocumentId, SystemModstamp FROM ContentVersion WHERE IsLatest = true"


async def read_page(
    account: AnyAccount, select: str, saved: Cursor, *, by: str = "SystemModstamp", deleted: bool = False
) -> ChangedPage:
    """The next page of a query after the saved cursor; `select` ends with its WHERE clause."""
    settings = account.settings
    state = stream(saved, settings.history_start)
    query = f"{select} AND {soql.after(state.begin, by)} ORDER BY {by} ASC, Id ASC LIMIT {settings.page_size}"
    page = await api.fetch_page(account, query, deleted=deleted)

    def position(record: api.Record) -> SeenRow:
        at, ident = moment(record, by), text(record, "Id")
        if at is None or not ident:
            raise VendorMisbehaved("a record has no id or no time of change")
        return seen_row(int(at.timestamp()), ident, record)

    overlap = settings.overlap_seconds
    return read_changes(state, page.records, "Id", position, date=page.date, overlap=overlap)


async def changed_cases(account: AnyAccount, cursor: Cursor, words: VendorWords) -> Page[CaseNews]:
    """One page of cases, comments or files; they are read in turn, each to its end."""
    settings = account.settings
    left: list[str] = list(cursor.get("left") or KINDS)
    name = left.pop(0)
    page = await read_page(account, _select(name, settings), cursor.get(name, {}), deleted=name == "cases")
    if not page.over:
        left.append(name)
    items: list[CaseNews] = []
    bad = list(page.bad)
    if name == "files":
        items += await _files(account, page.records)
    else:
        for record in page.records:
            try:
                items.append(_case(record, settings, words) if name == "cases" else _comment(record, settings))
            except VendorMisbehaved as error:
                reference = record.get("CaseNumber") or record.get("Id")
                bad.append(Quarantined(reference=str(reference)[:40], reason=error.message))
    after: dict[str, Any] = {**cursor, name: page.state.plain(), "left": left}
    return Page(items=tuple(items), cursor=after, more=bool(left), quarantined=tuple(bad))


def _select(name: str, settings: Settings) -> str:
    if name == "files":
        return _FILES
    if name == "comments":
        return f"SELECT {comments.FIELDS} FROM CaseComment WHERE ParentId != null"
    condition = f"({settings.case_filter})" if settings.case_filter else "Id != null"
    return f"SELECT {cases.fields(settings)} FROM Case WHERE {condition}"


def _case(record: api.Record, settings: Settings, words: VendorWords) -> CaseNews:
    if text(record, "MasterRecordId"):
        raise VendorMisbehaved("the case was merged into another case at the vendor; link its ticket to that case")
    if record.get("IsDeleted") is True:
        raise VendorMisbehaved("the case was deleted at the vendor")
    case = cases.case_from(record, settings, words)
    return CaseNews(reference=case.reference, case=case)


def _comment(record: api.Record, settings: Settings) -> CaseNews:
    return CaseNews(reference=comments.reference(record), comments=(comments.read_comment(record, settings).comment,))


async def _files(account: AnyAccount, versions: tuple[api.Record, ...]) -> list[CaseNews]:
    """The news of new files, found by the links of their documents; links to other records are left out."""
    documents = list(dict.fromkeys(text(record, "ContentDocumentId") for record in versions))
    links: list[api.Record] = []
    for start in range(0, len(documents), _CHUNK):
        ids = soql.one_of(documents[start : start + _CHUNK])
        query = f"SELECT {files.LINK_FIELDS} FROM ContentDocumentLink WHERE ContentDocumentId IN {ids}"
        links += await api.fetch_all(account, query)
    case_links = [link for link in links if text(link, "LinkedEntityId").startswith("500")]
    numbers = await _numbers(account, list(dict.fromkeys(text(link, "LinkedEntityId") for link in case_links)))
    return [
        CaseNews(reference=CaseReference(number=numbers[ident], id=ident), attachments=(files.attachment_from(link),))
        for link in case_links
        if (ident := text(link, "LinkedEntityId")) in numbers
    ]


async def _numbers(account: AnyAccount, idents: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(idents), _CHUNK):
        ids = soql.one_of(idents[start : start + _CHUNK])
        query = f"SELECT Id, CaseNumber FROM Case WHERE Id IN {ids}"
        found |= {text(record, "Id"): text(record, "CaseNumber") for record in await api.fetch_all(account, query)}
    return found
