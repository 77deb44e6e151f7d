"""The stream of changed cases, read by (sys_updated_on, sys_id), with the timeline of each case."""

from __future__ import annotations

from typing import Any

from hub.errors import VendorMisbehaved
from hub.model import AnyAccount, CaseNews, Cursor, Page
from hub.platforms.changes import ChangedPage, read_changes
from hub.platforms.items import read_each, reference
from hub.platforms.servicenow import api, cases, comments
from hub.platforms.stream import SeenRow, seen_row, stream
from hub.platforms.texts import ident
from hub.platforms.words import VendorWords


async def read_page(account: AnyAccount, path: str, params: dict[str, Any], where: str, saved: Cursor) -> ChangedPage:
    """The next page of a list after the saved cursor; `where` filters it."""
    settings = account.settings
    state = stream(saved, settings.history_start)
    parts = (where, api.after(state.begin), "ORDERBYsys_updated_on", "ORDERBYsys_id")
    page = await api.fetch_visible(account, path, {**params, "sysparm_query": "^".join(filter(None, parts))})
    overlap = settings.overlap_seconds
    return read_changes(state, page.rows, "number", _position, date=page.date, overlap=overlap)


def _position(record: api.Record) -> SeenRow:
    at, sys_id = api.moment(record, "sys_updated_on"), ident(record, "sys_id")
    if at is None or not sys_id:
        raise VendorMisbehaved("a record has no id or no time of change")
    return seen_row(int(at.timestamp()), sys_id, record)


async def changed_cases(account: AnyAccount, cursor: Cursor, words: VendorWords) -> Page[CaseNews]:
    """One page of changed cases."""
    settings = account.settings
    where = f"account={settings.account_sys_id}" if settings.account_sys_id else ""
    page = await read_page(account, api.CASE, cases.params(settings, ""), where, cursor)
    # the instance ignores a filter that it can't use, and then returns cases of other accounts
    ours = [
        record
        for record in page.records
        if not settings.account_sys_id or api.reference(record, "account") in {"", settings.account_sys_id}
    ]

    async def read_one(record: api.Record) -> CaseNews:
        case = cases.case_from(record, settings, words)
        if settings.comments_of == "keyed" and not case.key:
            return CaseNews(reference=case.reference, case=case)
        found, files = await comments.read(account, case.reference.id, case.key)
        return CaseNews(reference=case.reference, case=case, comments=found, attachments=files)

    news = await read_each(ours, read_one, lambda record: reference(record, "number", "sys_id"))
    return Page(items=news.items, cursor=page.state.plain(), more=not page.over, quarantined=page.bad + news.bad)
