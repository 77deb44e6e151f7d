"""Changed articles, for a contact's login: each run reads all articles that changed since shortly before the newest
change, page by page, and remembers what it reported.

If the total shrinks during a run, an article was withdrawn and all later ones have moved up, so the run starts again. A
new version replaces the old record, which moves records but not the total. So a run of several pages that found
something is followed by another run from the same position, until one finds nothing.
"""

from __future__ import annotations

from typing import Any

from hub.model import AnyAccount, Article, Cursor, Page
from hub.platforms import texts
from hub.platforms.items import read_each, reference
from hub.platforms.servicenow import api, knowledge, sweep
from hub.platforms.servicenow.articles import article_from_api, has_word
from hub.platforms.servicenow.settings import Settings
from hub.platforms.stream import Position, SeenRow, advance, fresh, part, seen_row, stream
from hub.platforms.texts import text

_START = Position(-1)


async def changed_articles(account: AnyAccount, cursor: Cursor, titles: tuple[str, ...] = ()) -> Page[Article]:
    """One page of changed articles with their bodies, or only of those with one of these words in the title.

    The search never shows withdrawn articles; they are reported when a sweep finds that they are gone.
    """
    if "sweep" in cursor or "lost" in cursor:
        return await sweep.page(account, cursor, titles)
    settings: Settings = account.settings
    seen: dict[str, int] = dict(cursor.get("seen", {}))
    state = stream(cursor, settings.history_start)
    offset, before = part(cursor, "offset", int), part(cursor, "count", int)
    records, count, date = await knowledge.fetch_page(account, knowledge.params(settings, offset, state.floor.at))
    remembered: Cursor = {"seen": seen, "swept": part(cursor, "swept", int)}
    if count < before:
        return Page(items=(), cursor=state.plain() | remembered, more=True)
    marks = list[SeenRow]()

    async def read_one(row: Any) -> Article | None:
        record = texts.record(row)
        mark = _mark(record, settings)
        if mark.place <= state.floor or not fresh(state, [mark])[0]:
            return None  # reported before, or the filter was ignored
        if mark.place <= state.forgotten and seen.get(mark.id) == mark.at:
            return None  # reported earlier in this run, but no longer in memory
        article = None
        if not titles or has_word(text(record, "title"), titles):
            article = await knowledge.read(account, mark.id)
            seen[mark.id] = mark.at
        marks.append(mark)
        return article

    items, bad = await read_each(records, read_one, lambda row: reference(row, "number"), together=False)
    if marks:
        state, _ = advance(state._replace(at=_START), sorted(marks), date=None, overlap=0)
        state = state._replace(at=None)
    is_first_page, any_new = offset == 0, bool(items) or "fresh" in cursor
    run: Cursor = state.plain() | remembered
    if (offset := offset + knowledge.SIZE) < count:
        after = run | {"offset": offset, "count": count} | ({"fresh": True} if any_new else {})
        return Page(items=items, cursor=after, more=True, quarantined=bad)
    if any_new and not is_first_page:
        return Page(items=items, cursor=run, more=True, quarantined=bad)
    state, _ = advance(state, (), date=date, overlap=settings.overlap_seconds)
    after, more = sweep.after_run(state.plain(), seen, part(cursor, "swept", int), date or 0, settings.sweep_days)
    return Page(items=items, cursor=after, more=more, quarantined=bad)


def _mark(record: api.Record, settings: Settings) -> SeenRow:
    article = article_from_api(record, settings)
    return seen_row(int(article.changed_at.timestamp()), article.reference, {"title": article.title})
