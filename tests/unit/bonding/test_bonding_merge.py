"""Three-way merging of the fields that ticket and case share."""

from __future__ import annotations

from typing import Any

import pytest
from bonding_values import NOON, at
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from hub.bonding.judgement.merge import DEFAULTS, FieldConflict, MergeResult, merge
from hub.model import MergePolicy

POLICIES: list[MergePolicy] = ["rjr", "vendor", "newest", "manual"]
MIRROR: dict[MergePolicy, MergePolicy] = {"rjr": "vendor", "vendor": "rjr", "newest": "newest", "manual": "manual"}

values = st.dictionaries(st.sampled_from(["severity", "title", "other"]), st.integers(1, 3))
policies = st.dictionaries(st.sampled_from(["severity", "title", "other"]), st.sampled_from(POLICIES))
moments = st.one_of(st.none(), st.integers(0, 2).map(at))


def rebase(base: dict[str, int], ours: dict[str, int], theirs: dict[str, int], merged: MergeResult) -> dict[str, int]:
    """What both sides agree on once the merge is applied; a field in conflict keeps its old base."""
    here, there = {**base, **ours, **merged.take}, {**base, **theirs, **merged.push}
    return {**base, **{field: value for field, value in here.items() if there.get(field) == value}}


def test_a_change_on_one_side_goes_to_the_other() -> None:
    """What only the vendor changed is taken, what only we changed is pushed."""
    merged = merge({"a": 1, "b": 1}, {"a": 2, "b": 1}, {"a": 1, "b": 3}, {}, None, None)
    assert (merged.push, merged.take, merged.conflicts) == ({"a": 2}, {"b": 3}, ())


def test_a_field_that_a_side_does_not_hold_was_not_changed_there() -> None:
    """A field that only the case has is taken from it, and never emptied for being absent from the ticket."""
    merged = merge({"assignee": "Kim"}, {}, {"assignee": "Lee"}, {}, None, None)
    assert (merged.take, merged.push) == ({"assignee": "Lee"}, {})


@pytest.mark.parametrize(
    ("policy", "ours_at", "theirs_at", "winner"),
    [
        ("rjr", 0, 1, "push"),
        ("vendor", 1, 0, "take"),
        ("newest", 1, 0, "push"),
        ("newest", 0, 1, "take"),
        ("newest", 1, 1, "conflict"),
        ("newest", None, 1, "conflict"),
        ("newest", 1, None, "conflict"),
        ("manual", 1, 0, "conflict"),
    ],
)
def test_who_wins_when_both_changed(
    policy: MergePolicy, ours_at: int | None, theirs_at: int | None, winner: str
) -> None:
    """The policy names the winner; equal or unknown times have none."""
    moments = [None if moment is None else at(moment) for moment in (ours_at, theirs_at)]
    merged = merge({"f": 1}, {"f": 2}, {"f": 3}, {"f": policy}, *moments)
    both = FieldConflict(field="f", base=1, ours=2, theirs=3)
    expected = {
        "push": ({}, {"f": 2}, (), (both,)),
        "take": ({"f": 3}, {}, (), (both,)),
        "conflict": ({}, {}, (both,), ()),
    }
    assert (merged.take, merged.push, merged.conflicts, merged.settled) == expected[winner]


def test_fields_have_their_own_policy_where_the_account_names_none() -> None:
    """Severity goes by time, the title is ours, the vendor's status is the vendor's, anything else is manual."""
    base, ours, theirs = (dict.fromkeys([*DEFAULTS, "else"], mark) for mark in (1, 2, 3))
    merged = merge(base, ours, theirs, {}, at(1), NOON)
    assert merged.push == {"severity": 2, "title": 2}
    assert merged.take == {"status": 3, "resolution": 3, "assignee": 3}
    assert [one.field for one in merged.conflicts] == ["else"]


