"""What is news at the vendor, and what is our own writing coming back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from bonding_values import BOND, NOON, at, case, operation
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from hub.bonding.judgement.diff import (
    KnownComment,
    agrees,
    changed,
    changes_of,
    fingerprint,
    is_echo_field,
    is_newer,
    match_comments,
    picture,
)
from hub.model import Case, CaseStatus, Comment, OperationKind, OperationState, Severity

KEY = f"{BOND}/3-X2QF"


def known(body: str = "hello", **fields: Any) -> KnownComment:
    return KnownComment(fingerprint=fingerprint(body), **fields)


def test_a_picture_holds_plain_values() -> None:
    """A picture can be stored as JSON and gives times in UTC."""
    seen = picture(case(changed_at=NOON.astimezone(tz=None), assignee="Kim"))
    assert seen == {
        "status": "open",
        "severity": 3,
        "title": "mail is slow",
        "resolution": "",
        "assignee": "Kim",
        "changed_at": "2026-03-02T12:00:00+00:00",
    }
    assert type(seen["status"]) is str
    assert picture(case(severity=None))["severity"] is None


@pytest.mark.parametrize(
    ("seconds", "title", "newer"), [(1, "same", True), (0, "same", False), (0, "other", True), (-1, "other", False)]
)
def test_only_later_versions_are_news(seconds: float, title: str, newer: bool) -> None:
    """A later version is news, an earlier one never; at the same time the content decides."""
    seen = picture(case(title="same"))
    assert is_newer(seen, case(title=title, changed_at=at(seconds))) is newer


def test_everything_is_news_to_an_empty_picture() -> None:
    """A bond that has seen nothing takes the first case it sees."""
    assert is_newer({}, case())


def test_a_time_without_a_zone_counts_as_utc() -> None:
    """A vendor's naive time compares with an aware one."""
    assert not is_newer(picture(case()), case(changed_at=NOON.replace(tzinfo=None)))


def test_changes_are_told_by_field_and_time_is_no_field() -> None:
    """The fields that differ come with both values, those that came or went too."""
    old = {"title": "a", "severity": 3, "gone": 1, "changed_at": "x"}
    assert changed(old, {"title": "b", "severity": 3, "new": 2, "changed_at": "y"}) == {
        "title": ("a", "b"),
        "gone": (1, None),
        "new": (None, 2),
    }


@pytest.mark.parametrize(
    ("kind", "payload", "sets"),
    [
        (OperationKind.CHANGE_FIELDS, {"severity": 2, "title": None, "key": KEY}, {"severity": 2}),
        (OperationKind.CLOSE, {"resolution": "done"}, {"status": "closed", "resolution": "done"}),
        (OperationKind.CLOSE, {"status": "resolved"}, {"status": "resolved"}),
        (OperationKind.REOPEN, {}, {"status": "open"}),
        (OperationKind.ADD_COMMENT, {"title": "x"}, {}),
        (OperationKind.OPEN_CASE, {"title": "x"}, {}),
    ],
)
def test_what_an_operation_sets(kind: OperationKind, payload: dict[str, Any], sets: dict[str, Any]) -> None:
    """Closing and reopening set the status; comments, files and openings set no field."""
    assert changes_of(operation(kind=kind, payload=payload)) == sets


@pytest.mark.parametrize(
    ("kind", "payload", "field", "value", "told"),
    [
        (OperationKind.REOPEN, {}, "status", "in_progress", True),
        (OperationKind.REOPEN, {}, "status", "resolved", False),
        (OperationKind.CLOSE, {"status": "resolved"}, "status", "closed", True),
        (OperationKind.CLOSE, {"status": "resolved"}, "status", "resolved", True),
        (OperationKind.CLOSE, {}, "status", "resolved", False),
        (OperationKind.CHANGE_FIELDS, {"title": "a\r\n b"}, "title", "a b", True),
        (OperationKind.CHANGE_FIELDS, {"title": "ab"}, "title", "a b", False),
        (OperationKind.CHANGE_FIELDS, {"severity": 2}, "severity", 2, True),
        (OperationKind.CHANGE_FIELDS, {"severity": 2}, "severity", 3, False),
        (OperationKind.CHANGE_FIELDS, {"severity": 2}, "title", None, False),
    ],
)
def test_when_a_value_is_what_was_set(
    kind: OperationKind, payload: dict[str, Any], field: str, value: Any, told: bool
) -> None:
    """White space makes no difference; reopened means not ended; resolved may be closed already."""
    assert agrees(operation(kind=kind, payload=payload), field, value) is told


