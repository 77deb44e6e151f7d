"""How well vendors keep their promises: answers by severity, questions, breaches. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from statistics import quantiles

from hub.db.clocks import StoredClock
from hub.model import Value


class Score(Value, frozen=True):
    """One vendor at one severity; seconds count as in the vendor's goal: all hours, or business hours."""

    vendor: str
    severity: str
    cases: int
    answered: int
    median_seconds: int | None
    ninetieth_seconds: int | None
    breaches: int
    questions: int  # times it asked us for information
    proof: tuple[str, ...]  # TICKET#POSITION of the journal entries behind it


def scorecard(clocks: Iterable[StoredClock], now: datetime) -> list[Score]:
    """The scores of the vendors' clocks, by vendor and severity."""
    groups: dict[tuple[str, str], list[StoredClock]] = {}
    for clock in clocks:
        if clock.kind == "vendor":
            groups.setdefault((clock.vendor, clock.severity.name), []).append(clock)
    return [_score(vendor, severity, groups[vendor, severity], now) for vendor, severity in sorted(groups)]


def _score(vendor: str, severity: str, clocks: list[StoredClock], now: datetime) -> Score:
    used = sorted(clock.used_seconds for clock in clocks if clock.answered_at is not None)
    return Score(
        vendor=vendor,
        severity=severity,
        cases=len(clocks),
        answered=len(used),
        median_seconds=_percentile(used, 50),
        ninetieth_seconds=_percentile(used, 90),
        breaches=sum(c.deadline is not None and (c.answered_at or now) > c.deadline for c in clocks),
        questions=sum(clock.rounds for clock in clocks),
        proof=tuple(f"{clock.ticket}#{position}" for clock in clocks for position in clock.proof),
    )


def _percentile(ordered: list[int], percent: int) -> int | None:
    if len(ordered) < 2:  # nothing to divide
        return ordered[0] if ordered else None
    return round(quantiles(ordered, n=100, method="inclusive")[percent - 1])
