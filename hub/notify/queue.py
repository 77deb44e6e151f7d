"""Notices that wait for a person: listed, and told anew."""

from __future__ import annotations

from collections.abc import Collection

from hub.db.notices import Notice
from hub.db.storage import Storage
from hub.errors import NotFound
from hub.model import NoticeState
from hub.model.journal.deadlines import ToldAnew


async def listed(
    storage: Storage, states: Collection[NoticeState], *, ticket: str = "", after: int = 0, limit: int = 50
) -> list[Notice]:
    """Notices in these states, oldest first; the next page is what comes after the last one's id."""
    async with storage.unit() as unit:
        return await unit.notices.page(sorted(states), ticket=ticket, after=after, limit=limit)


async def retry(storage: Storage, ids: Collection[int], *, who: str) -> list[Notice]:
    """Have parked notices told or done anew, all of them when none is named; whoever was told is left alone.

    Raises NotFound when one of them is not parked.
    """
    async with storage.unit() as unit:
        parked: list[Notice] = []
        while page := await unit.notices.page([NoticeState.PARKED], after=parked[-1].id if parked else 0, limit=500):
            parked += page
        chosen = [one for one in parked if not ids or one.id in ids]
        if lacking := sorted(set(ids) - {one.id for one in chosen}):
            raise NotFound(f"notice {lacking[0]} is not parked", next_step="see `hub notices list`")
        await unit.notices.again(chosen, unit.now)
        for ticket in sorted({one.ticket for one in chosen}):
            steps = [one.step for one in chosen if one.ticket == ticket]
            unit.note(ticket, ToldAnew(who=who, steps=tuple(steps)))
        return chosen
