"""The doubt rule, alone and in an outbox that fails at random."""

from __future__ import annotations

from typing import Any

import pytest
from bonding_values import BOND, at, case, operation
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from hub.bonding.judgement.doubt import (
    Arrived,
    AskPerson,
    Evidence,
    LookAgain,
    LookupMethod,
    SendAgain,
    Verdict,
    evidence,
    lookup_method,
    settle,
)
from hub.model import Attachment, Case, Comment, Operation, OperationKind, OperationState

K = OperationKind
KEY = f"{BOND}/1-X2QF"
FOUND = Evidence(by="key", reference="7")


def judged(one: Operation, found: Evidence | None = None, *, can_look: bool = True, now: float = 100) -> Verdict:
    return settle(one, found, can_look=can_look, now=at(now), settle_seconds=60)


def doubtful(kind: OperationKind, **payload: Any) -> Operation:
    return operation(1, kind, payload=payload, state=OperationState.IN_DOUBT, sent_at=at(0), attempts=1)


@pytest.mark.parametrize("kind", list(K))
def test_where_to_look(kind: OperationKind) -> None:
    """An opening is looked for by key, all else in its case; a vendor that can't be asked offers no look."""
    assert lookup_method(kind) is (LookupMethod.FIND_BY_KEY if kind is K.OPEN_CASE else LookupMethod.READ_CASE)
    assert lookup_method(kind, can_find=False, can_read=False) is LookupMethod.NONE


@pytest.mark.parametrize("kind", list(K))
def test_found_means_done(kind: OperationKind) -> None:
    """What was found is never sent again, however early it was found."""
    assert judged(doubtful(kind), FOUND, now=0) == Arrived(evidence=FOUND)


@pytest.mark.parametrize("kind", [K.OPEN_CASE, K.ADD_COMMENT, K.ADD_ATTACHMENT])
def test_a_create_waits_for_the_index_before_it_is_sent_again(kind: OperationKind) -> None:
    """Not found counts from the settling time on, and not a moment before."""
    assert judged(doubtful(kind), now=59.9) == LookAgain(until=at(60))
    assert judged(doubtful(kind), now=60) == SendAgain()


@pytest.mark.parametrize("kind", [K.OPEN_CASE, K.ADD_COMMENT, K.ADD_ATTACHMENT, K.CLOSE, K.REOPEN])
def test_where_nobody_can_look_a_person_decides(kind: OperationKind) -> None:
    """Nothing that would be doubled or undone is sent again blind."""
    assert isinstance(judged(doubtful(kind), can_look=False), AskPerson)


def test_values_may_be_set_again_blind_but_a_status_may_not() -> None:
    """Setting a title twice is as good as once; a status may have moved on."""
    assert judged(doubtful(K.CHANGE_FIELDS, title="a"), can_look=False) == SendAgain()
    assert isinstance(judged(doubtful(K.CHANGE_FIELDS, title="a", status="open"), can_look=False), AskPerson)


@pytest.mark.parametrize("kind", [K.CHANGE_FIELDS, K.CLOSE, K.REOPEN])
def test_a_change_that_the_case_does_not_show_is_sent_again_at_once(kind: OperationKind) -> None:
    """The case itself was read, so there is no index to wait for."""
    assert judged(doubtful(kind, title="a"), now=0) == SendAgain()


def test_an_unknown_time_of_sending_is_for_a_person() -> None:
    """Without it nobody can say when not found counts."""
    assert isinstance(judged(doubtful(K.OPEN_CASE).evolve(sent_at=None)), AskPerson)


@pytest.mark.parametrize(("carried", "found"), [(BOND, True), ("", True), ("RJR-000123-9ZZZ9", False)])
def test_a_found_case_carries_the_bonds_key_or_none(carried: str, found: bool) -> None:
    """A case with another bond's key is not ours, whatever the vendor's search says."""
    seen = evidence(doubtful(K.OPEN_CASE, key=BOND), case(key=carried))
    assert (seen is not None) is found
    assert (evidence(doubtful(K.OPEN_CASE), case(key=carried)) is not None) is found


def test_no_case_is_no_evidence() -> None:
    """Nothing found proves nothing by itself."""
    assert evidence(doubtful(K.OPEN_CASE), None) is None


@pytest.mark.parametrize(
    "comment", [Comment(body="x", key=KEY, reference="7"), Comment(body=f"x [{KEY}]", reference="7")]
)
def test_a_comment_is_found_by_its_key(comment: Comment) -> None:
    """The key counts in its own field and in the text."""
    seen = evidence(doubtful(K.ADD_COMMENT, body="x"), case(comments=(Comment(body="x"), comment)))
    assert seen == Evidence(by="key", reference="7")


def test_equal_content_is_no_evidence() -> None:
    """A comment or file without our key was added by someone else."""
    read = case(comments=(Comment(body="x"),), attachments=(Attachment(name="a", size=1, sha256="ff"),))
    assert evidence(doubtful(K.ADD_COMMENT, body="x"), read) is None
    assert evidence(doubtful(K.ADD_ATTACHMENT, name="a", size=1, sha256="ff"), read) is None


