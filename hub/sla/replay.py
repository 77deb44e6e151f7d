"""What another policy or calendar would have done to tickets of the past; values in, values out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from hub.model import Value
from hub.sla.policy import DueStep, EscalationPolicy
from hub.sla.ticket_clocks import TicketClock

K = TypeVar("K")


class ReplayDifference(Value, frozen=True):
    """One thing that would have been otherwise."""

    ticket: str
    clock: str
    what: str  # deadline, or the step's name
    before: datetime | None  # None: not at all
    after: datetime | None


def differences(
    ticket: str,
    before: Sequence[TicketClock],
    after: Sequence[TicketClock],
    policies: tuple[EscalationPolicy, EscalationPolicy],
    now: datetime,
) -> list[ReplayDifference]:
    """The deadlines and steps that differ, up to now, by the clocks and policies of before and after."""
    found = [
        ReplayDifference(ticket=ticket, clock=name, what="deadline", before=old, after=new)
        for name, old, new in _pairs(_deadlines(before), _deadlines(after))
    ]
    steps = [
        {(due.clock, due.step): due.not_before for due in _all(policy, kept, now)}
        for policy, kept in zip(policies, (before, after), strict=True)
    ]
    found += [
        ReplayDifference(ticket=ticket, clock=clock, what=step, before=old, after=new)
        for (clock, step), old, new in _pairs(*steps)
    ]
    return found


def _all(policy: EscalationPolicy, kept: Sequence[TicketClock], now: datetime) -> list[DueStep]:
    return policy.due([one.running for one in kept], (), now)


def _deadlines(kept: Sequence[TicketClock]) -> dict[str, datetime | None]:
    return {one.running.name: one.running.reckoning.deadline for one in kept}


def _pairs(
    before: Mapping[K, datetime | None], after: Mapping[K, datetime | None]
) -> Iterator[tuple[K, datetime | None, datetime | None]]:
    for key in dict.fromkeys((*before, *after)):
        if before.get(key) != after.get(key):
            yield key, before.get(key), after.get(key)
