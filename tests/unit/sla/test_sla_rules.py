"""Facts about the rules in force, about explaining a clock, and about replaying tickets under other rules."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support_hours import at

from hub.errors import SettingsError
from hub.model import AccountSettings, Severity
from hub.sla.clock import Answered, Paused, Started, run_clock, terms_of
from hub.sla.explain import explain
from hub.sla.history import ClockHistory
from hub.sla.offer import read_offer
from hub.sla.policy import RunningClock, read_policy
from hub.sla.replay import differences
from hub.sla.rules import read_rules
from hub.sla.ticket_clocks import TicketClock

OFFER = read_offer()
SHIPPED = Path(__file__).parents[3] / "hub/sla"
HOURS = dict.fromkeys(("S1", "S2", "S3", "S4"), "2 business hours")


def kept(*then: Any, clock: str = "response", start: str = "2026-03-04 09:00") -> TicketClock:
    """A clock of a ticket of severity 2 under Fast-Track, begun in business hours."""
    state = run_clock([Started(at=at(start), severity=Severity.S2, plan="fast-track"), *then], terms_of(OFFER))
    running = RunningClock(name=clock, clock=clock, state=state, around_the_clock=False, vendor="acme")
    return TicketClock(running=running, history=ClockHistory(clock_events=(), proof=(1, 2)), version=OFFER.version)


@pytest.mark.parametrize(
    ("then", "now", "state"),
    [
        ((), "2026-03-04 10:00", "running"),
        ((), "2026-03-04 18:00", "broken"),
        ((Answered(at=at("2026-03-04 10:00")),), "2026-03-04 18:00", "answered in time"),
        ((Answered(at=at("2026-03-04 17:00")),), "2026-03-04 18:00", "answered too late"),
        ((Paused(at=at("2026-03-04 10:00"), why="waits for us"),), "2026-03-04 18:00", "paused: waits for us"),
    ],
)
def test_a_clock_is_explained_in_a_word_and_its_time_adds_up(then: tuple[Any, ...], now: str, state: str) -> None:
    """The state is named, the counted time is the goal or what was used of it, and the proof is the journal's."""
    explanation = explain(kept(*then), at(now))
    assert explanation.state == state
    assert explanation.counted_seconds in {explanation.goal_seconds, explanation.used_seconds}
    assert (explanation.who, explanation.plan, explanation.severity) == ("us", "fast-track", "S2")
    assert explanation.proof == (1, 2)


def test_a_vendors_clock_is_the_vendors() -> None:
    """Who owes the answer of a vendor's clock is the vendor."""
    assert explain(kept(clock="vendor"), at("2026-03-04 10:00")).who == "acme"


def test_a_replay_lists_what_would_be_otherwise(tmp_path: Path) -> None:
    """The same rules change nothing; another start moves the deadline, and another policy its steps."""
    policy, now = read_policy(OFFER), at("2026-03-04 18:00")
    assert differences("RJR-1", [kept()], [kept()], (policy, policy), now) == []
    later = kept(start="2026-03-04 10:00")
    changes = differences("RJR-1", [kept()], [later], (policy, policy), now)
    moved = [change for change in changes if change.what == "deadline"]
    assert [(change.before, change.after) for change in moved] == [
        (at("2026-03-04 13:00"), at("2026-03-04 13:00") + timedelta(hours=1))
    ]
    fewer = differences("RJR-1", [kept()], [], (policy, policy), now)
    assert {change.after for change in fewer} == {None}
    assert all(isinstance(change.before, datetime) for change in fewer)


def account(**known: Any) -> AccountSettings:
    return AccountSettings.model_construct(vendor="acme", answers_calendar="eastern", answers_within={}, **known)


def test_rules_hold_the_obligations_of_vendors_that_promise_something() -> None:
    """An account without goals has no obligation; one with goals has them in the calendar that it names."""
    quick = account().model_copy(update={"answers_within": HOURS})
    rules = read_rules(None, None, {"quick": quick, "silent": account()})
    assert set(rules.obligations) == {"quick"}
    assert rules.obligations["quick"].calendar is rules.offer.calendars["eastern"]


def test_a_calendar_that_the_offer_lacks_is_refused() -> None:
    """The message names the setting and the calendars that there are."""
    lost = account().model_copy(update={"answers_within": HOURS, "answers_calendar": "lunar"})
    with pytest.raises(SettingsError, match="lunar") as refused:
        read_rules(None, None, {"acme": lost})
    assert "eastern" in refused.value.next_step


def test_other_rules_replace_only_what_is_given() -> None:
    """Another offer keeps the policy, another policy keeps the offer, and obligations stay."""
    rules = read_rules(None, None, {})
    other = rules.instead(None, SHIPPED / "offer.toml")
    assert other.policy is rules.policy
    assert other.offer is not rules.offer
    assert rules.instead(SHIPPED / "policy.toml", None).offer is rules.offer
