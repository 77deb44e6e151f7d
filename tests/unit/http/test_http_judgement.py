"""The pure decisions of the HTTP layer: outcomes, waits, retries and budgets."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import CaseRefused, HubError, RateLimited, TryLater, VendorMisbehaved, VendorUnavailable
from hub.http.call import extended
from hub.http.outcome import BodyBroken, Outcome, Progress, failure
from hub.http.pace import Bucket
from hub.http.reply import Reply
from hub.http.retry import BUDGET, MAX_PAUSE, MAX_TRIES, pause_after, retry, should_stop
from hub.http.retry_after import parse_retry_after
from hub.http.status import error_by_status

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)

# --- outcome ---


@pytest.mark.parametrize(
    ("left", "status", "outcome", "stored"),
    [
        (False, 0, Outcome.NOT_SENT, False),
        (True, 0, Outcome.IN_DOUBT, True),
        (True, 200, Outcome.ANSWERED, True),
        (True, 302, Outcome.ANSWERED, True),
        (True, 400, Outcome.ANSWERED, False),
        (True, 408, Outcome.ANSWERED, True),
        (True, 499, Outcome.ANSWERED, True),
        (True, 500, Outcome.ANSWERED, True),
    ],
)
def test_the_outcome_follows_from_how_far_the_request_came(left, status, outcome, stored):
    """Only a request that was not sent, or was refused, is certainly not stored."""
    progress = Progress(left, status)
    assert (progress.outcome, progress.may_be_stored) == (outcome, stored)


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (httpx.ConnectError("x"), VendorUnavailable, "can't connect"),
        (httpx.ConnectTimeout("x"), VendorUnavailable, "took too long"),
        (httpx.ReadError("x"), VendorUnavailable, "was lost"),
        (httpx.RemoteProtocolError("Server disconnected without sending a response."), VendorUnavailable, "was lost"),
        (httpx.RemoteProtocolError("illegal status line"), VendorMisbehaved, "not valid HTTP"),
        (TimeoutError(), VendorUnavailable, "deadline"),
        (ssl.SSLCertVerificationError("x"), VendorUnavailable, "certificate"),
        (ssl.SSLError("x"), VendorUnavailable, "handshake"),
        (BodyBroken("compressed data is damaged"), VendorMisbehaved, "compressed data is damaged"),
        (ConnectionResetError("x"), VendorUnavailable, "connection failed"),
        (RuntimeError("secret"), VendorMisbehaved, r"call failed \(RuntimeError\)"),
    ],
)
@pytest.mark.parametrize("left", [False, True])
@pytest.mark.parametrize("write", [False, True])
def test_doubt_comes_from_progress_and_never_from_the_error(error, kind, words, left, write):
    """Whatever the transport raises, a write is in doubt exactly when it may have been sent."""
    reported = failure(error, Progress(left), write=write)
    assert type(reported) is kind
    assert reported.in_doubt is (left and write)
    assert "secret" not in reported.message
    with pytest.raises(kind, match=words):
        raise reported


def test_the_cause_behind_an_error_is_found():
    """A certificate problem wrapped by two libraries is still named."""
    outer = httpx.ConnectError("x")
    outer.__cause__ = OSError("y")
    outer.__cause__.__cause__ = ssl.SSLCertVerificationError("z")
    assert "certificate" in failure(outer, Progress(), write=True).message


def test_a_body_cut_after_a_refusal_leaves_no_doubt():
    """The status line was a refusal; the rest does not matter."""
    reported = failure(httpx.ReadError("x"), Progress(left=True, status=422), write=True)
    assert not reported.in_doubt
    assert "after status 422" in reported.message


# --- Retry-After ---


@pytest.mark.parametrize(
    ("value", "date", "wait"),
    [
        ("120", None, 120.0),
        (" 0 ", None, 0.0),
        ("259200", None, 259200.0),
        ("Sun, 01 Mar 2026 12:01:30 GMT", None, 90.0),
        ("Sun, 01 Mar 2026 12:01:30 GMT", "Sun, 01 Mar 2026 12:01:00 GMT", 30.0),
        ("Sun, 01 Mar 2026 12:01:30 GMT", "garbage", 90.0),
        ("Sunday, 01-Mar-26 12:01:30 GMT", None, 90.0),
        ("Sun Mar  1 12:01:30 2026", None, 90.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", None, 0.0),
        ("", None, None),
        (None, None, None),
        ("soon", None, None),
        ("-5", None, None),
        ("1.5", None, None),
        ("٣", None, None),
        ("9" * 40, None, None),
        ("Sun, 99 Mar 2026 12:01:30 GMT", None, None),
    ],
)
def test_retry_after_in_both_forms(value, date, wait):
    """Seconds and dates are understood, dates by the vendor's own clock; anything else gives no wait."""
    assert parse_retry_after(value, date=date, now=NOW) == wait


@given(st.text(max_size=60), st.none() | st.text(max_size=60))
def test_no_retry_after_breaks_the_reader(value, date):
    """Whatever a vendor sends, the outcome is a wait of at least zero or none."""
    wait = parse_retry_after(value, date=date, now=NOW)
    assert wait is None or wait >= 0


