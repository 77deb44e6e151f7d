"""What is due by a policy, when, for whom, and only once."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support_hours import at, local
from test_sla_history import ADDED, BOND, FOUND, OPENED, journal, minute, ticket

from hub.errors import SettingsError
from hub.model import Bond, BondState, Event, Level, Severity
from hub.sla.clock import Answered, Changed, ClockState, Paused, Started, run_clock, terms_of
from hub.sla.offer import goals_of, read_offer
from hub.sla.policy import EscalationPolicy, RunningClock, read_policy
from hub.sla.ticket_clocks import VendorObligation, clocks_of

OFFER = read_offer()
POLICY = read_policy(OFFER)
OURS = (Path(__file__).parents[3] / "hub/sla/policy.toml").read_text("utf-8")
QUICK = VendorObligation(
    goals=goals_of("acme", dict.fromkeys(("S1", "S2", "S3", "S4"), "2 business hours")),
    calendar=OFFER.calendars["eastern"],
)


def clock(start: str, *then: Any, severity: Severity = Severity.S3, plan: str = "fast-track") -> ClockState:
    """A response clock."""
    return run_clock([Started(at=at(start), severity=severity, plan=plan), *then], terms_of(OFFER))


def running(state: ClockState, **known: Any) -> RunningClock:
    """A ticket's own clock, as the policy sees it."""
    around = OFFER.plan(state.plan).around_the_clock
    return RunningClock(name="response", clock="response", state=state, around_the_clock=around, **known)


def names(found: Any) -> list[tuple[str, str]]:
    """Steps with when they fell due, in local time."""
    return [(one.step, local(one.since)) for one in found]


def test_steps_fall_due_at_their_shares_in_order() -> None:
    """S2 of Tuesday 10:00 has four hours: half at noon, the rest as the policy says."""
    ours = running(clock("2026-03-03 10:00:00", severity=Severity.S2))
    assert POLICY.due([ours], (), at("2026-03-03 11:59:59")) == []
    assert POLICY.next_moment([ours], (), at("2026-03-03 11:59:59")) == at("2026-03-03 12:00:00")
    assert names(POLICY.due([ours], (), at("2026-03-03 14:00:00"))) == [
        ("half", "2026-03-03 12:00:00"),
        ("warning", "2026-03-03 13:00:00"),
        ("raise", "2026-03-03 13:00:00"),
        ("breach", "2026-03-03 14:00:00"),
    ]
    assert POLICY.next_moment([ours], (), at("2026-03-03 14:00:00")) is None


def test_a_step_is_taken_once_for_a_promise() -> None:
    """What was taken is due no more; a raised severity is another promise."""
    ours = running(clock("2026-03-03 10:00:00"))
    now = at("2026-03-03 14:00:00")
    (half,) = POLICY.due([ours], (), now)
    assert POLICY.due([ours], {half.key}, now) == []
    raised = running(clock("2026-03-03 10:00:00", Changed(at=now, severity=Severity.S1)))
    (again,) = POLICY.due([raised], {half.key}, at("2026-03-03 14:30:00"))
    assert again.step == "half"
    assert again.key != half.key


def test_an_answer_ends_what_is_not_due_yet() -> None:
    """A warning that fell due before the answer stays due; nothing falls due after it."""
    ours = running(clock("2026-03-03 10:00:00", Answered(at=at("2026-03-03 14:30:00"))))
    assert names(POLICY.due([ours], (), at("2026-03-05 10:00:00"))) == [("half", "2026-03-03 14:00:00")]
    assert POLICY.next_moment([ours], (), at("2026-03-03 10:30:00")) == at("2026-03-03 14:00:00")


