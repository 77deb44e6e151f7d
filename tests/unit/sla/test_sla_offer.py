"""The offer as data: another provider's is read the same way, and a wrong one is named."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from hub.errors import SettingsError
from hub.model import Severity
from hub.sla.calendar import Calendar, CalendarData, HolidayData
from hub.sla.offer import Offer, read_offer

OURS = (Path(__file__).parents[3] / "hub/sla/offer.toml").read_text("utf-8")


def offer(tmp_path: Path, *changes: tuple[str, str]) -> Offer:
    """The shipped offer with parts of its text replaced, read from a file."""
    text = OURS
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "offer.toml"
    path.write_text(text, "utf-8")
    return read_offer(path)


def test_the_shipped_offer_is_what_is_published() -> None:
    """Two plans, four goals each; only the S1 of Continuous counts by the clock; its features include all others'."""
    ours = read_offer()
    fast, continuous = ours.plan("fast-track"), ours.plan("continuous")
    assert [str(fast.response[one]) for one in Severity] == [
        "1 business hour",
        "4 business hours",
        "8 business hours",
        "12 business hours",
    ]
    assert str(continuous.response[Severity.S1]) == "1 clock hour"
    assert continuous.response[Severity.S4] == fast.response[Severity.S4]
    assert fast.features < continuous.features == set(ours.features)
    assert {"emergency", "after_hours_work", "custom_reports"}.isdisjoint(fast.features)
    assert set(ours.severities) == set(Severity)
    assert ours.calendar_of(fast).title == "Eastern business hours"
    assert ours.plan_words == {"fast-track": "fast-track", "continuous": "continuous"}


def test_another_provider_replaces_the_file(tmp_path: Path) -> None:
    """Other hours, other goals, in minutes too."""
    other = offer(tmp_path, ('S2 = "4 business hours"', 'S2 = "90 business minutes"'), ("08:00-20:00", "09:00-17:00"))
    assert other.plan("fast-track").response[Severity.S2].seconds == 5400


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"1 business hour"', '"soon"', "'soon' is not a valid goal"),
        ('calendar = "eastern"', 'calendar = "western"', "calendar 'western'"),
        ('"patches",', '"patches", "pizza",', "pizza"),
        (', S4 = "12 business hours" }', " }", "no response goal for S4"),
        (', S4 = "12 business hours" }', ', S4 = "1 clock hour", S5 = "1 clock hour" }', "unknown severities: S5"),
        ("around_the_clock = false", 'around_the_clock = false\npauses = ["lunch"]', "unknown statuses: lunch"),
        ('version = "2026-1"\n\n[severities', "[severities", "is not a valid offer"),
        ("[severities.S4]", "[severities.S9]", "is not a valid offer"),
        ("around_the_clock", "all_round", "is not a valid offer"),
    ],
)
def test_a_wrong_offer_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    """The operator reads what is wrong and where."""
    with pytest.raises(SettingsError, match=message):
        offer(tmp_path, (old, new))


def test_a_missing_offer_is_named(tmp_path: Path) -> None:
    """With its path."""
    with pytest.raises(SettingsError, match=r"none\.toml"):
        read_offer(tmp_path / "none.toml")


def calendar(**changes: object) -> Calendar:
    """A calendar with some fields changed."""
    fields = {"title": "T", "zone": "UTC", "version": "1", "hours": {"monday": ["08:00-12:00", "13:00-17:00"]}}
    return Calendar("c", CalendarData(**(fields | changes)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"zone": "Mars/Olympus"}, "unknown time zone"),
        ({"hours": {"moonday": ["08:00-09:00"]}}, "moonday"),
        ({"hours": {"monday": ["08:00"]}}, "invalid hours"),
        ({"hours": {"monday": ["08:00-25:00"]}}, "invalid hours"),
        ({"hours": {"monday": ["08:75-09:00"]}}, "invalid hours"),
        ({"hours": {"monday": ["17:00-08:00"]}}, "overlap"),
        ({"hours": {"monday": ["08:00-12:00", "11:00-13:00"]}}, "overlap"),
    ],
)
def test_a_wrong_calendar_is_named(changes: dict[str, object], message: str) -> None:
    """When the calendar is created."""
    with pytest.raises(SettingsError, match=message):
        calendar(**changes)


def test_an_unknown_country_is_named() -> None:
    """When its days are first needed."""
    with pytest.raises(SettingsError, match="calendar c"):
        calendar(holidays=[HolidayData(country="Atlantis", reason="x")]).holidays(2026)


def test_a_calendar_that_is_hardly_open_has_an_end() -> None:
    """A sum that would take more than thirty years is refused."""
    with pytest.raises(SettingsError, match="open too rarely"):
        calendar(hours={}).add(datetime(2026, 1, 1, tzinfo=UTC), 1)


def test_days_are_added_and_removed_in_data() -> None:
    """An added day is closed with its reason, a removed holiday is open; a lunch break is no business time."""
    monday, next_monday = date(2026, 7, 6), date(2026, 7, 13)
    one = calendar(
        added={monday: "founder's day"},
        holidays=[HolidayData(country="CA", reason="statutory")],
        removed={date(2026, 7, 1): "we work"},
    )
    assert [(found.day, found.name) for found in one.holidays(2026) if found.day.month == 7] == [
        (monday, "founder's day")
    ]
    end = one.add(datetime(2026, 7, 6, 9, tzinfo=UTC), 5 * 3600)
    assert end == datetime(next_monday.year, 7, 13, 14, tzinfo=UTC)
    told = list(one.explain(datetime(2026, 7, 6, 9, tzinfo=UTC), end))
    assert [(part.why, part.seconds // 3600) for part in told[-3:]] == [
        ("opening hours", 4),
        ("outside opening hours", 1),
        ("opening hours", 1),
    ]
    assert told[0].why == "founder's day (added)"


def test_hours_until_midnight_join_the_next_day() -> None:
    """24:00 is the end of the day; a calendar that is always open has no gap, and none before its first year."""
    always = calendar(hours={day: ["00:00-24:00"] for day in ("monday", "tuesday")})
    start = datetime(2026, 7, 6, 23, tzinfo=UTC)
    assert always.add(start, 7200) == datetime(2026, 7, 7, 1, tzinfo=UTC)
    assert always.between(datetime(1969, 12, 1, tzinfo=UTC), datetime(1969, 12, 2, tzinfo=UTC)) == 86_400
    assert always.between(datetime(1968, 1, 1, tzinfo=UTC), datetime(1968, 1, 1, 12, tzinfo=UTC)) == 43_200
