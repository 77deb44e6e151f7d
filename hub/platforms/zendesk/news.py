"""The stream of changed cases, with comments and files: tickets from the export, requests from their list."""

from __future__ import annotations

from hub.errors import VendorMisbehaved
from hub.model import AnyAccount, CaseNews, Cursor, Page
from hub.platforms.items import read_each, reference
from hub.platforms.texts import moment
from hub.platforms.words import VendorWords
from hub.platforms.zendesk import api, cases, comments, export, requests

LATE = 3600
"""Seconds that an export may lag behind; a case that changed earlier before the last run has no new comment."""


async def changed_cases(account: AnyAccount, cursor: Cursor, words: VendorWords) -> Page[CaseNews]:
    """One page of changed cases."""
    page = await (export.read_page if account.settings.is_agent else requests.read_page)(account, cursor)
    since = page.since - LATE

    async def read_one(record: api.Record) -> CaseNews:
        if record.get("status") == cases.DELETED:
            raise VendorMisbehaved("the ticket was deleted at the vendor")
        case = cases.case_from(record, account.settings, words)
        changed_at = moment(record, "updated_at")
        no_new_comment = changed_at is not None and changed_at.timestamp() < since
        if no_new_comment or (account.settings.comments_of == "keyed" and not case.key):
            return CaseNews(reference=case.reference, case=case)
        found, files = await comments.read(account, record)
        return CaseNews(reference=case.reference, case=case, comments=found, attachments=files)

    news = await read_each(page.records, read_one, lambda record: reference(record, "id"))
    return Page(items=news.items, cursor=page.cursor, more=not page.over, quarantined=page.bad + news.bad)
