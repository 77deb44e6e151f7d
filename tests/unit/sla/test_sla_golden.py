"""Deadlines to the second: written by hand where it is delicate, and by an independent rule over two years."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import product

import pytest
from support_hours import DAYS_OFF, at, changed, is_working_day, local, promise

from hub.model import Severity
from hub.sla.clock import Changed, Started, run_clock, terms_of
from hub.sla.offer import read_offer

OFFER = read_offer()
TERMS = terms_of(OFFER)
HOURS = {Severity.S1: 1, Severity.S2: 4, Severity.S3: 8, Severity.S4: 12}
PLANS = ("fast-track", "continuous")

Change = tuple[str, str, Severity]
"""When a ticket's promise changed, and the plan and the severity that it has since."""
Row = tuple[str, str, Severity, Change | None, str]
"""When a ticket came in, with which plan and severity, what changed, and by when it is to be answered; local times."""


def promised(start: str, plan: str, severity: Severity, change: Change | None = None) -> str:
    """The deadline of a ticket that came in at a local time, as a local time."""
    history: list[Started | Changed] = [Started(at=at(start), severity=severity, plan=plan)]
    if change:
        history.append(Changed(at=at(change[0]), plan=change[1], severity=change[2]))
    found = run_clock(history, TERMS).deadline
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


CHANGED_BY_HAND = [
    # a raised severity counts from the change; what was promised before is never outstayed
    (
        "2026-03-03 10:00:00",
        "fast-track",
        Severity.S3,
        ("2026-03-03 13:00:00", "fast-track", Severity.S1),
        "2026-03-03 14:00:00",
    ),
    (
        "2026-03-03 10:00:00",
        "fast-track",
        Severity.S4,
        ("2026-03-03 12:00:00", "fast-track", Severity.S2),
        "2026-03-03 16:00:00",
    ),
    (
        "2026-03-03 10:00:00",
        "fast-track",
        Severity.S4,
        ("2026-03-03 19:00:00", "fast-track", Severity.S2),
        "2026-03-04 10:00:00",
    ),
    (
        "2026-03-03 10:00:00",
        "continuous",
        Severity.S4,
        ("2026-03-04 09:30:00", "continuous", Severity.S1),
        "2026-03-04 10:00:00",
    ),
    # raised at the seconds around closing and opening, and so that the deadline is the closing second
    (
        "2026-03-06 18:00:00",
        "fast-track",
        Severity.S3,
        ("2026-03-06 19:59:59", "fast-track", Severity.S1),
        "2026-03-09 08:59:59",
    ),
    (
        "2026-03-06 18:00:00",
        "fast-track",
        Severity.S3,
        ("2026-03-06 20:00:00", "fast-track", Severity.S1),
        "2026-03-09 09:00:00",
    ),
    (
        "2026-03-06 18:00:00",
        "fast-track",
        Severity.S3,
        ("2026-03-09 07:59:59", "fast-track", Severity.S1),
        "2026-03-09 09:00:00",
    ),
    (
        "2026-03-06 18:00:00",
        "fast-track",
        Severity.S3,
        ("2026-03-09 08:00:01", "fast-track", Severity.S1),
        "2026-03-09 09:00:01",
    ),
    (
        "2026-03-03 10:00:00",
        "fast-track",
        Severity.S4,
        ("2026-03-03 19:00:00", "fast-track", Severity.S1),
        "2026-03-03 20:00:00",
    ),
    # raised on a Saturday, and on Christmas
    (
        "2026-03-06 18:00:00",
        "fast-track",
        Severity.S3,
        ("2026-03-07 12:00:00", "fast-track", Severity.S1),
        "2026-03-09 09:00:00",
    ),
    (
        "2026-12-24 18:00:00",
        "fast-track",
        Severity.S3,
        ("2026-12-25 10:00:00", "fast-track", Severity.S1),
        "2026-12-29 09:00:00",
    ),
    # a better plan, on the nights of both clock changes
    (
        "2026-03-07 22:00:00",
        "fast-track",
        Severity.S1,
        ("2026-03-08 01:30:00", "continuous", Severity.S1),
        "2026-03-08 03:30:00",
    ),
    (
        "2026-10-31 22:00:00",
        "fast-track",
        Severity.S1,
        ("2026-11-01 00:30:00", "continuous", Severity.S1),
        "2026-11-01 01:30:00",
    ),
    # a worse plan, and a lowered severity, count from the beginning; even where the first promise was broken already
    (
        "2026-03-07 12:00:00",
        "continuous",
        Severity.S1,
        ("2026-03-07 12:30:00", "fast-track", Severity.S1),
        "2026-03-09 09:00:00",
    ),
    (
        "2026-03-03 10:00:00",
        "continuous",
        Severity.S1,
        ("2026-03-03 10:30:00", "fast-track", Severity.S1),
        "2026-03-03 11:00:00",
    ),
    (
        "2026-03-03 10:00:00",
        "fast-track",
        Severity.S1,
        ("2026-03-03 10:30:00", "fast-track", Severity.S3),
        "2026-03-03 18:00:00",
    ),
    (
        "2028-02-29 10:00:00",
        "fast-track",
        Severity.S2,
        ("2028-02-29 13:00:00", "fast-track", Severity.S4),
        "2028-03-01 10:00:00",
    ),
    (
        "2026-03-03 10:00:00",
        "fast-track",
        Severity.S1,
        ("2026-03-03 12:00:00", "fast-track", Severity.S2),
        "2026-03-03 14:00:00",
    ),
    # raised when it is broken already, it stays so
    (
        "2026-03-03 10:00:00",
        "fast-track",
        Severity.S2,
        ("2026-03-03 15:00:00", "fast-track", Severity.S1),
        "2026-03-03 14:00:00",
    ),
]