def test_a_file_is_found_by_its_key() -> None:
    """The key in the vendor's list of files is certain."""
    read = case(attachments=(Attachment(name="z", key=KEY, reference="9"),))
    assert evidence(doubtful(K.ADD_ATTACHMENT, name="a"), read) == Evidence(by="key", reference="9")


def test_a_change_is_found_when_every_field_shows_it() -> None:
    """Half a change is no change."""
    both = doubtful(K.CHANGE_FIELDS, title="new", severity=2)
    assert evidence(both, case(title="new")) is None
    seen = evidence(both, case(title="new", severity=2))
    assert seen is not None
    assert seen.by == "value"


class Vendor:
    """A model vendor: keeps what it stored, in order."""

    def __init__(self) -> None:
        self.stored: list[str] = []

    def as_case(self, visible: bool) -> Case | None:
        keys = self.stored if visible else self.stored[:-1]
        if not keys:
            return None
        comments = tuple(Comment(body=key, key=key, reference=key) for key in keys[1:])
        return case(key=BOND, comments=comments)


class OutboxMachine(RuleBasedStateMachine):
    """One bond's outbox against a vendor that answers, refuses, loses, stores without answering, or outlives a crash.

    The first operation opens the case, the others add comments. The vendor's search lags by less than the settling
    time.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.vendor = Vendor()
        self.stored_at = 0.0
        self.outbox: list[Operation] = []
        self.ignored: set[str] = set()

    def put(self, one: Operation, **fields: Any) -> None:
        self.outbox[one.position - 1] = one.evolve(**fields)

    def head(self) -> Operation | None:
        over = (OperationState.DONE, OperationState.IGNORED)
        return next((one for one in self.outbox if one.state not in over), None)

    @rule()
    def enqueue(self) -> None:
        position = len(self.outbox) + 1
        key = f"{BOND}/{position}-X2QF"
        kind, payload = (K.ADD_COMMENT, {"body": key}) if self.outbox else (K.OPEN_CASE, {"key": BOND})
        self.outbox.append(operation(position, kind, key=key, payload=payload))

    @rule(seconds=st.floats(0.1, 50))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @precondition(lambda self: (one := self.head()) is not None and one.state is OperationState.READY)
    @rule(
        outcome=st.sampled_from(
            ["ok", "refused", "not sent", "stored in doubt", "lost in doubt", "crash", "crash stored"]
        )
    )
    def send(self, outcome: str) -> None:
        one = self.head()
        assert one is not None
        self.put(one, state=OperationState.SENDING, sent_at=at(self.now), attempts=one.attempts + 1)
        if outcome in {"ok", "stored in doubt", "crash stored"}:
            self.vendor.stored.append(one.key)
            self.stored_at = self.now
        after = {"ok": OperationState.DONE, "refused": OperationState.PARKED, "not sent": OperationState.READY}.get(
            outcome, OperationState.IN_DOUBT
        )
        self.put(self.outbox[one.position - 1], state=after)

    @precondition(lambda self: (one := self.head()) is not None and one.state is OperationState.IN_DOUBT)
    @rule()
    def settle_doubt(self) -> None:
        one = self.head()
        assert one is not None
        visible = self.now - self.stored_at >= 30
        verdict = settle(
            one,
            evidence(one, self.vendor.as_case(visible)),
            can_look=lookup_method(one.kind) is not LookupMethod.NONE,
            now=at(self.now),
            settle_seconds=30,
        )
        if isinstance(verdict, Arrived):
            self.put(one, state=OperationState.DONE)
        elif isinstance(verdict, SendAgain):
            self.put(one, state=OperationState.READY)
        else:
            assert isinstance(verdict, LookAgain)
            assert verdict.until > at(self.now)

    @precondition(lambda self: (one := self.head()) is not None and one.state is OperationState.PARKED)
    @rule(again=st.booleans())
    def the_owner_acts(self, again: bool) -> None:
        one = self.head()
        assert one is not None
        if again or one.kind is K.OPEN_CASE:
            self.put(one, state=OperationState.READY)
        else:
            self.put(one, state=OperationState.IGNORED)
            self.ignored.add(one.key)

    @invariant()
    def at_most_once_and_in_order(self) -> None:
        """The vendor holds each operation once at most, in the order of the outbox."""
        wanted = [one.key for one in self.outbox]
        assert self.vendor.stored == [key for key in wanted if key in set(self.vendor.stored)]

    @invariant()
    def done_means_stored(self) -> None:
        """Nothing is called done that the vendor does not hold."""
        done = {one.key for one in self.outbox if one.state is OperationState.DONE}
        assert done <= set(self.vendor.stored)

    def teardown(self) -> None:
        """Once faults stop, everything that nobody ignored arrives."""
        while (one := self.head()) is not None:
            self.now += 40
            if one.state is OperationState.READY:
                self.send("ok")
            elif one.state is OperationState.PARKED:
                self.the_owner_acts(again=True)
            else:
                self.settle_doubt()
            self.at_most_once_and_in_order()
        assert self.vendor.stored == [one.key for one in self.outbox if one.key not in self.ignored]


TestOutboxMachine = OutboxMachine.TestCase
TestOutboxMachine.settings = settings(deadline=None)
