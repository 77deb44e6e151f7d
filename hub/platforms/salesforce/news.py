"""The stream of changed cases, changed comments and new files, read in turn by (SystemModstamp, Id)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import chain
from typing import Any, TypeVar

from hub.errors import HubError, VendorMisbehaved
from hub.model import AnyAccount, CaseNews, CaseReference, Cursor, Page, Quarantined
from hub.platforms.changes import ChangedPage, read_changes
from hub.platforms.items import ItemResults, is_of_the_account, parse_each, printable, read_each, reference
from hub.platforms.salesforce import api, cases, comments, files, soql
from hub.platforms.salesforce.settings import Settings
from hub.platforms.stream import SeenRow, seen_row, stream
from hub.platforms.texts import ident, moment, text
from hub.platforms.words import VendorWords

T = TypeVar("T")

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
        at, row_id = moment(record, by), ident(record, "Id")
        if at is None or not row_id:
            raise VendorMisbehaved("a record has no id or no time of change")
        return seen_row(int(at.timestamp()), row_id, record)

    overlap = settings.overlap_seconds
    return read_changes(state, page.rows, "Id", position, date=page.date, overlap=overlap)


async def changed_cases(account: AnyAccount, cursor: Cursor, words: VendorWords) -> Page[CaseNews]:
    """One page of cases, comments or files; they are read in turn, each to its end."""
    settings = account.settings
    left: list[str] = list(cursor.get("left") or KINDS)
    name = left.pop(0)
    page = await read_page(account, _select(name, settings), cursor.get(name, {}), deleted=name == "cases")
    if not page.over:
        left.append(name)
    if name == "files":
        items, bad = await _files(account, page.records)
    else:
        read = _case_reader(settings, words) if name == "cases" else _comment_reader(settings)
        items, bad = parse_each(page.records, read, lambda record: reference(record, "CaseNumber", "Id"))
    after: dict[str, Any] = {**cursor, name: page.state.plain(), "left": left}
    return Page(items=items, cursor=after, more=bool(left), quarantined=page.bad + bad)


def _select(name: str, settings: Settings) -> str:
    if name == "files":
        return _FILES
    if name == "comments":
        return f"SELECT {comments.FIELDS} FROM CaseComment WHERE ParentId != null"
    condition = f"({settings.case_filter})" if settings.case_filter else "Id != null"
    return f"SELECT {cases.fields(settings)} FROM Case WHERE {condition}"


def _case_reader(settings: Settings, words: VendorWords) -> Callable[[api.Record], CaseNews]:
    def read(record: api.Record) -> CaseNews:
        if text(record, "MasterRecordId"):
            raise VendorMisbehaved("the case was merged into another case at the vendor; link its ticket to that case")
        if record.get("IsDeleted") is True:
            raise VendorMisbehaved("the case was deleted at the vendor")
        case = cases.case_from(record, settings, words)
        return CaseNews(reference=case.reference, case=case)

    return read


def _comment_reader(settings: Settings) -> Callable[[api.Record], CaseNews]:
    def read(record: api.Record) -> CaseNews:
        comment = comments.read_comment(record, settings).comment
        return CaseNews(reference=comments.reference(record), comments=(comment,))

    return read


async def _files(account: AnyAccount, versions: tuple[api.Record, ...]) -> ItemResults[CaseNews]:
    """The news of new files, found by the links of their documents; links to other records are left out."""
    found, bad = parse_each(versions, _document, lambda version: reference(version, "Id"))
    documents = list(dict.fromkeys(found))
    links, unread = await _read_chunks(account, documents, _links)
    case_links = [link for link in links if str(link.get("LinkedEntityId")).startswith("500")]
    wanted = list(dict.fromkeys(str(link.get("LinkedEntityId")) for link in case_links))
    numbers = await _read_chunks(account, wanted, _numbers)
    number_of = dict(numbers.items)

    def read(link: api.Record) -> CaseNews | None:
        case_id = ident(link, "LinkedEntityId")
        if case_id not in number_of:
            return None
        case = CaseReference(number=number_of[case_id], id=case_id)
        return CaseNews(reference=case, attachments=(files.attachment_from(link),))

    items, odd = parse_each(case_links, read, lambda link: reference(link, "ContentDocumentId", "Id"))
    return ItemResults(items, bad + unread + numbers.bad + odd)


def _document(version: api.Record) -> str:
    return soql.identifier(text(version, "ContentDocumentId"))


async def _read_chunks(
    account: AnyAccount, ids: list[str], read: Callable[[AnyAccount, list[str]], Awaitable[list[T]]]
) -> ItemResults[T]:
    """What `read` finds for all the ids; if it can't read many at once, it reads them one by one."""
    chunks = [ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK)]
    found, bad = list[T](), tuple[Quarantined, ...]()
    for chunk in chunks:
        try:
            found += await read(account, chunk)
        except HubError as error:
            if is_of_the_account(error):
                raise
            each = await read_each(chunk, lambda one: read(account, [one]), printable)
            found += chain.from_iterable(each.items)
            bad += each.bad
    return ItemResults(tuple(found), bad)


async def _links(account: AnyAccount, documents: list[str]) -> list[api.Record]:
    condition = f"ContentDocumentId IN {soql.one_of(documents)}"
    return await api.fetch_all(account, f"SELECT {files.LINK_FIELDS} FROM ContentDocumentLink WHERE {condition}")


async def _numbers(account: AnyAccount, idents: list[str]) -> list[tuple[str, str]]:
    found = await api.fetch_all(account, f"SELECT Id, CaseNumber FROM Case WHERE Id IN {soql.one_of(idents)}")
    return [(text(record, "Id"), ident(record, "CaseNumber")) for record in found]