@pytest.mark.parametrize(("start", "plan", "severity", "wanted"), BY_HAND)
def test_a_deadline_is_what_a_person_reckons(start: str, plan: str, severity: Severity, wanted: str) -> None:
    """Every plan and severity, opening and closing to the second, weekends, holidays, both clock changes, leap day."""
    assert promised(start, plan, severity) == wanted


@pytest.mark.parametrize(("start", "plan", "severity", "change", "wanted"), CHANGED_BY_HAND)
def test_a_promise_that_changes_is_what_a_person_reckons(
    start: str, plan: str, severity: Severity, change: Change, wanted: str
) -> None:
    """Raised and lowered, another plan, while it runs and while all is closed."""
    assert promised(start, plan, severity, change) == wanted


def _instants() -> list[str]:
    """The delicate seconds of many days: around opening and closing, noon and midnight; days around every day off."""
    around = sorted({day + timedelta(days=step) for day in DAYS_OFF for step in (-1, 0, 1)})
    ordinary = [date(2026, 1, 1) + timedelta(days=step) for step in range(5, 360, 12)]
    delicate = [date(2026, month, day) for month, day in ((3, 7), (3, 8), (3, 9), (10, 31), (11, 1), (11, 2))]
    leap = [date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1)]
    times = ("00:00:00", "07:59:59", "08:00:00", "08:00:01", "12:34:56", "19:59:59", "20:00:00", "20:00:01")
    return [f"{day} {time}" for day in (*around, *ordinary, *delicate, *leap) for time in times]


def _goal(plan: str, severity: Severity) -> Callable[[datetime], datetime]:
    return promise(HOURS[severity] * 3600, around_the_clock=(plan, severity) == ("continuous", Severity.S1))


def _by_rule() -> Iterator[Row]:
    """Each instant under each plan and severity; and some thousand changes of it, half an hour to a day later."""
    for start, plan, severity in product(_instants(), PLANS, Severity):
        yield start, plan, severity, None, local(_goal(plan, severity)(at(start)))
    for number, start in enumerate(_instants()[::4]):
        later = local(at(start) + timedelta(minutes=(30, 90, 250, 1440)[number % 4]))
        for before, after in product(product(PLANS, Severity), repeat=2):
            wanted = changed(at(start), at(later), _goal(*before), _goal(*after))
            yield start, *before, (later, *after), local(wanted)


