"""The stream of changed cases, with comments and files: tickets from the export, requests from their list."""

from __future__ import annotations

import asyncio

from hub.errors import CaseMissing, VendorMisbehaved
from hub.model import AnyAccount, CaseNews, Cursor, Page, Quarantined
from hub.platforms.changes import news_page
from hub.platforms.texts import moment
from hub.platforms.words import VendorWords
from hub.platforms.zendesk import api, cases, comments, export, requests

LATE = 3600
"""Seconds that an export may lag behind; a case that changed earlier before the last run has no new comment."""


async def changed_cases(account: AnyAccount, cursor: Cursor, words: VendorWords) -> Page[CaseNews]:
    """One page of changed cases."""
    page = await (export.read_page if account.settings.is_agent else requests.read_page)(account, cursor)
    news = await asyncio.gather(*(_news(account, record, words, page.since - LATE) for record in page.records))
    return news_page(news, page.bad, page.cursor, more=not page.over)


async def _news(
    account: AnyAccount, record: api.Record, words: VendorWords, since: int
) -> CaseNews | Quarantined | None:
    number = str(record.get("id"))[:40]
    if record.get("status") == cases.DELETED:
        return Quarantined(reference=number, reason="the ticket was deleted at the vendor")
    try:
        case = cases.case_from(record, account.settings, words)
        changed_at = moment(record, "updated_at")
        no_new_comment = changed_at is not None and changed_at.timestamp() < since
        if no_new_comment or (account.settings.comments_of == "keyed" and not case.key):
            return CaseNews(reference=case.reference, case=case)
        found, files = await comments.read(account, record)
    except CaseMissing:
        return None  # deleted since the page was read
    except VendorMisbehaved as error:
        return Quarantined(reference=number, reason=error.message)
    return CaseNews(reference=case.reference, case=case, comments=found, attachments=files)
