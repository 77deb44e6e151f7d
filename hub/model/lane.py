"""The streams and the circuit breaker of an account."""

from __future__ import annotations

from enum import StrEnum


class StreamKind(StrEnum):
    """What a stream reads from an account."""

    CASES = "cases"
    FILES = "files"  # attachments that cases mention
    RECONCILE = "reconcile"  # every bond compared with its case, in turn
    SESSIONS = "sessions"
    ARTICLES = "articles"
    PATCHES = "patches"


class CircuitState(StrEnum):
    """The state of a lane's circuit breaker."""

    CLOSED = "closed"
    OPEN = "open"  # nothing is sent until the wait is over; then one call tries
