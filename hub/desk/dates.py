"""Parses dates as help desks write them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo

from hub.desk.zones import split_zone, zone_named

_CLOCK = (
    r"(?:(?:\s*,?\s*|T)(?:à\s*|at\s*)?"  # the text between date and time
    r"(\d{1,2})\s*[:hH]\s*(\d{2})?(?::(\d{2})(?:[.,]\d+)?)?"
    r"(?:\s*([AaPp])\.?[Mm]\.?)?)?"
)
_NUMBERS = re.compile(r"(\d{1,4})[/.-](\d{1,2})[/.-](\d{1,4})" + _CLOCK + r"$")
_DAY_MONTH = re.compile(r"(?:[^\W\d]+\.?,?\s+)?(\d{1,2})(?:er)?[\s-]+([^\W\d]+)\.?,?[\s-]+(\d{4})" + _CLOCK + r"$")
_MONTH_DAY = re.compile(r"(?:[^\W\d]+\.?,?\s+)?([^\W\d]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})" + _CLOCK + r"$")
_EPOCH = re.compile(r"\d{9,10}(?:\.\d{1,6})?$|\d{12,13}$")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january janv janvier",
            "feb february févr fév février fevrier",
            "mar march mars",
            "apr april avr avril",
            "may mai",
            "jun june juin",
            "jul july juil juillet",
            "aug august août aout",
            "sep sept september septembre",
            "oct october octobre",
            "nov november novembre",
            "dec december déc décembre decembre",
        ),
        1,
    )
    for name in names.split()
}
_EARLIEST, _LATEST = 1970, 2200
_LONGEST = 64


def parse_date(
    text: str,
    zone: tzinfo,
    *,
    day_first: bool | None = None,
    formats: Sequence[str] = (),
    zones: Mapping[str, str] | None = None,
) -> datetime:
    """The date and time in `text`, in UTC.

    `formats` (strptime) are tried first, then ISO 8601, seconds or milliseconds since 1970, dates with month
    names in English or French, and numbers as in 16/10/2025, whose order is given by `day_first`.
    Two-digit years are between 1970 and 2069.
    A time zone in the text counts: an abbreviation, an offset, an IANA name, or a word of `zones` (lower case).
    A time without one is local to `zone`: an ambiguous time is the first of the two, a time skipped by the
    clock change moves forward (02:30 becomes 03:30).
    Raises ValueError, with a reason to show, when the text is not a date, is ambiguous, or has an unknown time zone.
    """
    text = text.strip()
    if len(text) > _LONGEST:
        raise ValueError(f"{text[:40]!r}... is too long for a date")
    parsed = _formatted(text, [each for each in formats if "%Z" not in each]) or _iso(text)
    if parsed is None:
        rest, stated = split_zone(text)
        parsed = (
            _formatted(rest, [each.replace("%Z", "").strip() for each in formats])
            or _iso(rest)
            or _epoch(rest)
            or _written(rest)
            or _numbers(rest, day_first)
        )
        if parsed is not None and stated:
            found = zone_named(stated, zones or {})
            if found is None:
                raise ValueError(f"{text[:40]!r} has the unknown time zone {stated!r}; add it to dates.zones")
            zone = found
    if parsed is None:
        raise ValueError(f"{text[:40]!r} is not a known date format; add its format to dates.formats")
    try:
        aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)
        in_utc = aware.astimezone(UTC)
    except OverflowError:
        in_utc = parsed.replace(year=1, tzinfo=UTC)
    if not _EARLIEST <= in_utc.year <= _LATEST:
        raise ValueError(f"{text[:40]!r} is outside {_EARLIEST} to {_LATEST}")
    return in_utc


def _formatted(text: str, formats: Sequence[str]) -> datetime | None:
    for pattern in formats:
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007 - the zone comes later
        except ValueError:
            continue
    return None


def _iso(text: str) -> datetime | None:
    if not text[:4].isdigit() or text[4:5] != "-":  # compact forms could be numbers
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _epoch(text: str) -> datetime | None:
    if not _EPOCH.match(text):
        return None
    seconds = float(text)
    return datetime.fromtimestamp(seconds / 1000 if len(text.partition(".")[0]) >= 12 else seconds, UTC)


def _written(text: str) -> datetime | None:
    if match := _DAY_MONTH.match(text):
        day, name, year, *clock = match.groups()
    elif match := _MONTH_DAY.match(text):
        name, day, year, *clock = match.groups()
    else:
        return None
    month = _MONTHS.get(name.casefold())
    return _build(text, int(year), month, int(day), clock) if month else None


def _numbers(text: str, day_first: bool | None) -> datetime | None:
    match = _NUMBERS.match(text)
    if not match:
        return None
    first, second, third, *clock = match.groups()
    if len(first) == 4:
        return _build(text, int(first), int(second), int(third), clock)
    if len(third) not in {2, 4}:
        return None
    if day_first is None:
        raise ValueError(f"{text[:40]!r} is ambiguous; set dates.day_first to true or false")
    day, month = (first, second) if day_first else (second, first)
    year = int(third) if len(third) == 4 else int(third) + (1900 if int(third) >= 70 else 2000)
    return _build(text, year, int(month), int(day), clock)


def _build(text: str, year: int, month: int, day: int, clock: Sequence[str | None]) -> datetime:
    hour, minute, second = (int(part or 0) for part in clock[:3])
    half = (clock[3] or "").casefold()
    if half and not 1 <= hour <= 12:
        raise ValueError(f"{text[:40]!r} has an invalid hour")
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the zone comes later
    except ValueError as error:
        raise ValueError(f"{text[:40]!r} is not a date: {error}; check dates.day_first") from None
