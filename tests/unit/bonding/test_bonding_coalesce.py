"""Waiting field changes that leave as one."""

from __future__ import annotations

from typing import Any

import pytest
from bonding_values import NOON, operation
from hypothesis import given
from hypothesis import strategies as st

from hub.bonding.judgement.coalesce import coalesce
from hub.bonding.judgement.diff import changes_of
from hub.model import Operation, OperationKind, OperationState


def change(position: int, **payload: Any) -> Operation:
    return operation(position, payload=payload)


def test_ten_changes_leave_as_one() -> None:
    """Ten waiting changes become the last one, with the latest value of each field."""
    waiting = [change(n, severity=1 + n % 4, **({"title": "t"} if n == 3 else {})) for n in range(1, 11)]
    one = coalesce(waiting)
    assert one is not None
    assert one.keep == 110
    assert one.merged == tuple(range(101, 110))
    assert one.payload == {"severity": 3, "title": "t"}


def test_a_single_change_stays_alone() -> None:
    """Nothing is merged when there is nothing to merge with."""
    assert coalesce([change(1, title="a")]) is None
    assert coalesce([]) is None


@pytest.mark.parametrize(
    "between",
    [
        operation(2, OperationKind.ADD_COMMENT, payload={"body": "x"}),
        operation(2, OperationKind.ADD_ATTACHMENT),
        operation(2, OperationKind.CLOSE),
        operation(2, payload={"title": "x"}, attempts=1),
        operation(2, payload={"title": "x"}, sent_at=NOON),
        operation(2, payload={"title": "x"}, state=OperationState.PARKED),
        operation(2, payload={"title": "x", "impact": 3}),
    ],
)
def test_what_stands_between_keeps_changes_apart(between: Operation) -> None:
    """The order with comments, files, closings and anything ever tried is kept."""
    assert coalesce([change(1, title="a"), between, change(3, title="c")]) is None


def test_what_is_over_stands_between_nothing() -> None:
    """Done, ignored and merged operations have left the row."""
    over = [
        operation(2, OperationKind.ADD_COMMENT, state=state) for state in (OperationState.DONE, OperationState.MERGED)
    ]
    one = coalesce([change(3, title="c"), *over, change(1, title="a")])
    assert one is not None
    assert (one.keep, one.merged, one.payload) == (103, (101,), {"title": "c"})


def test_a_status_is_never_skipped() -> None:
    """Two different statuses leave as two changes; fields around each still join it."""
    waiting = [change(1, status="resolved"), change(2, title="a"), change(3, status="open"), change(4, title="b")]
    one = coalesce(waiting)
    assert one is not None
    assert (one.keep, one.payload) == (102, {"status": "resolved", "title": "a"})
    assert coalesce([change(1, status="resolved"), change(2, status="open")]) is None
    assert coalesce([change(1, status="open"), change(2, status="open")]) is not None


def test_a_field_left_alone_undoes_nothing() -> None:
    """None in a change means that the field stays, so an earlier value survives it."""
    one = coalesce([change(1, title="a"), change(2, title=None, severity=2)])
    assert one is not None
    assert one.payload == {"title": "a", "severity": 2}


kinds = st.sampled_from([OperationKind.CHANGE_FIELDS, OperationKind.CHANGE_FIELDS, OperationKind.ADD_COMMENT])
payloads = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from("ab"),
        "severity": st.integers(1, 4),
        "status": st.sampled_from(["open", "resolved"]),
    },
)


@given(st.lists(st.tuples(kinds, payloads), max_size=8))
def test_coalescing_changes_neither_the_result_nor_what_comments_see(steps: list[tuple[OperationKind, Any]]) -> None:
    """Sent one by one or coalesced until nothing is left to join: same end, same picture at each comment."""
    waiting = [operation(n, kind, payload=payload) for n, (kind, payload) in enumerate(steps, start=1)]
    plain = replay(waiting)
    while (one := coalesce(waiting)) is not None:
        assert one.merged
        waiting = [
            each.evolve(payload=one.payload) if each.id == one.keep else each
            for each in waiting
            if each.id not in one.merged
        ]
    assert replay(waiting) == plain


def replay(waiting: list[Operation]) -> tuple[dict[str, Any], list[dict[str, Any]], list[str]]:
    fields: dict[str, Any] = {}
    at_comments, statuses = [], []
    for one in waiting:
        if one.kind is OperationKind.ADD_COMMENT:
            at_comments.append(dict(fields))
        fields |= changes_of(one)
        if "status" in changes_of(one) and statuses[-1:] != [fields["status"]]:
            statuses.append(fields["status"])
    return fields, at_comments, statuses
