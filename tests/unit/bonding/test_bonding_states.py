"""The states of a bond and the moves between them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from hub.bonding.judgement.states import LIVE, MOVES, WATCHED, BondEvent, course, event_of, move, table
from hub.errors import Conflict
from hub.model import BondState, CaseStatus

S, H, C = BondState, BondEvent, CaseStatus


def test_the_usual_life_of_a_bond() -> None:
    """A bond goes from requested to closed by way of questions and a resolution."""
    state = S.REQUESTED
    for happening in (H.CASE_OPENED, H.INFORMATION_REQUESTED, H.INFORMATION_GIVEN, H.RESOLVED, H.CLOSED):
        state = move(state, happening)
    assert state is S.CLOSED


def test_an_illegal_move_is_refused_and_names_state_and_happening() -> None:
    """A bond in doubt can't be untied: its case could be left with nobody watching."""
    with pytest.raises(Conflict, match="unlinked is not allowed while a bond is in_doubt") as refused:
        move(S.IN_DOUBT, H.UNLINKED)
    assert "open_not_found" in refused.value.next_step


def test_doubt_ends_only_by_looking_or_by_a_refusal() -> None:
    """From in doubt, a case is found, named, refused or proved absent; nothing else leads out."""
    out = {happening for (state, happening), after in MOVES.items() if state is S.IN_DOUBT and after is not state}
    assert out == {H.CASE_OPENED, H.CONNECTED, H.OPEN_NOT_FOUND, H.OPEN_REFUSED}


def test_proved_absent_means_it_may_be_sent_again() -> None:
    """A doubtful opening that was not found is requested again, and may be refused or doubtful again."""
    assert move(S.IN_DOUBT, H.OPEN_NOT_FOUND) is S.REQUESTED
    assert move(S.REQUESTED, H.OPEN_SENT_DOUBTFUL) is S.IN_DOUBT


def test_a_closed_case_that_is_archived_leaves_its_bond_closed() -> None:
    """Only unfinished bonds break when their case is gone."""
    assert move(S.CLOSED, H.CASE_GONE) is S.CLOSED
    assert move(S.RESOLVED, H.CASE_GONE) is S.BROKEN


@pytest.mark.parametrize(
    ("status", "state", "told"),
    [
        (C.OPEN, S.OPEN, None),
        (C.IN_PROGRESS, S.OPEN, None),
        (C.WAITING_ON_US, S.OPEN, H.INFORMATION_REQUESTED),
        (C.IN_PROGRESS, S.INFORMATION_REQUESTED, H.INFORMATION_GIVEN),
        (C.OPEN, S.SUSPENDED, H.VENDOR_RESUMED),
        (C.WAITING_ON_VENDOR, S.OPEN, H.VENDOR_SUSPENDED),
        (C.RESOLVED, S.SUSPENDED, H.RESOLVED),
        (C.OPEN, S.CLOSED, H.REOPENED),
        (C.IN_PROGRESS, S.RESOLVED, H.REOPENED),
        (C.CANCELLED, S.OPEN, H.CANCELLED),
        (C.CANCELLED, S.CLOSED, None),
        (C.CLOSED, S.IN_DOUBT, H.CASE_OPENED),
        (C.OPEN, S.BROKEN, H.CASE_FOUND),
        (C.CLOSED, S.UNLINKED, None),
    ],
)
def test_what_a_status_tells_a_bond(status: CaseStatus, state: BondState, told: BondEvent | None) -> None:
    """A case's status means what is new about it for a bond in that state."""
    assert event_of(status, state) is told


def test_a_bond_in_doubt_catches_up_with_a_case_that_is_closed_already() -> None:
    """The course of a found case runs through open to where the case stands."""
    assert course(C.CLOSED, S.IN_DOUBT) == (H.CASE_OPENED, H.CLOSED)


@given(st.sampled_from(CaseStatus), st.sampled_from(BondState))
def test_any_status_brings_any_linked_bond_into_step_legally(status: CaseStatus, state: BondState) -> None:
    """Following the course takes legal moves only, ends within two, and leaves nothing new."""
    steps = course(status, state)
    for step in steps:
        state = move(state, step)
    assert len(steps) <= 2
    assert event_of(status, state) is None
    assert not steps or state in LIVE | {S.CLOSED}


def test_the_table_names_every_move() -> None:
    """The rendered table has one row for each legal move, and its heading."""
    lines = table().splitlines()
    assert len(lines) == len(MOVES) + 2
    assert "| in_doubt | open_not_found | requested |" in lines


def test_what_is_watched_is_live() -> None:
    """Every watched bond counts as live; a bond whose case was never opened is live and can't be watched."""
    assert WATCHED < LIVE
    assert {S.REQUESTED, S.IN_DOUBT} == LIVE - WATCHED


class BondMachine(RuleBasedStateMachine):
    """Random happenings against a bond; what it may have at the vendor follows from what happened."""

    def __init__(self) -> None:
        super().__init__()
        self.state = S.REQUESTED
        self.sent_in_doubt = False

    @rule(happening=st.sampled_from(BondEvent))
    def happens(self, happening: BondEvent) -> None:
        try:
            after = move(self.state, happening)
        except Conflict:
            assert (self.state, happening) not in MOVES
            return
        if happening is H.OPEN_SENT_DOUBTFUL:
            self.sent_in_doubt = True
        if self.state is S.IN_DOUBT and after is not S.IN_DOUBT:
            self.sent_in_doubt = False
        self.state = after

    @rule(status=st.sampled_from(CaseStatus))
    def is_read(self, status: CaseStatus) -> None:
        for step in course(status, self.state):
            self.happens(step)

    @invariant()
    def doubt_is_visible(self) -> None:
        """As long as an opening is in doubt the bond says so, and counts as live."""
        assert self.sent_in_doubt == (self.state is S.IN_DOUBT)
        assert not self.sent_in_doubt or self.state in LIVE


TestBondMachine = BondMachine.TestCase
