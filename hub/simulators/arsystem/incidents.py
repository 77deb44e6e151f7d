"""Judgements of the Incident application: priority from weights, and which status may follow which. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.simulators.arsystem.enums import (
    ASSIGNED,
    CANCELLED,
    CLOSED,
    DEFAULTS,
    IN_PROGRESS,
    NEW,
    PENDING,
    REASONS,
    RESOLVED,
)

# BMC, "Configuring incident priority and weight ranges": Significant 5, Minor 1 and Critical 20 are in its
# worked example; the other weights and the ranges are unverified.
_IMPACT = {1000: 9, 2000: 5, 3000: 3, 4000: 1}
_URGENCY = {1000: 20, 2000: 15, 3000: 10, 4000: 0}
_FLOORS = ((24, 0), (18, 1), (10, 2), (0, 3))


def priority(impact: int, urgency: int) -> tuple[int, int]:
    """Priority's number and the weight behind it."""
    weight = _IMPACT[impact] + _URGENCY[urgency]
    return next(number for floor, number in _FLOORS if weight >= floor), weight


_ALLOWED: dict[int, frozenset[int]] = {
    NEW: frozenset({ASSIGNED, IN_PROGRESS, PENDING, RESOLVED, CANCELLED}),
    ASSIGNED: frozenset({NEW, IN_PROGRESS, PENDING, RESOLVED, CANCELLED}),
    IN_PROGRESS: frozenset({ASSIGNED, PENDING, RESOLVED, CANCELLED}),
    PENDING: frozenset({ASSIGNED, IN_PROGRESS, RESOLVED, CANCELLED}),
    RESOLVED: frozenset({ASSIGNED, IN_PROGRESS, PENDING, CLOSED}),
    CLOSED: frozenset(),
    CANCELLED: frozenset(),
}


def broken_rule(before: int | None, values: Mapping[str, Any]) -> str | None:
    """What forbids the row's values after a change, or none.

    Args:
        before: Status ahead of the change; none for a new incident.
        values: the whole row as it would be stored, enumerations as numbers.
    """
    status = int(values["Status"])
    name = DEFAULTS["Status"].get
    if before in (CLOSED, CANCELLED):
        return f"an incident that is {name(before)} can no longer be modified; create a new one and relate it"
    if before is not None and status != before and status not in _ALLOWED[before]:
        return f"Status may not go from {name(before)} to {name(status)}"
    if before is None and status in (CLOSED, CANCELLED):
        return f"a new incident can not be {name(status)}"
    if status == IN_PROGRESS and not (values.get("Assignee") or values.get("Assignee Login ID")):
        return "an assignee is required before the incident can be In Progress"
    reason = values.get("Status_Reason")
    if status in (PENDING, RESOLVED) and reason is None:
        return f"Status_Reason is required for {name(status)}"
    if reason is not None and DEFAULTS["Status_Reason"].get(reason) not in REASONS.get(status, frozenset()):
        return f"Status_Reason {DEFAULTS['Status_Reason'].get(reason)} does not go with {name(status)}"
    if status == RESOLVED and not values.get("Resolution"):
        return "Resolution is required for Resolved"
    return None
