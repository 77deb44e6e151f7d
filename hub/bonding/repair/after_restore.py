"""After a backup was restored: what the hub holds for unsent may have been sent since, so it is looked for first."""

from __future__ import annotations

from hub.context import HubContext
from hub.model.journal.accounts import Restored


async def restored(context: HubContext, *, who: str) -> int:
    """Put all that waits in doubt, and remember the time: a ticket older than it is looked for before it is escalated.

    Returns how many operations that were. Call it before a worker starts.
    """
    async with context.storage.unit() as unit:
        doubted = await unit.operations.restored(unit.now)
        unit.note("hub", Restored(operations=doubted, who=who))
    return doubted
