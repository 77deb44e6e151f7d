"""Lists notices, and queues parked ones again."""

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
    """Notices in these states, oldest first; the next page continues after the last id."""
    async with storage.unit() as unit:
        return await unit.notices.page(sorted(states), ticket=ticket, after=after, limit=limit)


async def retry(storage: Storage, ids: Collection[int], *, who: str) -> list[Notice]:
    """Queue parked notices again for the current recipients, all of them without `ids`; nobody is notified twice.

    Raises NotFound when one of `ids` is not parked.
    """
    async with storage.unit() as unit:
        parked: list[Notice] = []
        while page := await unit.notices.page([NoticeState.PARKED], after=parked[-1].id if parked else 0, limit=500):
            parked += page
        chosen = [notice for notice in parked if not ids or notice.id in ids]
        if missing := sorted(set(ids) - {notice.id for notice in chosen}):
            raise NotFound(f"notice {missing[0]} is not parked", next_step="see `hub notices list`")
        await unit.notices.retry(chosen, unit.now)
        for ticket in sorted({notice.ticket for notice in chosen}):
            steps = [notice.step for notice in chosen if notice.ticket == ticket]
            unit.note(ticket, ToldAnew(who=who, steps=tuple(steps)))
        return chosen
