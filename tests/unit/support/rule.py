"""Business time by a rule of its own: a list of days written by hand, and seconds counted off one day after another.

Slow and plain on purpose, and without a line of the hub's: what the hub computes has to agree with it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

TORONTO = ZoneInfo("America/Toronto")

DAYS_OFF = {
    date(2026, 1, 1), date(2026, 2, 16), date(2026, 4, 3), date(2026, 5, 18), date(2026, 7, 1), date(2026, 9, 7),
    date(2026, 9, 30), date(2026, 10, 12), date(2026, 11, 11), date(2026, 12, 25), date(2026, 12, 28),
    date(2027, 1, 1), date(2027, 2, 15), date(2027, 3, 26), date(2027, 5, 24), date(2027, 7, 1), date(2027, 9, 6),
    date(2027, 9, 30), date(2027, 10, 11), date(2027, 11, 11), date(2027, 12, 27), date(2027, 12, 28),
}  # fmt: skip
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