def reply(status: int, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, httpx.Headers(named), b"", "GET", "/a")


def test_the_wait_is_carried_uncapped():
    """Three days stay three days, on 429 and on 503; 503 without a wait is plain unavailability."""
    for status in (429, 503):
        error = error_by_status(reply(status, retry_after="259200"))
        assert isinstance(error, RateLimited)
        assert error.wait == 259200
    assert error_by_status(reply(429)).wait is None
    assert type(error_by_status(reply(503))) is VendorUnavailable


# --- retries ---


def test_the_vendors_wait_is_never_undercut_and_jitter_is_full():
    """The vendor's wait is a lower bound; without one the pause lies anywhere under a doubling ceiling."""
    assert pause_after(RateLimited(wait=3.0), 1, jitter=0.0) == 3.0
    assert 3.0 < pause_after(RateLimited(wait=3.0), 1, jitter=0.9) < 4.0
    assert pause_after(RateLimited(), 1, jitter=0.0) == 0.0
    ceilings = [pause_after(VendorUnavailable(), tries, jitter=1.0) for tries in range(1, 10)]
    assert ceilings[:5] == [0.25, 0.5, 1.0, 2.0, 4.0]
    assert max(ceilings) == MAX_PAUSE
    assert pause_after(None, 3, jitter=0.5) == 0.5


def test_retries_end_by_number_and_by_time():
    """There is no try too many, and none that would begin after the budget."""
    assert not should_stop(MAX_TRIES - 1, 0, 1, BUDGET)
    assert should_stop(MAX_TRIES, 0, 1, BUDGET)
    assert should_stop(1, 9.5, 0.5, BUDGET)
    assert not should_stop(1, 9.4, 0.5, BUDGET)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


async def run(outcomes: list[HubError | str], *, budget: float = 10.0, takes: float = 0.0) -> tuple[object, Clock, int]:
    clock, made = Clock(), 0

    async def attempt() -> str:
        nonlocal made
        made += 1
        clock.now += takes
        outcome = outcomes[min(made, len(outcomes)) - 1]
        if isinstance(outcome, HubError):
            raise outcome
        return outcome

    try:
        got: object = await retry(attempt, budget=budget, clock=clock, sleep=clock.sleep, jitter=lambda: 1.0)
    except HubError as error:
        got = error
    return got, clock, made


async def test_a_temporary_failure_is_not_seen():
    """Two failures, then an answer: the answer, after growing pauses."""
    got, clock, made = await run([VendorUnavailable("a"), TryLater("b"), "fine"])
    assert (got, made, clock.slept) == ("fine", 3, [0.25, 0.5])


async def test_the_last_error_is_raised():
    """A lasting failure is raised as it was last seen, after the maximum number of tries."""
    last = VendorUnavailable("last")
    got, _, made = await run([VendorUnavailable("first"), last])
    assert got is last
    assert made == MAX_TRIES


async def test_what_a_retry_can_not_cure_is_raised_at_once():
    """A refusal, and a wait beyond the budget, end it at the first try without a pause."""
    for error in (CaseRefused("no"), VendorMisbehaved("no"), RateLimited(wait=30.0)):
        got, clock, made = await run([error])
        assert (got, made, clock.slept) == (error, 1, [])


async def test_time_spent_in_tries_counts():
    """Slow tries use up the budget, too."""
    _, _, made = await run([VendorUnavailable("slow")], budget=10.0, takes=4.0)
    assert made == 3


# --- a stream extends its deadline ---


@pytest.mark.parametrize(
    ("left", "size", "after"), [(10.0, 16384, 11.0), (59.5, 65536, 60.0), (0.5, 0, 0.5), (70.0, 65536, 70.0)]
)
def test_moving_bytes_extend_the_deadline(left, size, after):
    """16 KiB add a second, up to one whole deadline; no time is taken away."""
    assert extended(left, size, deadline=60.0) == after


# --- budgets ---


@given(st.integers(1, 1200), st.lists(st.floats(0, 20), min_size=1, max_size=400))
def test_no_minute_holds_more_than_the_budget(budget, gaps):
    """Whenever calls are asked for, no 60 seconds hold more of them than the budget."""
    bucket, now, starts = Bucket(budget), 5.0, []
    for gap in gaps:
        now += gap
        starts.append(now + bucket.book(now))
    for index, start in enumerate(starts):
        inside = sum(1 for other in starts[index:] if other < start + 60 - 1e-6)
        assert inside <= budget


@given(st.integers(1, 600))
def test_the_budget_is_used_up_under_load(budget):
    """Asked for all at once, a minute's worth of calls starts within a minute."""
    bucket = Bucket(budget)
    assert max(bucket.book(0.0) for _ in range(budget)) < 60


def test_a_budget_changes_at_run_time():
    """A larger budget shortens the wait of later calls; none means none."""
    bucket = Bucket(1)
    assert bucket.book(0.0) == 0.0
    assert bucket.wait(0.0) == 60.0
    assert bucket.book(0.0) == 60.0
    bucket.resize(None)
    assert (bucket.book(0.0), bucket.wait(0.0)) == (0.0, 0.0)
    bucket.resize(600)
    assert bucket.wait(200.0) == 0.0
