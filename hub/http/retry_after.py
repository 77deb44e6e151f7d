"""Retry-After in both of its forms, turned into seconds (RFC 9110, sections 10.2.3 and 5.6.7)."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def parse_retry_after(value: str | None, *, date: str | None, now: datetime) -> float | None:
    """Seconds that the vendor asks us to wait, uncapped; None when it named none that can be understood.

    A date is measured against the reply's own Date header where there is one, so that a vendor's wrong clock
    does not matter, and against `now` otherwise. A date that has passed means no wait at all.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit() and len(text) <= 12:  # longer is no number of seconds
        return float(text)
    moment = _moment(text)
    if moment is None:
        return None
    return max(0.0, (moment - (_moment(date or "") or now)).total_seconds())


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
