"""due: how long the watch takes to find the next due tickets among very many."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import text

from bench.place import Place, at_hub
from bench.result import Result, Sizes, percentile, result, spread
from hub.db.watches import CLAIM

SAYS = "99th percentile of the time to find the next 10 due tickets among 1,000,000, using the index"
FEW = 10

_FILL = """
    INSERT INTO watch (ticket, due_at)
    SELECT 'RJR-' || lpad(n::text, 7, '0'), now() - interval '1 day' + (n * 7919 % :count) * interval '1 minute'
    FROM generate_series(CAST(1 AS bigint), :count) n
"""


async def measure(place: Place, sizes: Sizes) -> Result:
    """Tickets are due over two years in random order; each lookup is a unit of work with its commit."""
    config = await place.hub({})
    async with at_hub(config) as hub:
        async with hub.storage.unit() as unit:
            await unit.connection.execute(text(_FILL), {"count": sizes.tickets})
            await unit.connection.execute(text("ANALYZE watch"))
            asked = text(f"EXPLAIN (FORMAT JSON) {CLAIM}")
            explained = await unit.connection.execute(asked, {"now": unit.now, "limit": FEW})
            plan = _steps(explained.scalar_one()[0]["Plan"])
        times: list[float] = []
        for _ in range(sizes.looks):
            began = time.perf_counter()
            async with hub.storage.unit() as unit:
                watches = await unit.watches.claim(unit.now, FEW)
            times.append(1000 * (time.perf_counter() - began))
            due = [watch.due_at for watch in watches if watch.due_at]
            assert len(due) == FEW
            assert due == sorted(due)
    place.drop(config)
    return result(
        "due",
        SAYS,
        percentile(times, 0.99),
        10.0,
        "at most",
        unit="ms",
        also="Index Scan ix_watch_due" in plan,
        tickets=sizes.tickets,
        looks=sizes.looks,
        plan=plan,
        median_ms=spread(times)["median"],
        longest_ms=round(max(times), 3),
    )


def _steps(plan: dict[str, Any]) -> list[str]:
    """The steps of a query plan, outermost first."""
    here = f"{plan['Node Type']} {plan.get('Index Name', '')}".strip()
    return [here, *(step for part in plan.get("Plans", ()) for step in _steps(part))]
