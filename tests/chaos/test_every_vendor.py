"""Every vendor's cases on a bad line: a fifth of the replies lost, workers killed, and still each case once."""

from __future__ import annotations

import pytest

from hub.model import AccountSettings
from hub.vendors import Vendor, load
from tests.chaos.run import Plan, storm

PLAN = Plan(
    bonds=200, comments=1, workers=2, lease=2.0, kill_every=1.5, lost=0.1, unsent=0.1, stops=0, downs=(),
    first_down=4.0, answered=0.1, patience=90.0,
)  # fmt: skip


def _capabilities(vendor: Vendor, platform: str) -> frozenset[str]:
    """What an account at the vendor's simulator can do."""
    account = vendor.simulator(platform).account("http://127.0.0.1:1")
    settings: AccountSettings = vendor.settings(platform)(vendor=vendor.name, **account)
    return vendor.capabilities_of(settings)


def _desks() -> list[tuple[str, str]]:
    """Every vendor and system that takes cases and can be searched for them."""
    return [
        (name, platform)
        for name, vendor in load(strict=True).vendors.items()
        for platform in vendor.info.platforms or ("",)
        if {"open_case", "find_case", "read_case"} <= _capabilities(vendor, platform)
    ]


@pytest.mark.parametrize(("vendor", "platform"), _desks())
async def test_a_bad_line_and_killed_workers_leave_each_case_once(vendor: str, platform: str) -> None:
    """200 escalations with a comment each: one case and one comment each, whatever was lost; all answers heard."""
    result = await storm(PLAN, vendor=vendor, platform=platform)
    assert {name: found for name, found in result.verdict.breaches.items() if found} == {}
    assert min(result.verdict.looked.values()) >= 1
    assert result.counts["bonds"] == PLAN.bonds
    assert result.counts["workers killed"] >= 1
    assert result.counts["replies lost"] >= 20
    assert result.counts["cut before"] >= 20
    assert result.counts["answers"] >= 5
