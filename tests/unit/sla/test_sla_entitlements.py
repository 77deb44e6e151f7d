"""What a plan includes decides, with a reason; an operator may decide otherwise, with a reason too."""

from __future__ import annotations

import pytest

from hub.errors import NotFound
from hub.model import Coverage
from hub.sla.entitlements import AFTER_HOURS, FOLLOW_UP, PATCHES, REMOTE_SESSION, Override, rule
from hub.sla.offer import read_offer

OFFER = read_offer()
FAST = Coverage(plan="fast-track", contract="K-1", customer="100", why="chosen by an operator")
CONTINUOUS = FAST.evolve(plan="continuous")

PUBLISHED = {
    "business_day_support": True,
    "emergency": False,
    "senior_consultants": True,
    "clock_hour_s1": False,
    "toll_free": True,
    "remote_session": True,
    "after_hours_work": False,
    "database_copy": True,
    "account_manager": False,
    "monthly_follow_up": False,
    "french": True,
    "newsletter": True,
    "self_service": True,
    "knowledge_base": True,
    "standard_reports": True,
    "custom_reports": False,
    "report_creation": False,
    "patches": True,
}
"""The published table: what Fast-Track has. Continuous has all of it."""


@pytest.mark.parametrize("feature", sorted(OFFER.features))
def test_the_published_table_decides(feature: str) -> None:
    """Fast-Track has what is ticked, Continuous everything; the reason names the plan, and who has it."""
    fast, continuous = rule(feature, FAST, OFFER), rule(feature, CONTINUOUS, OFFER)
    assert fast.allowed is PUBLISHED[feature]
    assert continuous.allowed
    assert continuous.why == "Continuous includes it"
    assert fast.why == ("Fast-Track includes it" if fast.allowed else "Fast-Track does not include it; Continuous does")
    assert (fast.title, fast.plan, fast.contract) == (OFFER.features[feature], "fast-track", "K-1")


def test_the_features_that_commands_ask_for_are_in_the_offer() -> None:
    """A renamed feature would otherwise refuse everybody."""
    assert {REMOTE_SESSION, AFTER_HOURS, PATCHES, FOLLOW_UP} <= set(OFFER.features)


def test_a_ticket_without_a_plan_has_nothing() -> None:
    """The reason is why it has none."""
    got = rule("patches", Coverage(why="the ticket names no customer"), OFFER)
    assert (got.allowed, got.why) == (False, "the ticket has no plan: the ticket names no customer")


def test_where_no_contract_is_kept_none_decides() -> None:
    """A hub without customers goes on as before, and says so."""
    got = rule("custom_reports", Coverage(why="x"), OFFER, any_contract=False)
    assert got.allowed
    assert "the hub has no contracts" in got.why


def test_an_operator_may_override_a_refusal() -> None:
    """The plan's own reason stays told; what is included needs no override."""
    said = Override(who="carla", reason="goodwill")
    got = rule("custom_reports", FAST, OFFER, said)
    assert got.allowed
    assert got.why == "Fast-Track does not include it; Continuous does; overridden by carla: goodwill"
    assert "an operator: x" in rule("emergency", Coverage(why="w"), OFFER, Override(who="", reason="x")).why
    assert rule("patches", FAST, OFFER, said).why == "Fast-Track includes it"


def test_what_the_offer_does_not_have_is_named() -> None:
    """With what there is."""
    with pytest.raises(NotFound, match="unknown feature pizza") as caught:
        rule("pizza", FAST, OFFER)
    assert "remote_session" in caught.value.next_step


def test_a_feature_that_no_plan_has_names_none() -> None:
    """Nobody is told to buy what is not for sale."""
    offer = read_offer()
    offer.features = {**offer.features, "sauna": "a sauna"}
    assert rule("sauna", FAST, offer).why == "Fast-Track does not include it"
