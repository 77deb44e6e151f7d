"""What has changed among articles, for a contact's login: a run asks for all that changed since an overlap before the
newest change, page by page, and remembers what it told.

Where the count of what was found shrinks on the way, all behind the article that is gone has moved up, so that the run
begins anew. A new version is a row of its own in the place of the old one, which moves rows and leaves the count: so a
run of several pages that told something is followed by another one from the same floor, until one tells nothing.
"""

from __future__ import annotations

from hub.errors import CaseMissing, VendorMisbehaved
from hub.model import AnyAccount, Article, Cursor, Page, Quarantined
from hub.platforms.servicenow import knowledge, sweep, wire
from hub.platforms.servicenow.articles import article_told, has_word
from hub.platforms.servicenow.settings import Settings
from hub.platforms.stream import Position, SeenRow, advance, fresh, part, seen_row, stream
from hub.platforms.texts import text

_START = Position(-1)


async def changed(account: AnyAccount, cursor: Cursor, titles: tuple[str, ...] = ()) -> Page[Article]:
    """One page of changed articles with their bodies, or of those whose titles hold one of the words.

    Those withdrawn are told when a sweep finds that they are gone, as the search has none of them.
    """
    if "sweep" in cursor or "lost" in cursor:
        return await sweep.page(account, cursor, titles)
    settings: Settings = account.settings
    seen: dict[str, int] = dict(cursor.get("seen", {}))
    state = stream(cursor, int(settings.history_from.timestamp()) if settings.history_from else 0)
    offset, before = part(cursor, "offset", int), part(cursor, "count", int)
    rows, count, date = await knowledge.page(account, knowledge.asked(settings, offset, state.floor.at))
    remembered: Cursor = {"seen": seen, "swept": part(cursor, "swept", int)}
    if count < before:
        return Page(items=(), cursor=state.plain() | remembered, more=True)
    items, bad, marks = list[Article](), list[Quarantined](), list[SeenRow]()
    for row in rows:
        try:
            mark = _mark(row, settings)
            if mark.place <= state.floor or not fresh(state, [mark])[0]:
                continue  # told before, or the filter was ignored
            if mark.place <= state.forgotten and seen.get(text(row, "number")) == mark.at:
                continue  # told on the way, and no longer remembered with its words
            if not titles or has_word(text(row, "title"), titles):
                items.append(await knowledge.read(account, text(row, "number")))
                seen[text(row, "number")] = mark.at
            marks.append(mark)
        except CaseMissing:
            continue  # withdrawn since the page was read
        except VendorMisbehaved as error:
            bad.append(Quarantined(reference=str(row.get("number"))[:40], reason=error.message))
    if marks:
        state, _ = advance(state._replace(at=_START), sorted(marks), date=None, overlap=0)
        state = state._replace(at=None)
    on_the_way, told_any = offset > 0, bool(items) or "fresh" in cursor
    run: Cursor = state.plain() | remembered
    if (offset := offset + knowledge.SIZE) < count:
        kept = run | {"offset": offset, "count": count} | ({"fresh": True} if told_any else {})
        return Page(items=tuple(items), cursor=kept, more=True, quarantined=tuple(bad))
    if on_the_way and told_any:
        return Page(items=tuple(items), cursor=run, more=True, quarantined=tuple(bad))
    state, _ = advance(state, (), date=date, overlap=settings.overlap_seconds)
    kept, more = sweep.after_run(state.plain(), seen, part(cursor, "swept", int), date or 0, settings.sweep_days)
    return Page(items=tuple(items), cursor=kept, more=more, quarantined=tuple(bad))


def _mark(row: wire.Record, settings: Settings) -> SeenRow:
    one = article_told(row, settings)
    return seen_row(int(one.changed_at.timestamp()), one.reference, {"title": one.title})
