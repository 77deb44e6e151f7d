"""What people do with items in quarantine: fetch them again, or dismiss them."""

from __future__ import annotations

from hub.bonding.inbound.quarantine import release
from hub.db.quarantine import QuarantinedItem
from hub.db.storage import Storage
from hub.db.unit import Unit
from hub.errors import NotFound


async def quarantined(storage: Storage, *, account: str = "", limit: int = 50) -> list[QuarantinedItem]:
    """Items in quarantine, oldest first."""
    async with storage.unit() as unit:
        return await unit.quarantine.find(account, limit=limit)


async def show(storage: Storage, reference: str, *, account: str = "") -> list[QuarantinedItem]:
    """The items with a reference. Raises NotFound."""
    async with storage.unit() as unit:
        return await _named(unit, account, reference)


async def retry(storage: Storage, reference: str, *, account: str = "") -> list[QuarantinedItem]:
    """Make items due now, all of them without a reference, and wake their streams. Raises NotFound."""
    async with storage.unit() as unit:
        items = await _named(unit, account, reference)
        await unit.quarantine.retry(items, unit.now)
        for stream in {(item.account, item.kind) for item in items}:
            await unit.streams.wake(*stream)
        return items


async def dismiss(storage: Storage, reference: str, *, who: str, account: str = "") -> list[QuarantinedItem]:
    """Take items out of quarantine without reading them, all of them without a reference. Raises NotFound."""
    async with storage.unit() as unit:
        items = await _named(unit, account, reference)
        for item in items:
            await release(unit, item, how="dismissed", who=who)
        return items


async def _named(unit: Unit, account: str, reference: str) -> list[QuarantinedItem]:
    items = await unit.quarantine.find(account, reference)
    if reference and not items:
        raise NotFound(f"no item {reference!r} is in quarantine", next_step="see `hub quarantine list`")
    return items
