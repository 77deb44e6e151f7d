"""What another policy or calendar would have done to tickets of the past; values in, values out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from hub.model import Value
from hub.sla.policy import Due, Policy
from hub.sla.ticket_clocks import Kept

K = TypeVar("K")


class Difference(Value, frozen=True):
    """One thing that would have been otherwise."""

    ticket: str
    clock: str
    what: str  # deadline, or the step's name
    before: datetime | None  # None: not at all
    after: datetime | None


def differences(
    ticket: str, before: Sequence[Kept], after: Sequence[Kept], policies: tuple[Policy, Policy], now: datetime
) -> list[Difference]:
    """The deadlines and steps that differ, up to now, by the clocks and policies of before and after."""
    found = [
        Difference(ticket=ticket, clock=name, what="deadline", before=old, after=new)
        for name, old, new in _pairs(_deadlines(before), _deadlines(after))
    ]
    steps = [
        {(due.clock, due.step): due.not_before for due in _all(policy, kept, now)}
        for policy, kept in zip(policies, (before, after), strict=True)
    ]
    found += [
        Difference(ticket=ticket, clock=clock, what=step, before=old, after=new)
        for (clock, step), old, new in _pairs(*steps)
    ]
    return found


def _all(policy: Policy, kept: Sequence[Kept], now: datetime) -> list[Due]:
    return policy.due([one.running for one in kept], (), now)


def _deadlines(kept: Sequence[Kept]) -> dict[str, datetime | None]:
    return {one.running.name: one.running.reckoning.deadline for one in kept}


def _pairs(
    before: Mapping[K, datetime | None], after: Mapping[K, datetime | None]
) -> Iterator[tuple[K, datetime | None, datetime | None]]:
    for key in dict.fromkeys((*before, *after)):
        if before.get(key) != after.get(key):
            yield key, before.get(key), after.get(key)
