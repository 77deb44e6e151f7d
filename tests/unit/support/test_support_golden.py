"""Deadlines to the second: written by hand where it is delicate, and by an independent rule over two years."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from rule import DAYS_OFF, at, deadline, is_working_day, local

from hub.model import Severity
from hub.support.clock import Started, reckon, terms_of
from hub.support.offer import read_offer

OFFER = read_offer()
TERMS = terms_of(OFFER)
HOURS = {Severity.S1: 1, Severity.S2: 4, Severity.S3: 8, Severity.S4: 12}


def promised(start: str, plan: str, severity: Severity) -> str:
    """The deadline of a ticket that came in at a local time, as a local time."""
    found = reckon([Started(at=at(start), severity=severity, plan=plan)], TERMS).deadline
    assert found is not None
    return local(found)


BY_HAND = [
    # a plain Tuesday
    ("2026-03-03 10:00:00", "fast-track", Severity.S1, "2026-03-03 11:00:00"),
    ("2026-03-03 10:00:00", "fast-track", Severity.S2, "2026-03-03 14:00:00"),
    ("2026-03-03 10:00:00", "fast-track", Severity.S3, "2026-03-03 18:00:00"),
    ("2026-03-03 10:00:00", "fast-track", Severity.S4, "2026-03-04 10:00:00"),
    # one second before and after opening
    ("2026-03-03 07:59:59", "fast-track", Severity.S1, "2026-03-03 09:00:00"),
    ("2026-03-03 08:00:00", "fast-track", Severity.S1, "2026-03-03 09:00:00"),
    ("2026-03-03 08:00:01", "fast-track", Severity.S1, "2026-03-03 09:00:01"),
    # one second before, at and after closing
    ("2026-03-03 19:59:59", "fast-track", Severity.S1, "2026-03-04 08:59:59"),
    ("2026-03-03 20:00:00", "fast-track", Severity.S1, "2026-03-04 09:00:00"),
    ("2026-03-03 20:00:01", "fast-track", Severity.S1, "2026-03-04 09:00:00"),
    # the deadline is closing time, not the next opening
    ("2026-03-03 19:00:00", "fast-track", Severity.S1, "2026-03-03 20:00:00"),
    ("2026-03-03 16:00:00", "fast-track", Severity.S2, "2026-03-03 20:00:00"),
    ("2026-03-03 12:00:00", "fast-track", Severity.S3, "2026-03-03 20:00:00"),
    ("2026-03-03 08:00:00", "fast-track", Severity.S4, "2026-03-03 20:00:00"),
    ("2026-03-03 06:00:00", "fast-track", Severity.S4, "2026-03-03 20:00:00"),
    # over a weekend
    ("2026-03-06 19:30:00", "fast-track", Severity.S1, "2026-03-09 08:30:00"),
    ("2026-03-07 12:00:00", "fast-track", Severity.S4, "2026-03-09 20:00:00"),
    ("2026-03-08 23:59:59", "fast-track", Severity.S2, "2026-03-09 12:00:00"),
    # spring forward on 8 March 2026, fall back on 1 November: business hours are untouched, clock hours are not
    ("2026-03-06 14:00:00", "fast-track", Severity.S3, "2026-03-09 10:00:00"),
    ("2026-10-30 14:00:00", "fast-track", Severity.S3, "2026-11-02 10:00:00"),
    ("2026-03-08 01:30:00", "continuous", Severity.S1, "2026-03-08 03:30:00"),
    ("2026-11-01 00:30:00", "continuous", Severity.S1, "2026-11-01 01:30:00"),
    # holidays: Family Day, Good Friday, Victoria Day, Canada Day, Truth and Reconciliation, Remembrance, Christmas
    ("2026-02-13 19:00:00", "fast-track", Severity.S2, "2026-02-17 11:00:00"),
    ("2026-04-02 18:00:00", "fast-track", Severity.S3, "2026-04-06 14:00:00"),
    ("2026-05-15 19:59:59", "fast-track", Severity.S2, "2026-05-19 11:59:59"),
    ("2026-07-01 09:00:00", "fast-track", Severity.S1, "2026-07-02 09:00:00"),
    ("2026-09-29 16:00:00", "fast-track", Severity.S3, "2026-10-01 12:00:00"),
    ("2026-11-10 19:00:00", "fast-track", Severity.S3, "2026-11-12 15:00:00"),
    ("2026-12-24 19:00:00", "fast-track", Severity.S3, "2026-12-29 15:00:00"),
    ("2027-12-24 12:00:00", "fast-track", Severity.S4, "2027-12-29 12:00:00"),
    ("2026-12-31 19:00:00", "fast-track", Severity.S2, "2027-01-04 11:00:00"),
    # the August civic day is a working day
    ("2026-08-03 08:00:00", "fast-track", Severity.S1, "2026-08-03 09:00:00"),
    # leap day, a Tuesday
    ("2028-02-28 18:00:00", "fast-track", Severity.S2, "2028-02-29 10:00:00"),
    ("2028-02-29 23:30:00", "continuous", Severity.S1, "2028-03-01 00:30:00"),
    # Continuous: S1 at any hour, all others in business hours
    ("2026-12-25 02:15:00", "continuous", Severity.S1, "2026-12-25 03:15:00"),
    ("2026-12-25 02:15:00", "continuous", Severity.S2, "2026-12-29 12:00:00"),
    ("2026-12-31 23:30:00", "continuous", Severity.S1, "2027-01-01 00:30:00"),
    ("2026-03-07 12:00:00", "continuous", Severity.S3, "2026-03-09 16:00:00"),
]


@pytest.mark.parametrize(("start", "plan", "severity", "wanted"), BY_HAND)
def test_a_deadline_is_what_a_person_reckons(start: str, plan: str, severity: Severity, wanted: str) -> None:
    """Every plan and severity, opening and closing to the second, weekends, holidays, both clock changes, leap day."""
    assert promised(start, plan, severity) == wanted


def _instants() -> list[str]:
    """The delicate seconds of many days: around opening and closing, noon and midnight; days around every day off."""
    around = sorted(
        {day + timedelta(days=step) for day in DAYS_OFF for step in (-1, 0, 1) if day.year == 2026}
    )
    ordinary = [datetime(2026, 1, 1).date() + timedelta(days=step) for step in range(5, 360, 12)]
    clocks = [
        datetime(2026, month, day).date()
        for month, day in ((3, 7), (3, 8), (3, 9), (10, 31), (11, 1), (11, 2))
    ]
    times = ("00:00:00", "07:59:59", "08:00:00", "12:34:56", "19:59:59", "20:00:00", "20:00:01")
    return [f"{day} {time}" for day in (*around, *ordinary, *clocks) for time in times]


@pytest.mark.parametrize("severity", list(Severity))
@pytest.mark.parametrize("plan", ["fast-track", "continuous"])
def test_deadlines_agree_with_an_independent_rule(plan: str, severity: Severity) -> None:
    """Some hundred instants of a year for each plan and severity, against days written by hand and plain counting."""
    instants = _instants()
    assert len(instants) > 400
    for start in instants:
        begun = at(start)
        wanted = (
            begun.astimezone(UTC) + timedelta(hours=1)
            if (plan, severity) == ("continuous", Severity.S1)
            else deadline(begun, HOURS[severity] * 3600)
        )
        assert promised(start, plan, severity) == local(wanted), f"{start} {plan} {severity.name}"


def test_the_calendar_takes_the_days_that_are_published() -> None:
    """The hub's holidays of 2026 and 2027 are the days written by hand; each says why it is one."""
    calendar = OFFER.calendars["eastern"]
    found = {one.day for year in (2026, 2027) for one in calendar.holidays(year)}
    assert {day for day in found if day.weekday() < 5} == DAYS_OFF
    assert all(one.reason for one in calendar.holidays(2027))
    assert {one.name for one in calendar.holidays(2027)} >= {
        "Family Day",
        "Remembrance Day",
        "Boxing Day (observed)",
    }


def test_opening_hours_are_open_until_closing_time() -> None:
    """Open from 08:00:00 to 19:59:59 on a working day, and never else."""
    calendar = OFFER.calendars["eastern"]
    for text, is_open in (
        ("2026-03-03 07:59:59", False), ("2026-03-03 08:00:00", True), ("2026-03-03 19:59:59", True),
        ("2026-03-03 20:00:00", False), ("2026-03-07 12:00:00", False), ("2026-07-01 12:00:00", False),
    ):  # fmt: skip
        assert calendar.is_open(at(text)) is is_open, text
        assert not is_open or is_working_day(at(text).date())
