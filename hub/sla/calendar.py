"""Business time: opening hours in a time zone without holidays; sums and differences exact to the second."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays
import msgspec

from hub.errors import SettingsError
from hub.model import Value

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MAX_YEARS_AHEAD = 30
"""The most years ahead to search for a deadline; a calendar that is never open has none."""


class HolidayData(msgspec.Struct, forbid_unknown_fields=True):
    """One source of holidays, and which of its days apply."""

    country: str
    reason: str
    subdivision: str | None = None
    categories: tuple[str, ...] = ("public",)
    language: str = "en_CA"
    """The language of the names, where the country's data has it."""
    only: tuple[str, ...] = ()
    """Names, without `(observed)`; empty: all. A substitute day belongs to its holiday."""


class CalendarData(msgspec.Struct, forbid_unknown_fields=True):
    """A calendar in the offer's file."""

    title: str
    zone: str
    version: str
    hours: dict[str, list[str]]
    holidays: list[HolidayData] = []
    added: dict[date, str] = {}
    """Additional days off, each with its reason."""
    removed: dict[date, str] = {}
    """Holidays that are working days, each with its reason."""


class Window(NamedTuple):
    """One period of opening hours."""

    opens: int  # epoch seconds
    closes: int
    before: int  # business seconds since the calendar's first window, at its opening


class Holiday(Value, frozen=True):
    """A day off, and the reason."""

    day: date
    name: str
    reason: str


class Interval(Value, frozen=True):
    """A period that counts or does not, and the reason."""

    start: datetime
    end: datetime
    counted: bool
    why: str

    @property
    def seconds(self) -> int:
        """Its length."""
        return round((self.end - self.start).total_seconds())


