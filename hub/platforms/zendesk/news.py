"""The stream of changed cases: of tickets by the export, of requests down their list, with comments and files."""

from __future__ import annotations

import asyncio

from hub.errors import CaseMissing, VendorMisbehaved
from hub.model import AnyAccount, CaseNews, Cursor, Page, Quarantined
from hub.platforms.texts import moment
from hub.platforms.words import VendorWords
from hub.platforms.zendesk import cases, export, talk, walk, wire

LATE = 3600
"""Seconds by which a change may be exported late: what changed longer before the last run has no new comment."""


async def changed_cases(account: AnyAccount, cursor: Cursor, words: VendorWords) -> Page[CaseNews]:
    """One page of changed cases."""
    read = await (export.read_page if account.settings.is_agent else walk.read_page)(account, cursor)
    told = await asyncio.gather(*(_news(account, row, words, read.since - LATE) for row in read.rows))
    items = tuple(one for one in told if isinstance(one, CaseNews))
    bad = read.bad + tuple(one for one in told if isinstance(one, Quarantined))
    return Page(items=items, cursor=read.cursor, more=not read.over, quarantined=bad)


async def _news(account: AnyAccount, row: wire.Record, words: VendorWords, since: int) -> CaseNews | Quarantined | None:
    number = str(row.get("id"))[:40]
    if row.get("status") == cases.DELETED:
        return Quarantined(reference=number, reason="the ticket was deleted at the vendor")
    try:
        case = cases.case_from(row, account.settings, words)
        changed_at = moment(row, "updated_at")
        quiet = changed_at is not None and changed_at.timestamp() < since
        if quiet or (account.settings.comments_of == "keyed" and not case.key):
            return CaseNews(reference=case.reference, case=case)
        said, files = await talk.read(account, row)
    except CaseMissing:
        return None  # deleted since the page was read
    except VendorMisbehaved as error:
        return Quarantined(reference=number, reason=error.message)
    return CaseNews(reference=case.reference, case=case, comments=said, attachments=files)