def _kinds(start: str, plan: str, severity: Severity, change: Change | None, wanted: str) -> Iterator[str]:
    """Which delicate kinds an instant is of."""
    day, time = date.fromisoformat(start[:10]), start[11:]
    yield f"{plan} {severity.name}"
    yield day.strftime("%A")
    yield DAYS_OFF.get(day, "an ordinary day")
    yield {"2026-03-08": "spring forward", "2026-11-01": "fall back", "2028-02-29": "leap day"}.get(start[:10], "")
    yield {
        "07:59:59": "a second before opening",
        "08:00:00": "at opening",
        "08:00:01": "a second after opening",
        "19:59:59": "a second before closing",
        "20:00:00": "at closing",
        "20:00:01": "a second after closing",
    }.get(time, "")
    yield "due on the closing second" if wanted.endswith("20:00:00") else ""
    if change:
        yield ("raised" if change[2] < severity else "lowered" if change[2] > severity else "of the same severity")
        yield f"from {plan} to {change[1]}" if change[1] != plan else "of the same plan"
        yield "changed while it runs" if change[0] < wanted else "changed after the deadline"


KINDS = {
    *(f"{plan} {severity.name}" for plan, severity in product(PLANS, Severity)),
    *DAYS_OFF.values(),
    "Saturday",
    "Sunday",
    "Monday",
    "an ordinary day",
    "spring forward",
    "fall back",
    "leap day",
    "a second before opening",
    "at opening",
    "a second after opening",
    "a second before closing",
    "at closing",
    "a second after closing",
    "due on the closing second",
    "raised",
    "lowered",
    "from fast-track to continuous",
    "from continuous to fast-track",
    "changed while it runs",
    "changed after the deadline",
}


def test_deadlines_agree_with_an_independent_rule() -> None:
    """Some ten thousand deadlines to the second, against days written by hand and plain counting."""
    for start, plan, severity, change, wanted in _by_rule():
        assert promised(start, plan, severity, change) == wanted, f"{start} {plan} {severity.name} {change}"


def test_the_table_has_every_kind_of_instant() -> None:
    """More than 250 instants; every kind by the rule, and all but some holidays by hand too."""
    by_hand: list[Row] = [*((*row[:3], None, row[3]) for row in BY_HAND), *CHANGED_BY_HAND]
    by_rule = list(_by_rule())
    assert len({row[0] for row in by_rule}) > 250
    seen = Counter(kind for row in by_rule for kind in _kinds(*row))
    assert {kind for kind in KINDS if seen[kind] < 3} == set()
    assert KINDS - set(DAYS_OFF.values()) - {kind for row in by_hand for kind in _kinds(*row)} == set()


def test_the_calendar_takes_the_days_that_are_published() -> None:
    """The hub's holidays of 2026 and 2027 are the days written by hand; each says why it is one."""
    calendar = OFFER.calendars["eastern"]
    found = {one.day for year in (2026, 2027) for one in calendar.holidays(year)}
    assert {day for day in found if day.weekday() < 5} == set(DAYS_OFF)
    assert all(one.reason for one in calendar.holidays(2027))
    assert {one.name for one in calendar.holidays(2027)} >= {"Family Day", "Remembrance Day", "Boxing Day (observed)"}


def test_opening_hours_are_open_until_closing_time() -> None:
    """Open from 08:00:00 to 19:59:59 on a working day, and never else."""
    calendar = OFFER.calendars["eastern"]
    for text, is_open in (
        ("2026-03-03 07:59:59", False),
        ("2026-03-03 08:00:00", True),
        ("2026-03-03 19:59:59", True),
        ("2026-03-03 20:00:00", False),
        ("2026-03-07 12:00:00", False),
        ("2026-07-01 12:00:00", False),
    ):
        assert calendar.is_open(at(text)) is is_open, text
        assert not is_open or is_working_day(at(text).date())