@pytest.mark.parametrize(
    ("state", "echo"),
    [
        (OperationState.DONE, True),
        (OperationState.SENDING, True),
        (OperationState.IN_DOUBT, True),
        (OperationState.READY, False),
        (OperationState.PARKED, False),
    ],
)
def test_only_what_was_sent_echoes(state: OperationState, echo: bool) -> None:
    """A value that still waits to leave can't have come back."""
    sent = [operation(1, payload={"severity": 1}, state=state)]
    assert is_echo_field("severity", 1, sent) is echo
    assert not is_echo_field("severity", 4, sent)
    assert not is_echo_field("title", "x", sent)


def test_our_comment_is_recognised_by_its_key() -> None:
    """A key that came back marks our own comment, even if the vendor changed the text."""
    matched = match_comments([known(key=KEY, ours=True)], [Comment(body="<p>hello</p>", key=KEY, reference="7")])
    assert matched.new == ()
    assert [(one.key, comment.reference) for one, comment in matched.echoes] == [(KEY, "7")]


def test_a_reply_that_quotes_our_key_is_a_reply() -> None:
    """Once our comment is known by its reference, another comment with its key is new."""
    ours = known(key=KEY, reference="7", ours=True)
    reply = Comment(body="> hello\nyes", key=KEY, reference="8")
    assert match_comments([ours], [reply]).new == (reply,)


def test_the_original_is_chosen_before_its_quotation() -> None:
    """With a quoting reply and the original in one page, the one with our text is ours."""
    reply = Comment(body="hello? yes", key=KEY, reference="8")
    original = Comment(body="hello", key=KEY, reference="7")
    matched = match_comments([known(key=KEY, ours=True)], [reply, original])
    assert matched.new == (reply,)
    assert matched.echoes[0][1] is original


def test_content_recognises_each_of_ours_once() -> None:
    """Where the vendor keeps no key, one comment of ours hides one equal text and no more."""
    texts = [Comment(body="hello\r\n", reference="1"), Comment(body=" hello", reference="2")]
    matched = match_comments([known(key=KEY, ours=True)], texts)
    assert matched.new == (texts[1],)
    assert len(matched.echoes) == 1


def test_an_equal_text_known_elsewhere_does_not_stand_in_the_way() -> None:
    """An earlier equal comment with its own reference leaves the later echo to the later one of ours."""
    before, ours = known(reference="1"), known(key=KEY, ours=True)
    matched = match_comments([before, ours], [Comment(body="hello", reference="2")])
    assert matched.new == ()
    assert matched.echoes[0][0] == ours


def test_the_authors_name_alone_recognises_nothing() -> None:
    """A person at the vendor may use our login; what they write is news."""
    assert len(match_comments([known("a", ours=True)], [Comment(body="b", author="rjr")]).new) == 1


def test_known_comments_of_the_vendor_are_seen_or_edited() -> None:
    """A known reference is not new; with another text it was edited."""
    held = [known("a", reference="1"), known("b", reference="2")]
    matched = match_comments(held, [Comment(body="a", reference="1"), Comment(body="B!", reference="2")])
    assert (len(matched.new), len(matched.seen), len(matched.edited)) == (0, 1, 1)


def test_an_empty_text_is_never_recognised_by_content() -> None:
    """Two comments without text have nothing in common."""
    assert len(match_comments([known(" ", ours=True)], [Comment(body="")]).new) == 1


