"""After a restore from a backup: operations that look unsent may have been sent, so the hub looks for them first."""

from __future__ import annotations

from hub.context import HubContext
from hub.model.journal.accounts import Restored


async def restored(context: HubContext, *, who: str) -> int:
    """Put all waiting operations in doubt and store the time: older tickets are looked for before they are escalated.

    Returns the number of operations. Call it before a worker starts.
    """
    async with context.storage.unit() as unit:
        doubted = await unit.operations.restored(unit.now)
        unit.note("hub", Restored(operations=doubted, who=who))
    return doubted
