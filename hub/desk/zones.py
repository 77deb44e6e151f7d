"""Finds the time zone that is written after a time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta, timezone, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_TIME_AND_ZONE = re.compile(
    r"(?P<time>.*?\d\s*[:hH]\s*\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s*[AaPp]\.?[Mm]\b\.?)?)"
    r"\s*(?P<zone>(?:[A-Za-z][A-Za-z_]*(?:/[A-Za-z_-]+)*)?(?:[+-]\d{1,2}(?::?\d{2})?)?)"
    r"(?:\s*[(\[](?P<remark>[^)\]]*)[)\]])?"
    r"(?P<year>\s+\d{4})?$"
)
_OFFSET = re.compile(r"(?:UTC|GMT|UT)?([+-])(\d{1,2})(?::?(\d{2}))?", re.IGNORECASE)
_HOURS = {
    "utc gmt ut z wet": 0.0,
    "nst hnt": -3.5,
    "ndt hat": -2.5,
    "ast hna": -4,
    "adt haa": -3,
    "est hne": -5,
    "edt hae": -4,
    "cst hnc": -6,
    "cdt hac": -5,
    "mst hnr": -7,
    "mdt har": -6,
    "pst hnp": -8,
    "pdt hap": -7,
    "akst": -9,
    "akdt": -8,
    "hst": -10,
    "west cet": 1,
    "cest eet": 2,
    "eest": 3,
}
_ABBREVIATIONS: dict[str, tzinfo] = {
    name: timezone(timedelta(hours=hours)) for names, hours in _HOURS.items() for name in names.split()
}
"""Abbreviations in English and French with one meaning in North America; BST and IST, for example, have several."""


class StatedZone(NamedTuple):
    """A text without its time zone, and the zone's name; an empty name if none is written."""

    rest: str
    name: str


def split_zone(text: str) -> StatedZone:
    """Separate the time zone from a date with a time; a remark in brackets counts only where no other zone is."""
    match = _TIME_AND_ZONE.match(text)
    if not match:
        return StatedZone(text, "")
    name = match["zone"] or (match["remark"] or "").strip()
    return StatedZone(match["time"] + (match["year"] or ""), name) if name else StatedZone(text, "")


def zone_named(name: str, own: Mapping[str, str]) -> tzinfo | None:
    """The zone with this name: one of `own`, an abbreviation, an offset or an IANA name. None if it is not known."""
    name = own.get(name.casefold(), name)
    if known := _ABBREVIATIONS.get(name.casefold()):
        return known
    if match := _OFFSET.fullmatch(name):
        sign, hours, minutes = match.groups()
        offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
        if offset > timedelta(hours=14) or int(minutes or 0) > 59:
            return None
        return timezone(-offset if sign == "-" else offset)
    if "/" not in name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
