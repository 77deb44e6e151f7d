"""The stream of case news: changed cases, changed comments and new files, read in turn by (SystemModstamp, Id)."""

from __future__ import annotations

from typing import Any, NamedTuple

from hub.errors import VendorMisbehaved
from hub.model import AnyAccount, CaseNews, CaseReference, Cursor, Page, Quarantined
from hub.platforms.salesforce import cases, comments, files, soql
from hub.platforms.salesforce.settings import Settings
from hub.platforms.stream import StreamState, advance, fresh, seen_row, stream
from hub.platforms.texts import moment, text
from hub.platforms.words import VendorWords

KINDS = ("cases", "comments", "files")
_CHUNK = 200  # ids in one query; an address has a limit of 16,384 bytes
_FILES = "SELECT Id, ContentDocumentId, SystemModstamp FROM ContentVersion WHERE IsLatest = true"


class ChangedPage(NamedTuple):
    """One page: the records that have news, those without a usable place, and the stream."""

    records: tuple[soql.Record, ...]
    bad: tuple[Quarantined, ...]
    state: StreamState
    over: bool


async def read_page(
    account: AnyAccount, select: str, saved: Cursor, *, by: str = "SystemModstamp", deleted: bool = False
) -> ChangedPage:
    """The next page of a query behind what was saved; `select` ends with its WHERE clause."""
    settings = account.settings
    state = stream(saved, int(settings.history_from.timestamp()) if settings.history_from else 0)
    query = f"{select} AND {soql.behind(state.begin, by)} ORDER BY {by} ASC, Id ASC LIMIT {settings.page_size}"
    page = await soql.page(account, query, deleted=deleted)
    placed, bad = [], []
    for row in page.records:
        try:
            at, ident = moment(row, by), text(row, "Id")
            if at is None or not ident:
                raise VendorMisbehaved("a record lacks its id or its time of change")
            placed.append((row, seen_row(int(at.timestamp()), ident, row)))
        except VendorMisbehaved as error:
            bad.append(Quarantined(reference=str(row.get("Id"))[:40], reason=error.message))
    marks = [mark for _, mark in placed]
    new = tuple(row for (row, _), one in zip(placed, fresh(state, marks), strict=True) if one)
    state, over = advance(state, marks, date=page.date, overlap=settings.overlap_seconds)
    return ChangedPage(new, tuple(bad), state, over)


async def changed_cases(account: AnyAccount, cursor: Cursor, words: VendorWords) -> Page[CaseNews]:
    """One page, of cases, comments or files; they take turns until all are read to their end."""
    settings = account.settings
    left: list[str] = list(cursor.get("left") or KINDS)
    name = left.pop(0)
    read = await read_page(account, _select(name, settings), cursor.get(name, {}), deleted=name == "cases")
    if not read.over:
        left.append(name)
    items: list[CaseNews] = []
    bad = list(read.bad)
    if name == "files":
        items += await _files(account, read.records)
    else:
        for row in read.records:
            try:
                items.append(_case(row, settings, words) if name == "cases" else _comment(row, settings))
            except VendorMisbehaved as error:
                reference = row.get("CaseNumber") or row.get("Id")
                bad.append(Quarantined(reference=str(reference)[:40], reason=error.message))
    kept: dict[str, Any] = {**cursor, name: read.state.plain(), "left": left}
    return Page(items=tuple(items), cursor=kept, more=bool(left), quarantined=tuple(bad))


def _select(name: str, settings: Settings) -> str:
    if name == "files":
        return _FILES
    if name == "comments":
        return f"SELECT {comments.FIELDS} FROM CaseComment WHERE ParentId != null"
    which = f"({settings.case_filter})" if settings.case_filter else "Id != null"
    return f"SELECT {cases.fields(settings)} FROM Case WHERE {which}"


def _case(row: soql.Record, settings: Settings, words: VendorWords) -> CaseNews:
    if text(row, "MasterRecordId"):
        raise VendorMisbehaved("the case was merged into another at the vendor; tie its ticket to that one")
    if row.get("IsDeleted") is True:
        raise VendorMisbehaved("the case was deleted at the vendor")
    case = cases.case_from(row, settings, words)
    return CaseNews(reference=case.reference, case=case)


def _comment(row: soql.Record, settings: Settings) -> CaseNews:
    return CaseNews(reference=comments.reference(row), comments=(comments.read_comment(row, settings).comment,))


async def _files(account: AnyAccount, versions: tuple[soql.Record, ...]) -> list[CaseNews]:
    """The news of new files, found by the links of their documents; those of other records are left out."""
    documents = list(dict.fromkeys(text(row, "ContentDocumentId") for row in versions))
    links: list[soql.Record] = []
    for start in range(0, len(documents), _CHUNK):
        of = soql.one_of(documents[start : start + _CHUNK])
        query = f"SELECT {files.LINK_FIELDS} FROM ContentDocumentLink WHERE ContentDocumentId IN {of}"
        links += await soql.every(account, query)
    tied = [link for link in links if text(link, "LinkedEntityId").startswith("500")]
    numbers = await _numbers(account, list(dict.fromkeys(text(link, "LinkedEntityId") for link in tied)))
    return [
        CaseNews(reference=CaseReference(number=numbers[ident], id=ident), attachments=(files.attachment(link),))
        for link in tied
        if (ident := text(link, "LinkedEntityId")) in numbers
    ]


async def _numbers(account: AnyAccount, idents: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(idents), _CHUNK):
        these = soql.one_of(idents[start : start + _CHUNK])
        query = f"SELECT Id, CaseNumber FROM Case WHERE Id IN {these}"
        found |= {text(row, "Id"): text(row, "CaseNumber") for row in await soql.every(account, query)}
    return found
