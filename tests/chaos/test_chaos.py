"""A small storm, and a few restarts of the database under one worker."""

from __future__ import annotations

from tests.chaos.run import Plan, restarts, storm


async def test_small_storm_breaks_no_invariant() -> None:
    """Sixty escalations with comments survive killed and stopped workers, a restart and lost replies."""
    plan = Plan(
        bonds=60, lease=2.0, stops=1, downs=(("immediate", 0.5),), first_down=2.0, between_downs=1.0, patience=60.0
    )
    result = await storm(plan)
    assert result.counts["bonds"] == plan.bonds
    assert result.counts["workers killed"] >= 1
    assert result.counts["workers stopped and continued"] == 1
    assert result.counts["database restarts"] == 1
    assert result.counts["replies lost"] >= 1
    assert result.counts["answers"] >= 1
    assert {name: found for name, found in result.verdict.breaches.items() if found} == {}
    assert min(result.verdict.looked.values()) >= 1


async def test_one_worker_outlives_restarts_of_its_database() -> None:
    """After each restart the same process works again within ten seconds."""
    result = await restarts(3)
    assert result.same_process
    assert len(result.seconds) == 3
    assert max(result.seconds) <= result.longest