def test_a_fingerprint_ignores_white_space_keys_and_forms_of_unicode() -> None:
    """What vendors do to a text on its way does not hide it; another word does."""
    assert fingerprint(f"caf\u00e9 au\r\n lait [{KEY}]") == fingerprint("cafe\u0301 au lait")
    assert fingerprint("a") != fingerprint("b")
    assert fingerprint("\ud800") != ""


@given(st.lists(st.sampled_from("abc"), max_size=6), st.lists(st.sampled_from("abc"), max_size=6))
def test_every_incoming_comment_is_told_exactly_once(ours: list[str], incoming: list[str]) -> None:
    """New and known together are what came in, and by content as many are known as can be."""
    held = [known(body, ours=True) for body in ours]
    matched = match_comments(held, [Comment(body=body) for body in incoming])
    told = [comment.body for comment in matched.new] + [comment.body for _, comment in matched.echoes]
    assert sorted(told) == sorted(incoming)
    assert len(matched.echoes) == sum(min(ours.count(body), incoming.count(body)) for body in "abc")


class StreamMachine(RuleBasedStateMachine):
    """A case changes and gathers comments, several within one second; a reader polls with an overlap.

    The reader sees whole versions from its cursor less the overlap, in any order of equal times, and at times an old
    version once more, as a replica that lags would tell it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.second = 0
        self.versions: list[Case] = [case()]
        self.picture: dict[str, Any] = {}
        self.comments: list[Comment] = []
        self.cursor = 0

    @rule(title=st.sampled_from(["a", "b", "c"]), same_second=st.booleans())
    def vendor_changes(self, title: str, same_second: bool) -> None:
        self.second += not same_second
        last = self.versions[-1]
        self.versions.append(last.evolve(title=title, changed_at=at(self.second)))

    @rule(body=st.sampled_from(["x", "y"]), same_second=st.booleans())
    def vendor_comments(self, body: str, same_second: bool) -> None:
        self.second += not same_second
        last = self.versions[-1]
        one = Comment(body=body, reference=str(len(last.comments)))
        self.versions.append(last.evolve(comments=(*last.comments, one), changed_at=at(self.second)))

    @rule(overlap=st.integers(0, 2))
    def poll(self, overlap: int) -> None:
        """The vendor tells the present version when it changed at the cursor, or within the overlap, or after."""
        now = self.versions[-1]
        if now.changed_at >= at(self.cursor - overlap):
            self.take([now])
            self.cursor = self.second

    @rule(data=st.data())
    def an_old_version_comes_late(self, data: st.DataObject) -> None:
        older = [one for one in self.versions if one.changed_at < self.versions[-1].changed_at]
        if older:
            self.take([data.draw(st.sampled_from(older))])

    def take(self, page: Sequence[Case]) -> None:
        for one in page:
            held = [known(comment.body, reference=comment.reference) for comment in self.comments]
            self.comments += match_comments(held, one.comments).new
            before = self.picture.get("changed_at", "")
            if is_newer(self.picture, one):
                self.picture = picture(one)
            assert self.picture["changed_at"] >= before

    @invariant()
    def nothing_is_doubled(self) -> None:
        """Each comment is taken once."""
        taken = [comment.reference for comment in self.comments]
        assert len(taken) == len(set(taken))

    def teardown(self) -> None:
        """After one more poll nothing is missing."""
        self.poll(overlap=2)
        assert changed(self.picture, picture(self.versions[-1])) == {}
        assert len(self.comments) == len(self.versions[-1].comments)


TestStreamMachine = StreamMachine.TestCase


@given(st.permutations(range(6)))
def test_any_order_of_arrival_ends_with_the_latest_version(order: list[int]) -> None:
    """Versions that arrive out of order leave the picture at the newest."""
    seen: dict[str, Any] = {}
    for number in order:
        told = case(title=str(number), changed_at=NOON + timedelta(seconds=number), status=CaseStatus.OPEN)
        if is_newer(seen, told):
            seen = picture(told.evolve(severity=Severity.S1))
    assert seen["title"] == "5"
