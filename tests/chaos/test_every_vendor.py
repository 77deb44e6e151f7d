"""Every vendor's cases on a bad line: a fifth of the replies lost, workers killed, and still each case once.

`make test` sends a small storm over two of them, `make prove NAME=storms` a larger one over each.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.model import AccountSettings
from hub.vendors import Vendor, load
from tests.chaos.run import Plan, Result, storm

PLAN = Plan(
    bonds=200,
    comments=1,
    workers=2,
    lease=2.0,
    kill_every=1.5,
    lost=0.1,
    unsent=0.1,
    stops=0,
    downs=(),
    first_down=4.0,
    answered=0.1,
    patience=90.0,
)

BY_MAIL = replace(PLAN, bonds=100, kill_every=3.0)
"""A mail is a line with a login of its own, and a mailbox is looked into one mail at a time."""


def _capabilities(vendor: Vendor, platform: str) -> frozenset[str]:
    """What an account at the vendor's simulator can do."""
    account = vendor.simulator(platform).account("http://127.0.0.1:1")
    settings: AccountSettings = vendor.settings(platform)(vendor=vendor.name, **account)
    return vendor.capabilities_of(settings)


def _desks(*, searched: bool) -> list[tuple[str, str]]:
    """Every vendor and system that takes cases and can, or can't, be searched for them."""
    return [
        (name, platform)
        for name, vendor in load(strict=True).vendors.items()
        for platform in vendor.info.platforms or ("",)
        if "open_case" in (can := _capabilities(vendor, platform)) and ("find_case" in can) is searched
    ]


MAIL = ("winmagic", "email")
SMALL = replace(PLAN, bonds=30, kills=3, lost=0.2, unsent=0.2, answered=0.3)
WHOLE = pytest.mark.prove(name="storms")


@pytest.mark.parametrize(
    ("vendor", "platform", "settings", "plan"),
    [
        pytest.param("mobile_reach", "zendesk", {}, SMALL, id="part"),
        *(pytest.param(*desk, {}, PLAN, marks=WHOLE, id="-".join(desk)) for desk in _desks(searched=True)),
        pytest.param(*MAIL, {"sent_copy": True}, BY_MAIL, marks=WHOLE, id="copies"),
    ],
)
async def test_a_bad_line_and_killed_workers_leave_each_case_once(
    vendor: str, platform: str, settings: dict[str, object], plan: Plan
) -> None:
    """So many escalations with a comment each: one case and one comment each, whatever was lost; all answers heard."""
    result = await storm(plan, vendor=vendor, platform=platform, **settings)
    _was_bad(result, plan)
    assert result.counts["left in doubt"] == 0


@pytest.mark.parametrize(
    ("vendor", "platform", "plan"),
    [
        pytest.param(*MAIL, SMALL, id="part"),
        *(pytest.param(*desk, BY_MAIL, marks=WHOLE, id="-".join(desk)) for desk in _desks(searched=False)),
    ],
)
async def test_where_nobody_can_look_each_case_is_there_once_or_shown_in_doubt(
    vendor: str, platform: str, plan: Plan
) -> None:
    """Escalations with a comment each: nothing is sent twice, and what is not known to have arrived is parked."""
    result = await storm(plan, vendor=vendor, platform=platform)
    _was_bad(result, plan)
    assert result.counts["left in doubt"] >= plan.bonds / 10


def test_no_account_that_takes_cases_is_left_out() -> None:
    """The two storms go over all systems of all vendors that cases can be opened at, the mailbox among them."""
    searched, blind = _desks(searched=True), _desks(searched=False)
    assert MAIL in blind
    assert len(searched) + len(blind) == 9


def _was_bad(result: Result, plan: Plan) -> None:
    """The weather was bad indeed, and no invariant is broken."""
    assert {name: found for name, found in result.verdict.breaches.items() if found} == {}
    assert min(result.verdict.looked.values()) >= 1
    assert result.counts["bonds"] == plan.bonds
    assert result.counts["workers killed"] >= 1
    least = {PLAN.bonds: 20, BY_MAIL.bonds: 5}.get(plan.bonds, 1)
    assert result.counts["replies lost"] >= least
    assert result.counts["cut before"] >= least
    assert result.counts["answers"] >= 5