def test_quiet_hours_hold_back_all_but_the_worst_around_the_clock() -> None:
    """An S1 at night is told at once under Continuous; a question of the vendor at night waits for the morning."""
    night = running(clock("2026-03-03 23:00:00", severity=Severity.S1, plan="continuous"))
    (half, warning, *_) = POLICY.due([night], (), at("2026-03-03 23:50:00"))
    assert half.not_before == half.since
    assert local(warning.since) == "2026-03-03 23:45:00"
    begun = Started(at=at("2026-03-03 18:00:00"), severity=Severity.S3)
    paused = run_clock([begun, Paused(at=at("2026-03-03 21:00:00"), why="")], QUICK.terms)
    waits = RunningClock(name=BOND, clock="vendor", state=paused, waits_for_us=True)
    told = {one.step: one for one in POLICY.due([waits], (), at("2026-03-03 22:00:00"))}
    assert local(told["vendor-warning"].since) == "2026-03-03 19:30:00"


def test_a_step_that_is_taken_late_at_night_is_told_in_the_morning() -> None:
    """Unless the plan is for all hours, or its time has not come yet."""
    day = running(clock("2026-03-03 10:00:00"))
    (half, *_) = POLICY.due([day], (), at("2026-03-03 23:00:00"))
    assert local(POLICY.notify_at(half, at("2026-03-03 23:00:00"))) == "2026-03-04 08:00:00"
    assert POLICY.notify_at(half, half.since) == half.since
    night = running(clock("2026-03-03 21:00:00", severity=Severity.S1, plan="continuous"))
    (worst, *_) = POLICY.due([night], (), at("2026-03-03 23:00:00"))
    assert POLICY.notify_at(worst, at("2026-03-03 23:00:00")) == worst.since


def test_the_vendors_question_is_told_in_the_morning() -> None:
    """Once for each question, and only while it waits."""
    begun = Started(at=at("2026-03-03 19:30:00"), severity=Severity.S3)
    paused = run_clock([begun, Paused(at=at("2026-03-03 21:00:00"), why="")], QUICK.terms)
    waits = RunningClock(name=BOND, clock="vendor", state=paused, waits_for_us=True)
    (step,) = POLICY.due([waits], (), at("2026-03-03 22:00:00"))
    assert (step.step, local(step.since), local(step.not_before)) == (
        "vendor-waits-for-us",
        "2026-03-03 21:00:00",
        "2026-03-04 08:00:00",
    )
    assert POLICY.due([waits.evolve(waits_for_us=False)], (), at("2026-03-03 22:00:00")) == []
    assert POLICY.next_moment([waits.evolve(waits_for_us=False)], (), at("2026-03-03 22:00:00")) is None


def test_a_vendor_that_comes_too_late_is_told_at_once() -> None:
    """Its two hours end behind our one: S1 of 10:00, opened at 10:01."""
    told = journal(("ticket_added", {"severity": 1}), FOUND, OPENED)
    ours, theirs = clocks_of(ticket(Severity.S1), [bond(Severity.S1)], told, OFFER, {"acme": QUICK})
    assert theirs.running.too_late_for == ours.running.state.deadline
    steps = POLICY.due([theirs.running], (), minute(3))
    assert [one.step for one in steps] == ["vendor-too-late"]
    answered = [*told, *later(("first_answer", {"side": "rjr", "who": "ann", "given_at": minute(3).isoformat()}))]
    assert clocks_of(ticket(), [bond()], answered, OFFER, {"acme": QUICK})[1].running.too_late_for is None


def bond(severity: Severity = Severity.S3) -> Bond:
    """The ticket's bond."""
    return Bond(
        id=1,
        key=BOND,
        ticket_id=1,
        ticket_number="RJR-000001",
        account="acme",
        vendor="acme",
        state=BondState.OPEN,
        severity=severity,
        reference=None,
        picture={},
        created_at=minute(0),
        updated_at=minute(0),
        waiting=0,
        parked=0,
    )


def later(*entries: tuple[str, dict[str, Any]]) -> list[Event]:
    """Entries after the first three."""
    return [
        event.evolve(position=event.position + 3, at=event.at + timedelta(minutes=3)) for event in journal(*entries)
    ]