class Calendar:
    """A provider's or vendor's business hours. Each year is computed when first needed."""

    def __init__(self, name: str, data: CalendarData) -> None:
        self.name, self.title, self.version = name, data.title, data.version
        try:
            self.zone = ZoneInfo(data.zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise SettingsError(f"calendar {name}: unknown time zone {data.zone!r}") from None
        self._hours = [_hours(name, data.hours.get(day, [])) for day in DAYS]
        if unknown := sorted(set(data.hours) - set(DAYS)):
            raise SettingsError(f"calendar {name}: {', '.join(unknown)} is not a day of the week")
        self.hours = data.hours
        """As in the offer, by day."""
        self._data = data
        self._holidays: dict[int, dict[date, Holiday]] = {}
        self._years: range = range(0)
        self._windows: list[Window] = []
        self._opens: list[int] = []
        self._ends: list[int] = []

    def holidays(self, year: int) -> tuple[Holiday, ...]:
        """The days off of a year, in order, each with its reason."""
        return tuple(holiday for _, holiday in sorted(self._days_off(year).items()))

    def add(self, start: datetime, seconds: int) -> datetime:
        """The time at which this many business seconds have passed, in UTC; closing time, never the next opening.

        Raises SettingsError when the calendar is open too rarely.
        """
        at = int(start.timestamp())
        self._cover(start.year - 1, start.year + 1)
        target = self._passed(at) + seconds
        while not self._ends or self._ends[-1] < target:
            if self._years.stop - start.year > MAX_YEARS_AHEAD:
                raise SettingsError(f"calendar {self.name} is open too rarely to count {seconds} s")
            self._cover(self._years.start, self._years.stop)
        window = self._windows[bisect_left(self._ends, target)]
        return datetime.fromtimestamp(window.opens + target - window.before, UTC)

    def between(self, start: datetime, end: datetime) -> int:
        """The business seconds between two times; negative when the second is earlier."""
        self._cover(min(start, end).year - 1, max(start, end).year + 1)
        return self._passed(int(end.timestamp())) - self._passed(int(start.timestamp()))

    def is_open(self, moment: datetime) -> bool:
        """Whether a time is within opening hours; closing time itself is not."""
        self._cover(moment.year - 1, moment.year + 1)
        at = int(moment.timestamp())
        index = bisect_right(self._opens, at) - 1
        return index >= 0 and at < self._windows[index].closes

    def opening(self, moment: datetime) -> datetime:
        """The given time if within opening hours, else the next opening, in UTC.

        Raises SettingsError when the calendar never opens again.
        """
        return moment if self.is_open(moment) else self.add(moment, 1) - timedelta(seconds=1)

    def explain(self, start: datetime, end: datetime) -> Iterator[Interval]:
        """The periods between two times: opening hours and closed time, with the reason."""
        self._cover(start.year - 1, end.year + 1)
        at, last = int(start.timestamp()), int(end.timestamp())
        index = max(bisect_right(self._opens, at) - 1, 0)
        while at < last:
            window = self._windows[index]
            if at >= window.closes:
                index += 1
                continue
            if at < window.opens:
                stop = min(window.opens, last)
                yield from self._closed(at, stop)
                at = stop
                continue
            stop = min(window.closes, last)
            yield _interval(at, stop, counted=True, why="opening hours")
            at = stop

    def _closed(self, at: int, stop: int) -> Iterator[Interval]:
        """Closed time, divided by day where the reasons differ."""
        begun, why = at, ""
        while at < stop:
            local = datetime.fromtimestamp(at, self.zone)
            here = self._why_closed(local)
            if why and here != why:
                yield _interval(begun, at, counted=False, why=why)
                begun = at
            why = here
            midnight = datetime.combine(local.date() + timedelta(days=1), time(), self.zone)
            at = min(int(midnight.timestamp()), stop)
        yield _interval(begun, stop, counted=False, why=why)

    def _why_closed(self, local: datetime) -> str:
        if holiday := self._days_off(local.year).get(local.date()):
            return f"{holiday.name} ({holiday.reason})"
        hours = self._hours[local.weekday()]
        return f"closed on {DAYS[local.weekday()].capitalize()}s" if not hours else "outside opening hours"

    def _passed(self, at: int) -> int:
        """Business seconds since the first window."""
        index = bisect_right(self._opens, at) - 1
        if index < 0:
            return 0
        window = self._windows[index]
        return window.before + min(at, window.closes) - window.opens

    def _cover(self, first: int, last: int) -> None:
        """Compute the windows of these years, and of all between them and those computed before."""
        if self._years and first in self._years and last in self._years:
            return
        years = range(min(first, self._years.start or first), max(last + 1, self._years.stop))
        windows: list[Window] = []
        passed = 0
        for year in years:
            off = self._days_off(year)
            day = date(year, 1, 1)
            while day.year == year:
                for opens, closes in () if day in off else self._hours[day.weekday()]:
                    begin, end = self._moment(day, opens), self._moment(day, closes)
                    windows.append(Window(begin, end, passed))
                    passed += end - begin
                day += timedelta(days=1)
        self._years, self._windows = years, windows
        self._opens = [window.opens for window in windows]
        self._ends = [window.before + window.closes - window.opens for window in windows]

    def _moment(self, day: date, minutes: int) -> int:
        """A local time on a day, in epoch seconds; 24:00 is the next midnight."""
        if minutes == _MIDNIGHT:
            day, minutes = day + timedelta(days=1), 0
        return int(datetime.combine(day, time(minutes // 60, minutes % 60), self.zone).timestamp())

    def _days_off(self, year: int) -> dict[date, Holiday]:
        if year not in self._holidays:
            days: dict[date, Holiday] = {}
            for source in self._data.holidays:
                for day, name in _source_days(self.name, source, year):
                    days.setdefault(day, Holiday(day=day, name=name, reason=source.reason))
            for day, why in self._data.added.items():
                if day.year == year:
                    days[day] = Holiday(day=day, name=why, reason="added")
            for day in self._data.removed:
                days.pop(day, None)
            self._holidays[year] = days
        return self._holidays[year]


_MIDNIGHT = 24 * 60


def _interval(start: int, end: int, *, counted: bool, why: str) -> Interval:
    begin, stop = datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)
    return Interval(start=begin, end=stop, counted=counted, why=why)


def _source_days(calendar: str, source: HolidayData, year: int) -> list[tuple[date, str]]:
    try:
        days = holidays.country_holidays(
            source.country,
            subdiv=source.subdivision,
            categories=source.categories,
            years=year,
            language=source.language,
        )
    except (RuntimeError, ValueError) as error:  # an unknown country, subdivision or category
        raise SettingsError(f"calendar {calendar}: {error}") from None
    taken = []
    for day, names in sorted(days.items()):
        fits = [
            name for name in names.split("; ") if not source.only or name.removesuffix(" (observed)") in source.only
        ]
        if fits and day.year == year:
            taken.append((day, fits[0]))
    return taken


def _hours(calendar: str, written: list[str]) -> list[tuple[int, int]]:
    """Opening and closing times in minutes of the day, in order; raises SettingsError."""
    windows = []
    for text in written:
        try:
            opens, closes = (_minutes(part) for part in text.split("-"))
        except ValueError:
            raise SettingsError(
                f"calendar {calendar}: invalid hours {text!r}", next_step="write them as `08:00-20:00`"
            ) from None
        windows.append((opens, closes))
    windows.sort()
    edges = [edge for window in windows for edge in window]
    if edges != sorted(set(edges)):
        raise SettingsError(f"calendar {calendar}: hours overlap or end before they start: {', '.join(written)}")
    return windows


def _minutes(text: str) -> int:
    hours, minutes = (int(part) for part in text.strip().split(":"))
    at = hours * 60 + minutes
    if not (0 <= minutes < 60 and 0 <= at <= _MIDNIGHT):
        raise ValueError(text)
    return at
