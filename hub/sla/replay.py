"""Replays past tickets under another policy or calendar; values in, values out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from hub.model import Value
from hub.sla.policy import DueStep, EscalationPolicy
from hub.sla.ticket_clocks import TicketClock

K = TypeVar("K")


class ReplayDifference(Value, frozen=True):
    """One deadline or step that would have been different."""

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
    """The deadlines and steps that differ, up to now, between the clocks and policies before and after."""
    changes = [
        ReplayDifference(ticket=ticket, clock=name, what="deadline", before=old, after=new)
        for name, old, new in _pairs(_deadlines(before), _deadlines(after))
    ]
    steps = [
        {(due.clock, due.step): due.not_before for due in _all(policy, kept, now)}
        for policy, kept in zip(policies, (before, after), strict=True)
    ]
    changes += [
        ReplayDifference(ticket=ticket, clock=clock, what=step, before=old, after=new)
        for (clock, step), old, new in _pairs(*steps)
    ]
    return changes


def _all(policy: EscalationPolicy, kept: Sequence[TicketClock], now: datetime) -> list[DueStep]:
    return policy.due([clock.running for clock in kept], (), now)


def _deadlines(kept: Sequence[TicketClock]) -> dict[str, datetime | None]:
    return {clock.running.name: clock.running.state.deadline for clock in kept}


def _pairs(
    before: Mapping[K, datetime | None], after: Mapping[K, datetime | None]
) -> Iterator[tuple[K, datetime | None, datetime | None]]:
    for key in dict.fromkeys((*before, *after)):
        if before.get(key) != after.get(key):
            yield key, before.get(key), after.get(key)
