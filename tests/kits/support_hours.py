"""Business time by a rule of its own: a list of days written by hand, and seconds counted off one day after another.

Slow and plain on purpose, and without a line of the hub's: what the hub computes has to agree with it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

TORONTO = ZoneInfo("America/Toronto")

DAYS_OFF = {
    date(2026, 1, 1): "New Year",
    date(2026, 2, 16): "Family Day",
    date(2026, 4, 3): "Good Friday",
    date(2026, 5, 18): "Victoria Day",
    date(2026, 7, 1): "Canada Day",
    date(2026, 9, 7): "Labour Day",
    date(2026, 9, 30): "Truth and Reconciliation",
    date(2026, 10, 12): "Thanksgiving",
    date(2026, 11, 11): "Remembrance Day",
    date(2026, 12, 25): "Christmas",
    date(2026, 12, 28): "Boxing Day's substitute",
    date(2027, 1, 1): "New Year",
    date(2027, 2, 15): "Family Day",
    date(2027, 3, 26): "Good Friday",
    date(2027, 5, 24): "Victoria Day",
    date(2027, 7, 1): "Canada Day",
    date(2027, 9, 6): "Labour Day",
    date(2027, 9, 30): "Truth and Reconciliation",
    date(2027, 10, 11): "Thanksgiving",
    date(2027, 11, 11): "Remembrance Day",
    date(2027, 12, 27): "Christmas's substitute",
    date(2027, 12, 28): "Boxing Day's substitute",
}
"""Weekdays of 2026 and 2027 on which nobody works in Ontario, from a wall calendar."""

OPENS, CLOSES = 8, 20


def at(text: str) -> datetime:
    """A local time in Toronto, such as `2026-03-06 19:59:59`."""
    return datetime.fromisoformat(text).replace(tzinfo=TORONTO)


def local(moment: datetime) -> str:
    """A moment as a local time in Toronto."""
    return moment.astimezone(TORONTO).strftime("%Y-%m-%d %H:%M:%S")


def is_working_day(day: date) -> bool:
    """Monday to Friday, and no holiday."""
    return day.weekday() < 5 and day not in DAYS_OFF


def deadline(start: datetime, seconds: int) -> datetime:
    """The moment at which so many business seconds have passed since a start."""
    day = start.astimezone(TORONTO).date()
    while True:
        if is_working_day(day):
            opens = datetime(day.year, day.month, day.day, OPENS, tzinfo=TORONTO).astimezone(UTC)
            closes = datetime(day.year, day.month, day.day, CLOSES, tzinfo=TORONTO).astimezone(UTC)
            begin = max(opens, start.astimezone(UTC))
            if begin < closes:
                room = int((closes - begin).total_seconds())
                if seconds <= room:
                    return begin + timedelta(seconds=seconds)
                seconds -= room
        day += timedelta(days=1)


def promise(seconds: int, *, around_the_clock: bool = False) -> Callable[[datetime], datetime]:
    """A goal: what it makes of the moment from which it counts."""
    if around_the_clock:
        return lambda start: start.astimezone(UTC) + timedelta(seconds=seconds)
    return lambda start: deadline(start, seconds)


def changed(
    start: datetime, at: datetime, old: Callable[[datetime], datetime], new: Callable[[datetime], datetime]
) -> datetime:
    """The deadline after a promise has changed while it ran.

    A looser one counts from the start; a tighter one from the change, and the first promise is never outstayed.
    """
    return new(start) if new(start) >= old(start) else min(old(start), new(at))
