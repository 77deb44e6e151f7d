"""What a new offer does to deadlines: those that move are told, with both times and the reason."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from support_hours import at

from hub.errors import SettingsError
from hub.model import Severity
from hub.sla.clock import Answered, Changed, ClockEvent, Started
from hub.sla.offer import Offer, read_offer
from hub.sla.offer_diff import moved_deadlines

TEXT = (Path(__file__).parents[3] / "hub/sla/offer.toml").read_text("utf-8")


def offer(folder: Path, *changes: tuple[str, str]) -> Offer:
    """The shipped offer, changed."""
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "new.toml"
    path.write_text(text, "utf-8")
    return read_offer(path)


def began(start: str, plan: str = "fast-track", severity: Severity = Severity.S2) -> Started:
    return Started(at=at(start), severity=severity, plan=plan)


HOLIDAY = (
    'version = "2026-1"\n\n[calendars.eastern.hours]',
    'version = "2026-2"\n\n[calendars.eastern.added]\n2026-03-03 = "snow"\n\n[calendars.eastern.hours]',
)


def test_a_new_holiday_moves_those_that_it_meets(tmp_path: Path) -> None:
    """A ticket of the day before that ran into it is told; one that ended earlier, or counts by the clock, is not."""
    new = offer(tmp_path, HOLIDAY)
    histories: list[tuple[str, tuple[ClockEvent, ...]]] = [
        ("hit", (began("2026-03-02 18:00:00"),)),
        ("early", (began("2026-03-02 09:00:00"),)),
        ("clock", (began("2026-03-03 09:00:00", "continuous", Severity.S1),)),
        ("answered", (began("2026-03-02 18:00:00"), Answered(at=at("2026-03-02 18:30:00")))),
    ]
    (moved,) = moved_deadlines(read_offer(), new, histories)
    assert (moved.ticket, moved.plan, moved.severity) == ("hit", "fast-track", Severity.S2)
    assert moved.before == at("2026-03-03 10:00:00").astimezone(UTC)
    assert moved.after == at("2026-03-04 10:00:00").astimezone(UTC)
    assert moved.why == "calendar eastern 2026-2 counts different hours than 2026-1"


def test_the_same_offer_moves_nothing() -> None:
    """However many tickets there are."""
    histories = [(str(hour), [began(f"2026-03-03 {hour:02}:00:00")]) for hour in range(24)]
    assert list(moved_deadlines(read_offer(), read_offer(), histories)) == []


def test_a_new_goal_or_calendar_is_the_reason(tmp_path: Path) -> None:
    """What has changed is named."""
    tight = offer(tmp_path, ('S2 = "4 business hours"', 'S2 = "2 business hours"'))
    (moved,) = moved_deadlines(read_offer(), tight, [("t", [began("2026-03-03 10:00:00")])])
    assert moved.why == "the goal is 2 business hours instead of 4 business hours"
    western = offer(tmp_path, ("eastern", "western"), ("America/Toronto", "America/Vancouver"))
    (moved,) = moved_deadlines(read_offer(), western, [("t", [began("2026-03-03 10:00:00")])])
    assert moved.why == "the calendar is western instead of eastern"


def test_a_plan_that_is_gone_leaves_no_deadline(tmp_path: Path) -> None:
    """Its tickets are told, also one that came to it later; a plan that the old offer lacks is an error."""
    new = offer(tmp_path, ("plans.continuous", "plans.premium"))
    late = [began("2026-03-03 10:00:00"), Changed(at=datetime(2026, 3, 3, 16, tzinfo=UTC), plan="continuous")]
    moved = list(moved_deadlines(read_offer(), new, [("a", [began("2026-03-03 10:00:00", "continuous")]), ("b", late)]))
    assert [(one.ticket, one.after, one.why) for one in moved] == [
        ("a", None, "the new offer has no plan continuous"),
        ("b", None, "the new offer has no plan continuous"),
    ]
    with pytest.raises(SettingsError):
        list(moved_deadlines(read_offer(), new, [("c", [began("2026-03-03 10:00:00", "premium")])]))
