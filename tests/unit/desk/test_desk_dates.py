"""How the dates of help desks are understood."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from hub.desk.dates import parse_date

TORONTO = ZoneInfo("America/Toronto")
EXPECTED = datetime(2025, 10, 16, 12, 51, tzinfo=UTC)  # 08:51 in Toronto, daylight time


@pytest.mark.parametrize(
    "text",
    [
        "2025-10-16 08:51",
        " 2025-10-16T08:51:00 ",
        "2025-10-16T12:51:00Z",
        "2025-10-16 12:51:00 UTC",
        "2025-10-16T14:51:00+02:00",
        "2025-10-16 14:51:00 +0200",
        "2025-10-16T08:51:00.000-0400",
        "2025-10-16 08:51:00 -04:00",
        "2025-10-16 12:51:00 Z",
        "2025-10-16 8:51 AM",
        "2025/10/16 08:51",
        "1760619060",
        "1760619060.0",
        "1760619060000",
        "Oct 16, 2025 8:51 AM",
        "October 16 2025, 08:51",
        "Thu Oct 16, 2025 at 8:51 a.m.",
        "16-Oct-2025 08:51:00",
        "16 oct. 2025 08:51",
        "16 octobre 2025 à 08 h 51",
        "jeudi 16 octobre 2025 08h51",
    ],
)
def test_one_moment_in_many_forms(text: str) -> None:
    """All of these are 08:51 in Toronto on 16 October 2025, without any setting."""
    assert parse_date(text, TORONTO) == EXPECTED


def test_the_order_of_numbers_is_read_only_as_told() -> None:
    """Day first or month first comes from the mapping, for every date of the file."""
    assert parse_date("16/10/2025 08:51", TORONTO, day_first=True) == EXPECTED
    assert parse_date("10/16/2025 8:51 AM", TORONTO, day_first=False) == EXPECTED
    assert parse_date("16.10.25 08:51", TORONTO, day_first=True) == EXPECTED
    assert parse_date("01/07/1999", TORONTO, day_first=True).month == 7
    for text in ("05/06/2025", "16/10/2025 08:51", "10/16/2025"):
        with pytest.raises(ValueError, match=r"dates\.day_first"):
            parse_date(text, TORONTO)
    with pytest.raises(ValueError, match=r"dates\.day_first"):
        parse_date("10/16/2025", TORONTO, day_first=True)


def test_local_times_that_the_clocks_repeat_or_skip_have_one_meaning() -> None:
    """The repeated hour is its first pass; the skipped one lies as far behind the change as it says."""
    assert parse_date("2025-11-02 01:30", TORONTO) == datetime(2025, 11, 2, 5, 30, tzinfo=UTC)
    assert parse_date("2025-03-09 02:30", TORONTO) == datetime(2025, 3, 9, 7, 30, tzinfo=UTC)
    assert parse_date("2025-03-09 02:30", TORONTO).astimezone(TORONTO).hour == 3


def test_noon_and_midnight_on_a_twelve_hour_clock() -> None:
    """12 AM is midnight and 12 PM is noon; 13 PM is nothing."""
    assert parse_date("Oct 16, 2025 12:00 AM", ZoneInfo("UTC")).hour == 0
    assert parse_date("Oct 16, 2025 12:00 PM", ZoneInfo("UTC")).hour == 12
    with pytest.raises(ValueError, match="invalid hour"):
        parse_date("Oct 16, 2025 13:00 PM", TORONTO)


def test_a_form_named_by_the_mapping_comes_first() -> None:
    """A strptime form reads what nothing else can, and wins over the guesses."""
    assert parse_date("20251016-0851", TORONTO, formats=("%Y%m%d-%H%M",)) == EXPECTED
    assert parse_date("10/11/2025", TORONTO, day_first=True, formats=("%m/%d/%Y",)).month == 10


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "2025-13-01",
        "2025-02-30 10:00",
        "31/02/2025",
        "0000-00-00 00:00:00",
        "9999-12-31",
        "1899-12-30",
        "0001-01-01T00:00:00+14:00",
        "45946.368",
        "99 octobre 2025",
        "Foo 16, 2025",
        "16/10/2025 25:00",
        "999999999999999",
    ],
)
def test_what_is_no_date_is_refused_with_a_reason(text: str) -> None:
    """Words, impossible days, database zeros and spreadsheet serials give a reason that shows the text."""
    with pytest.raises(ValueError, match=text[:4].replace(".", r"\.")):
        parse_date(text, TORONTO, day_first=True)


def test_a_cell_full_of_blanks_costs_no_time() -> None:
    """Text that is far too long for a date is refused before any pattern sees it."""
    with pytest.raises(ValueError, match="too long"):
        parse_date("1/1/2025" + " " * 500_000 + "x", TORONTO, day_first=True)


def test_own_formats_are_tried_in_order_and_others_after_them() -> None:
    """A text that the first format does not fit is read by the second, and one that fits none as usual."""
    zone = ZoneInfo("UTC")
    formats = ("%Y.%m.%d", "%d.%m.%Y %Hh%M")
    assert parse_date("16.10.2025 08h51", zone, formats=formats) == datetime(2025, 10, 16, 8, 51, tzinfo=UTC)
    assert parse_date("2025-10-16 08:51", zone, formats=formats) == datetime(2025, 10, 16, 8, 51, tzinfo=UTC)


def test_a_year_of_three_digits_is_no_date() -> None:
    """What looks like a date and isn't one is refused, not guessed."""
    with pytest.raises(ValueError, match="not a known date format"):
        parse_date("16/10/205", ZoneInfo("UTC"), day_first=True)


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("Wed, 25 Feb 2026 22:17:00 GMT", 22),
        ("Wed, 25 Feb 2026 22:17:00 +0000 (UTC)", 22),
        ("2026-02-25 17:17:00 EST", 22),
        ("2026-02-25 5:17 PM EST", 22),
        ("25/02/2026 17:17 HNE", 22),
        ("2026-02-25 17:17 America/Toronto", 22),
        ("2026-02-25T17:17:00-05:00[America/Toronto]", 22),
        ("2026-02-25 23:17 UTC+1", 22),
        ("Wed Feb 25 2026 17:17:00 GMT-0500 (Eastern Standard Time)", 22),
        ("Feb 25, 2026 10:17 p.m. utc", 22),
        ("2026-02-25 22:17 Home", 22),
        ("2026-02-25 17:17", 22),
    ],
)
def test_a_stated_zone_counts(text: str, hour: int) -> None:
    """Abbreviations, offsets, IANA names and the mapping's own words decide; without one the default applies."""
    parsed = parse_date(text, TORONTO, day_first=True, zones={"home": "UTC"})
    assert parsed == datetime(2026, 2, 25, hour, 17, tzinfo=UTC)


def test_a_zone_in_a_format_counts() -> None:
    """%Z stands for any known zone, also in the middle; %z for an offset."""
    expected = datetime(2026, 2, 25, 22, 17, tzinfo=UTC)
    for text, pattern in (
        ("Wed, 25 Feb 2026 22:17:00 GMT", "%a, %d %b %Y %H:%M:%S %Z"),
        ("Wed Feb 25 17:17:00 EST 2026", "%a %b %d %H:%M:%S %Z %Y"),
        ("25.02.2026 17.17.00 -0500", "%d.%m.%Y %H.%M.%S %z"),
    ):
        assert parse_date(text, TORONTO, formats=(pattern,)) == expected


@pytest.mark.parametrize("zone", ["IST", "Mars/Olympus", "UTC+25", "XYZ"])
def test_an_unknown_zone_is_refused_by_name(zone: str) -> None:
    """The reason names the zone and the mapping's key; the time is not taken for a local one."""
    for text in (f"2026-02-25 22:17 {zone}", f"Wed, 25 Feb 2026 22:17:00 {zone}"):
        with pytest.raises(ValueError, match=rf"{zone.replace('+', '.')}.*dates\.zones"):
            parse_date(text, TORONTO)
