"""Finds withdrawn articles: the search never shows them, so all articles are listed from time to time.

The cursor stores the numbers of all reported articles. An article may move to another page while the list is read, so
an article that no page showed is looked up before it is reported as withdrawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hub.errors import CaseMissing
from hub.model import AnyAccount, Article, Cursor, Page
from hub.platforms import texts
from hub.platforms.items import parse_each, printable, read_each, reference
from hub.platforms.releases import gone
from hub.platforms.servicenow import knowledge
from hub.platforms.servicenow.articles import has_word
from hub.platforms.texts import ident, text

DAY = 86_400  # seconds


def after_run(saved: Cursor, seen: Mapping[str, int], swept: int, date: int, days: int) -> tuple[Cursor, bool]:
    """The cursor when all changes are reported, and whether a sweep starts now; times in epoch seconds."""
    after = saved | {"seen": dict(seen)}
    if not swept or date - swept < days * DAY:  # the first run has listed all articles
        return after | {"swept": swept or date}, False
    return after | {"swept": date, "sweep": 0, "met": []}, True


async def page(account: AnyAccount, cursor: Cursor, titles: tuple[str, ...]) -> Page[Article]:
    """One page of a sweep: of the list, or of articles that the list did not show."""
    if "lost" in cursor:
        return await _missing(account, cursor, titles)
    offset: int = cursor["sweep"]
    records, count, _ = await knowledge.fetch_page(account, knowledge.params(account.settings, offset))
    shown = parse_each(records, lambda row: _number(texts.record(row), titles), lambda row: reference(row, "number"))
    met = [*cursor["met"], *shown.items]
    if (offset := offset + knowledge.SIZE) < count:
        return Page(items=(), cursor=cursor | {"sweep": offset, "met": met}, more=True, quarantined=shown.bad)
    missing = sorted(set(cursor["seen"]) - set(met))
    return Page(items=(), cursor=_after(cursor, missing), more=bool(missing), quarantined=shown.bad)


async def _missing(account: AnyAccount, cursor: Cursor, titles: tuple[str, ...]) -> Page[Article]:
    seen, missing = dict(cursor["seen"]), list(cursor["lost"])

    async def read_one(number: str) -> Article | None:
        try:
            if _matches((await knowledge.read(account, number)).title, titles):
                return None
        except CaseMissing:
            pass
        at = datetime.fromtimestamp(seen.pop(number), UTC)
        return gone(number, at, account.settings.kb_language)

    items, bad = await read_each(missing[: knowledge.SIZE], read_one, printable, together=False)
    left = missing[knowledge.SIZE :]
    return Page(items=items, cursor=_after(cursor, left) | {"seen": seen}, more=bool(left), quarantined=bad)


def _number(record: dict[str, Any], titles: tuple[str, ...]) -> str | None:
    return ident(record, "number") if _matches(text(record, "title"), titles) else None


def _after(cursor: Cursor, missing: list[str]) -> Cursor:
    rest: dict[str, Any] = {name: value for name, value in cursor.items() if name not in {"sweep", "met", "lost"}}
    return rest | ({"lost": missing} if missing else {})


def _matches(title: str, titles: tuple[str, ...]) -> bool:
    return not titles or has_word(title, titles)
