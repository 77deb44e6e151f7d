"""A storm, and restarts of the database under one worker: small ones, and in `make prove NAME=chaos` whole ones."""

from __future__ import annotations

import pytest
from proofs import sizes

from tests.chaos.run import Plan, restarts, storm

SMALL = Plan(
    bonds=40, lease=2.0, kills=3, stops=1, downs=(("immediate", 0.5),), first_down=2.0, between_downs=1.0, patience=60.0
)


@pytest.mark.parametrize("plan", sizes("chaos", SMALL, Plan()))
async def test_a_storm_breaks_no_invariant(plan: Plan) -> None:
    """Escalations with comments survive killed and stopped workers, restarts and lost replies."""
    result = await storm(plan)
    assert result.counts["bonds"] == plan.bonds
    assert result.counts["workers killed"] >= 1
    assert result.counts["workers stopped and continued"] == plan.stops
    assert result.counts["database restarts"] == len(plan.downs)
    assert result.counts["replies lost"] >= 1
    assert result.counts["answers"] >= 1
    assert {name: found for name, found in result.verdict.breaches.items() if found} == {}
    assert min(result.verdict.looked.values()) >= 1


@pytest.mark.parametrize("times", sizes("chaos", 2, 20))
async def test_one_worker_outlives_restarts_of_its_database(times: int) -> None:
    """After each restart the same process works again within ten seconds."""
    result = await restarts(times)
    assert result.same_process
    assert len(result.seconds) == times
    assert max(result.seconds) <= result.longest
