"""Which articles are gone: a search has none of those, so from time to time all are listed, and the missing asked for.

The cursor remembers the numbers that were told. An article may slip from page to page while the list is read, so one
that was not met is asked for by itself before it is told as withdrawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hub.errors import CaseMissing
from hub.model import AnyAccount, Article, Cursor, Page
from hub.platforms.releases import gone
from hub.platforms.servicenow import knowledge
from hub.platforms.servicenow.articles import has_word
from hub.platforms.texts import text

DAY = 86_400  # seconds


def after_run(kept: Cursor, seen: Mapping[str, int], swept: int, date: int, days: int) -> tuple[Cursor, bool]:
    """The cursor when all changes are told, and whether a sweep begins now; times in epoch seconds."""
    known = kept | {"seen": dict(seen)}
    if not swept or date - swept < days * DAY:  # the first run has listed all
        return known | {"swept": swept or date}, False
    return known | {"swept": date, "sweep": 0, "met": []}, True


async def page(account: AnyAccount, cursor: Cursor, titles: tuple[str, ...]) -> Page[Article]:
    """One page of a sweep: of the list, or of what was not met on it."""
    if "lost" in cursor:
        return await _lost(account, cursor, titles)
    offset: int = cursor["sweep"]
    rows, count, _ = await knowledge.page(account, knowledge.asked(account.settings, offset))
    met = [*cursor["met"], *(text(row, "number") for row in rows if _fits(text(row, "title"), titles))]
    if (offset := offset + knowledge.SIZE) < count:
        return Page(items=(), cursor=cursor | {"sweep": offset, "met": met}, more=True)
    lost = sorted(set(cursor["seen"]) - set(met))
    return Page(items=(), cursor=_rest(cursor, lost), more=bool(lost))


async def _lost(account: AnyAccount, cursor: Cursor, titles: tuple[str, ...]) -> Page[Article]:
    seen, lost, items = dict(cursor["seen"]), list(cursor["lost"]), list[Article]()
    for number in lost[: knowledge.SIZE]:
        try:
            there = _fits((await knowledge.read(account, number)).title, titles)
        except CaseMissing:
            there = False
        if not there:
            at = datetime.fromtimestamp(seen.pop(number), UTC)
            items.append(gone(number, at, account.settings.kb_language))
    left = lost[knowledge.SIZE :]
    return Page(items=tuple(items), cursor=_rest(cursor, left) | {"seen": seen}, more=bool(left))


def _rest(cursor: Cursor, lost: list[str]) -> Cursor:
    kept: dict[str, Any] = {name: value for name, value in cursor.items() if name not in {"sweep", "met", "lost"}}
    return kept | ({"lost": lost} if lost else {})


def _fits(title: str, titles: tuple[str, ...]) -> bool:
    return not titles or has_word(title, titles)
