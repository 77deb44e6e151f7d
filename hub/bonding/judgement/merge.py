"""Three-way merge of the fields that a ticket and its case share: which side wins when both changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from hub.model import Json, MergePolicy
from hub.model.base import Value

DEFAULTS: Mapping[str, MergePolicy] = {
    "severity": "newest",
    "title": "rjr",
    "status": "vendor",
    "resolution": "vendor",
    "assignee": "vendor",
}
"""Policies for fields that the account's settings don't name; any other field is manual."""


class FieldConflict(Value, frozen=True):
    """A field that both sides changed to different values."""

    field: str
    base: Json
    ours: Json
    theirs: Json


class MergeResult(Value, frozen=True):
    """What each side takes from the other."""

    take: dict[str, Json]  # from the case into the ticket
    push: dict[str, Json]  # from the ticket to the case
    conflicts: tuple[FieldConflict, ...]  # a person decides; until then both sides keep their values
    settled: tuple[FieldConflict, ...]  # a policy decided; kept for the journal


def merge(
    base: Mapping[str, Json],
    ours: Mapping[str, Json],
    theirs: Mapping[str, Json],
    policies: Mapping[str, MergePolicy],
    ours_changed_at: datetime | None,
    theirs_changed_at: datetime | None,
) -> MergeResult:
    """What to take and what to push so that both sides agree; `base` is what they last agreed on.

    A side without a field has not changed it. `newest` with equal or unknown times is a conflict, so the result is the
    same from either side. Comments are not merged here.
    """
    take: dict[str, Json] = {}
    push: dict[str, Json] = {}
    conflicts: list[FieldConflict] = []
    settled: list[FieldConflict] = []
    for field in sorted({*base, *ours, *theirs}):
        before = base.get(field)
        here, there = ours.get(field, before), theirs.get(field, before)
        if here == there:
            continue
        if here == before:
            take[field] = there
            continue
        if there == before:
            push[field] = here
            continue
        conflict = FieldConflict(field=field, base=before, ours=here, theirs=there)
        winner = _winner(policies.get(field, DEFAULTS.get(field, "manual")), ours_changed_at, theirs_changed_at)
        if winner == "manual":
            conflicts.append(conflict)
            continue
        settled.append(conflict)
        if winner == "rjr":
            push[field] = here
        else:
            take[field] = there
    return MergeResult(take=take, push=push, conflicts=tuple(conflicts), settled=tuple(settled))


def _winner(policy: MergePolicy, ours: datetime | None, theirs: datetime | None) -> MergePolicy:
    if policy != "newest":
        return policy
    if ours is None or theirs is None or ours == theirs:
        return "manual"
    return "rjr" if ours > theirs else "vendor"
