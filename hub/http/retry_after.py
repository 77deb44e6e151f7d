"""Retry-After in both of its forms, turned into seconds (RFC 9110, sections 10.2.3 and 5.6.7)."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def parse_retry_after(value: str | None, *, date: str | None, now: datetime) -> float | None:
    """Seconds that the vendor asks us to wait, uncapped; None when there is no valid value.

    A date is compared with the reply's own Date header if there is one, so that a vendor's wrong clock does not
    matter, and with `now` otherwise. A date in the past means no wait.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit() and len(text) <= 12:  # a longer number can't be meant
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