def test_a_ticket_without_plan_has_its_vendors_clock_only() -> None:
    """And a vendor that promises nothing has none; the version names what it was counted by."""
    told = journal(ADDED, OPENED)
    (theirs,) = clocks_of(ticket(), [bond()], told, OFFER, {"acme": QUICK})
    assert theirs.running.clock == "vendor"
    assert theirs.running.too_late_for is None
    assert theirs.version == "offer 2026-1, calendar eastern 2026-1"
    assert clocks_of(ticket(), [bond()], told, OFFER, {}) == []
    assert clocks_of(ticket(), [bond()], journal(ADDED), OFFER, {"acme": QUICK}) == []


def test_a_vendor_in_good_time_is_no_trouble() -> None:
    """Two hours end before our eight."""
    _, theirs = clocks_of(ticket(), [bond()], journal(ADDED, FOUND, OPENED), OFFER, {"acme": QUICK})
    assert theirs.running.too_late_for is None


def other(tmp_path: Path, *changes: tuple[str, str]) -> EscalationPolicy:
    """The shipped policy with parts of its text replaced."""
    text = OURS
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "policy.toml"
    path.write_text(text, "utf-8")
    return read_policy(OFFER, path)


def test_a_step_may_be_for_some_tickets_only(tmp_path: Path) -> None:
    """By plan, vendor, product and severity; all that are named have to fit."""
    only = 'plans = ["continuous"]\nvendors = ["acme"]\nproducts = ["Mail"]\nseverities = ["S3"]\n'
    policy = other(tmp_path, ("at = 0.5\n", f"at = 0.5\n{only}"))
    now: datetime = at("2026-03-03 14:00:00")
    fits = {"vendor": "acme", "product": "Mail"}
    assert policy.due([running(clock("2026-03-03 10:00:00"), **fits)], (), now) == []
    ours = clock("2026-03-03 10:00:00", plan="continuous")
    assert [one.step for one in policy.due([running(ours, **fits)], (), now)] == ["half"]
    assert policy.due([running(ours, vendor="acme")], (), now) == []


def test_raising_names_a_level() -> None:
    """The worst are raised to L2 before the promise is broken."""
    ours = running(clock("2026-03-03 10:00:00", severity=Severity.S1))
    raised = [one for one in POLICY.due([ours], (), at("2026-03-03 10:50:00")) if one.do == "raise"]
    assert [(one.level, one.share) for one in raised] == [(Level.L2, 0.75)]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('quiet_outside = "eastern"', 'quiet_outside = "western"', "'western', which is not a calendar"),
        ('name = "warning"', 'name = "half"', "several steps named half"),
        ("at = 0.5\n", "", "step half of the policy needs either"),
        ("at = 0.5\n", "at = -1\n", "step half of the policy has an invalid share -1"),
        ("at = 0.5\n", 'when = "waits_for_us"\n', "step half of the policy is about the vendor"),
        ('whom = ["owner"]\n', "", "step half of the policy notifies nobody"),
        ("at = 0.5\n", 'at = 0.5\nplans = ["gold"]\n', "unknown plans: gold"),
        ("at = 0.5\n", 'at = 0.5\nseverities = ["S9"]\n', "unknown severities: S9"),
        ("at = 0.5\n", 'at = "half"\n', "is not a valid policy"),
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    """The step is named, so that it can be mended."""
    with pytest.raises(SettingsError, match=words):
        other(tmp_path, (old, new))


def test_a_breach_needs_a_warning_before_it(tmp_path: Path) -> None:
    """Nobody is to learn of a promise only when it is broken."""
    steps = OURS.split("[[steps]]")
    path = tmp_path / "policy.toml"
    path.write_text("[[steps]]".join([steps[0], *(one for one in steps[1:] if "breach" in one)]), "utf-8")
    with pytest.raises(SettingsError, match="response clock without an earlier warning"):
        read_policy(OFFER, path)