@given(values, values, policies, moments, moments)
def test_no_change_needs_nothing(
    base: dict[str, int], both: dict[str, int], rules: dict[str, MergePolicy], ours_at: Any, theirs_at: Any
) -> None:
    """Two sides that agree, changed or not, have nothing to exchange."""
    merged = merge(base, both, both, rules, ours_at, theirs_at)
    assert (merged.take, merged.push, merged.conflicts, merged.settled) == ({}, {}, (), ())


@given(values, values, values, policies, moments, moments)
def test_merging_is_the_same_from_either_side(
    base: dict[str, int],
    ours: dict[str, int],
    theirs: dict[str, int],
    rules: dict[str, MergePolicy],
    ours_at: Any,
    theirs_at: Any,
) -> None:
    """With the sides and their policies exchanged, what was taken is pushed and the other way round."""
    named = {field: rules.get(field, "manual") for field in (*base, *ours, *theirs)}
    here = merge(base, ours, theirs, named, ours_at, theirs_at)
    there = merge(base, theirs, ours, {f: MIRROR[p] for f, p in named.items()}, theirs_at, ours_at)
    assert (here.take, here.push) == (there.push, there.take)
    assert [one.field for one in here.conflicts] == [one.field for one in there.conflicts]


@given(values, values, values, policies, moments, moments)
def test_an_applied_merge_leaves_nothing_to_do(
    base: dict[str, int],
    ours: dict[str, int],
    theirs: dict[str, int],
    rules: dict[str, MergePolicy],
    ours_at: Any,
    theirs_at: Any,
) -> None:
    """After applying, both sides agree on all but the conflicts, which stay as they are."""
    merged = merge(base, ours, theirs, rules, ours_at, theirs_at)
    agreed = rebase(base, ours, theirs, merged)
    ours, theirs = {**ours, **merged.take}, {**theirs, **merged.push}
    again = merge(agreed, ours, theirs, rules, ours_at, theirs_at)
    assert (again.take, again.push) == ({}, {})
    assert again.conflicts == merged.conflicts
    open_fields = {one.field for one in merged.conflicts}
    for field in {*ours, *theirs} - open_fields:
        assert ours.get(field, agreed.get(field)) == theirs.get(field, agreed.get(field))


class TwoSides(RuleBasedStateMachine):
    """Ticket and case change at random and are brought together; comments flow aside."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = 0
        self.base: dict[str, int] = {"severity": 3, "title": 1}
        self.ours, self.theirs = dict(self.base), dict(self.base)
        self.ours_at = self.theirs_at = NOON

    @rule(field=st.sampled_from(["severity", "title"]), value=st.integers(1, 4), tick=st.booleans())
    def we_change(self, field: str, value: int, tick: bool) -> None:
        self.clock += tick
        self.ours[field], self.ours_at = value, at(self.clock)

    @rule(field=st.sampled_from(["severity", "title"]), value=st.integers(1, 4), tick=st.booleans())
    def they_change(self, field: str, value: int, tick: bool) -> None:
        self.clock += tick
        self.theirs[field], self.theirs_at = value, at(self.clock)

    @rule()
    def synchronise(self) -> None:
        merged = merge(self.base, self.ours, self.theirs, {}, self.ours_at, self.theirs_at)
        self.base = rebase(self.base, self.ours, self.theirs, merged)
        self.ours |= merged.take
        self.theirs |= merged.push
        for one in merged.conflicts:
            assert one.field == "severity"
            assert self.ours_at == self.theirs_at
        apart = {field for field in self.ours if self.ours[field] != self.theirs[field]}
        assert apart == {one.field for one in merged.conflicts}

    @invariant()
    def no_value_is_invented(self) -> None:
        """Every value was once set by one of the two sides."""
        assert set(self.base) == {"severity", "title"}
        assert all(1 <= value <= 4 for value in (*self.base.values(), *self.ours.values()))


TestTwoSides = TwoSides.TestCase
