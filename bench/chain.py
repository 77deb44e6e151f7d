"""chain: how soon the next operation of a bond follows the previous one."""

from __future__ import annotations

from itertools import pairwise
from statistics import median

from bench import process, seed
from bench.place import ACCOUNT, Place, at_hub
from bench.result import Result, Sizes, percentile, result
from hub.bonding.outbound import ticket_actions
from hub.bonding.outbound.escalate import escalate
from hub.desk.store import add_ticket
from hub.model import Severity, TicketDraft, Visibility

LATENCY = 0.020
SAYS = "99th percentile of the time between two comments on a bond, at a vendor that takes 20 ms per call"


async def measure(place: Place, sizes: Sizes) -> Result:
    """Send many waiting comments on some bonds; the gaps are from the vendor's ledger, including its 20 ms."""
    bonds, length = sizes.chain_bonds, sizes.chain_length
    async with place.vendor(latency=LATENCY) as vendor:
        config = await place.hub({ACCOUNT: vendor})
        async with at_hub(config) as hub:
            await seed.rest(hub)
            numbers = []
            for _ in range(bonds):
                draft = TicketDraft(title=seed.TITLE, severity=Severity.S2, description=seed.DESCRIPTION)
                numbers.append((await add_ticket(hub.storage, "RJR", draft, who="bench")).number)
                await escalate(hub.context, numbers[-1], ACCOUNT, {}, who="bench")
        await _work(config, bonds)
        async with at_hub(config) as hub:
            for at in range(length):
                for number in numbers:
                    body = f"Step {at}: the node was restarted again and the error is back."
                    await ticket_actions.comment(hub.context, number, body, Visibility.VENDOR, who="bench")
        await _work(config, bonds * length)
        entries = [entry for entry in (await vendor.ledger())["entries"] if entry["kind"] == "note"]
        place.drop(config)
    by_case: dict[str, list[float]] = {}
    for entry in entries:
        by_case.setdefault(entry["parent"], []).append(entry["at"])
    assert [len(times) for times in by_case.values()] == [length] * bonds, "notes are missing or doubled"
    gaps = [1000 * (after - before) for times in by_case.values() for before, after in pairwise(times)]
    return result(
        "chain",
        SAYS,
        percentile(gaps, 0.99),
        50.0,
        "at most",
        unit="ms",
        bonds=bonds,
        operations=len(entries),
        median_ms=round(median(gaps), 2),
        longest_ms=round(max(gaps), 2),
        vendor_ms=1000 * LATENCY,
    )


async def _work(config: dict[str, object], count: int) -> None:
    async with process.start("worker", config=config, until={"done": count}) as worker:
        await worker.receive()
        await worker.receive()
