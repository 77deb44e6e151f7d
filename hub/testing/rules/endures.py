"""Endures: every kind of failure, on reads and on writes, raises the right error, in doubt where it has to be."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, NamedTuple

from hub.errors import (
    AskOperator,
    CaseRefused,
    HubError,
    PluginError,
    RateLimited,
    TryLater,
    VendorError,
    VendorMisbehaved,
)
from hub.model import AnyAccount, Case, CaseChanges, Severity
from hub.testing.bed import TestBed, open_account
from hub.testing.checks import NotApplicable, RuleBroken, require
from hub.testing.rule import Rule

SHORT = 0.25  # seconds, for calls that have to time out


class Failure(NamedTuple):
    """One fault, and the errors that it may raise."""

    kind: str
    says: str
    errors: tuple[type[VendorError], ...]
    options: dict[str, Any] = {}
    waits: tuple[float, float] | None = None
    """The shortest and longest wait that the error may carry."""
    may_pass: bool = False
    """The reply may still be readable, so the call may succeed."""


_LATER, _WRONG, _ASK = (TryLater,), (VendorMisbehaved,), (AskOperator,)
_PAGE = (VendorMisbehaved, AskOperator)
_DAMAGED = (VendorMisbehaved, CaseRefused)
"""A replaced character may stand in an id, which then names nothing."""
FAILURES = (
    Failure("http_403", "the vendor's 403 is reported to the operator", _ASK),
    Failure(
        "http_500",
        "the vendor's own 500 is retried later or reported with its text",
        (TryLater, VendorMisbehaved, CaseRefused),
    ),
    Failure("http_502", "a gateway's 502 is retried later", _LATER),
    Failure("http_503", "a gateway's 503 is retried later", _LATER),
    Failure("http_504", "a gateway's 504 is retried later", _LATER),
    Failure("proxy_html", "a proxy's error page is retried later", _LATER),
    Failure("retry_after_seconds", "a requested wait in seconds is passed on", (RateLimited,), {"seconds": 3}, (3, 3)),
    Failure(
        "retry_after_date", "a requested wait given as a date is passed on", (RateLimited,), {"seconds": 30}, (20, 31)
    ),
    Failure("retry_after_absent", "a rate limit without a wait is reported", (RateLimited,)),
    Failure("retry_after_absurd", "a requested wait of days is passed on unchanged", (RateLimited,), {}, (3600, 1e9)),
    Failure("login_page", "a login page in place of data is refused", _PAGE),
    Failure("lost_reply", "a connection cut before the reply is retried later", _LATER),
    Failure("reset_before", "a connection reset before the effect is retried later", _LATER),
    Failure("cut_body", "a reply cut in the middle is refused", (TryLater, VendorMisbehaved), may_pass=True),
    Failure("truncated_gzip", "a truncated gzip reply is refused", (TryLater, VendorMisbehaved), may_pass=True),
    Failure("garbled_status", "a reply that is not HTTP is reported", (TryLater, VendorMisbehaved)),
    Failure("delay_after", "a delayed reply is retried later", _LATER, {"seconds": 5}),
    Failure("drip", "a reply that trickles in is retried later", _LATER, {"seconds": 0.05}),
    Failure("malformed_json", "truncated JSON is refused", _WRONG, may_pass=True),
    Failure("nan", "NaN is refused", _WRONG, may_pass=True),
    Failure("nul", "a NUL in a text is replaced or refused", _DAMAGED, may_pass=True),
    Failure("deep_nesting", "very deep nesting is refused", _WRONG, {"size": 5000}, may_pass=True),
    Failure("invalid_utf8", "bytes that are not UTF-8 are replaced or refused", _DAMAGED, may_pass=True),
    Failure("oversized", "a reply beyond the size limit is refused", _WRONG, {"size": 1 << 20}, may_pass=True),
    Failure("wrong_content_type", "a wrong media type is ignored or refused", _PAGE, may_pass=True),
)
SLOW = {"delay_after", "drip", "delay_before"}
HARMLESS = {"wrong_content_type", "nul", "invalid_utf8"}
"""Replies that may be read all the same: only a character, or a header, is wrong, and the hub replaces it."""


def _connection(failure: Failure) -> dict[str, Any]:
    return {"deadline": SHORT if failure.kind in SLOW else 5.0, "max_reply": 512 * 1024}


def _judge(failure: Failure, error: HubError, at: str) -> None:
    require(
        isinstance(error, failure.errors),
        f"{at}: {type(error).__name__} ({error.message}) was raised, "
        f"expected {' or '.join(kind.__name__ for kind in failure.errors)}",
    )
    if isinstance(error, RateLimited) and failure.kind.startswith("retry_after"):
        if failure.waits is None:
            require(
                error.wait is None, f"{at}: the error carries a wait of {error.wait} s that the vendor did not ask for"
            )
        else:
            low, high = failure.waits
            require(
                error.wait is not None and low <= error.wait <= high,
                f"{at}: the error carries a wait of {error.wait} s",
            )


async def caught(call: Awaitable[Any], at: str) -> HubError | None:
    """The error of a call, or None; raises RuleBroken for an internal error of the plugin."""
    try:
        await call
    except PluginError as error:
        raise RuleBroken(f"{at}: {error.message}") from error
    except HubError as error:
        return error
    return None


def reads_of(bed: TestBed, account: AnyAccount, case: Case | None) -> dict[str, Callable[[], Awaitable[Any]]]:
    """The account's read operations, each ready to be called."""
    vendor = bed.vendor
    reads: dict[str, Callable[[], Awaitable[Any]]] = {}
    if case is not None and "read_case" in bed.can:
        reads["read_case"] = partial(vendor.read_case, account, case.reference)
    for stream in ("cases", "articles", "patches", "sessions"):
        if f"changed_{stream}" in bed.can:
            ask = getattr(vendor, f"changed_{stream}")
            reads[f"changed_{stream}"] = partial(ask, account, {})
    if "search_articles" in bed.can:
        reads["search_articles"] = partial(vendor.search_articles, account, "Gateway")
    return reads


async def _check_reads(bed: TestBed, failure: Failure) -> None:
    case = await bed.open() if "open_case" in bed.can else None
    with contextlib.suppress(NotApplicable):
        bed.act("publish", title="Gateway restarts", body="<p>Restart it.</p>")
    for name, read in reads_of(bed, bed.account, case).items():
        require(await caught(read(), name) is None, f"{name} fails without a fault")
    async with bed.other_account(**_connection(failure)) as account:
        reads = reads_of(bed, account, case)
        for name, read in reads.items():
            if failure.kind not in SLOW:
                await caught(read(), name)  # logs in, so that the fault hits the read itself
            await _check_read(bed, read, name, failure)
        for name, read in () if failure.kind in SLOW else reads.items():
            require(await caught(read(), name) is None, f"{name} still fails after the fault")


async def _check_read(bed: TestBed, read: Callable[[], Awaitable[Any]], name: str, failure: Failure) -> None:
    before = bed.injected_faults()
    bed.fault(failure.kind, **failure.options)
    error = await caught(read(), name)
    hit = bed.injected_faults() > before
    bed.simulator.faults.clear()
    if error is None:
        readable = not hit or failure.kind in HARMLESS
        require(readable, f"{name}: a reply with {failure.kind} was accepted")
        return
    _judge(failure, error, name)
    require(not error.in_doubt, f"{name}: a read is reported as a write in doubt")


class _Write(NamedTuple):
    name: str
    needs: str
    operation: str
    kinds: tuple[str, ...]


WRITES = (
    _Write("open_case", "open_case", "create", ("case",)),
    _Write("add_comment", "add_comment", "note", ("note",)),
    _Write("change_case", "change_case", "update", ("change",)),
)


async def _check_writes(bed: TestBed, failure: Failure) -> None:
    case = await bed.open()
    async with open_account(bed.vendor, bed.settings, **_connection(failure)) as account:
        if "read_case" in bed.can and failure.kind not in SLOW:
            await bed.vendor.read_case(account, case.reference)
        for write in WRITES:
            if write.needs in bed.can:
                await _check_write(bed, account, case, write, failure)


def _start(bed: TestBed, account: AnyAccount, case: Case, name: str, draft: Any) -> Awaitable[Any]:
    from hub.model import Comment

    vendor, key = bed.vendor, bed.key(case)
    if name == "open_case":
        return vendor.open_case(account, draft)
    if name == "add_comment":
        return vendor.add_comment(account, case.reference, Comment(body=f"For {key}", public=True, key=key))
    return vendor.change_case(account, case.reference, CaseChanges(severity=Severity.S1, key=key))


async def _check_write(bed: TestBed, account: AnyAccount, case: Case, write: _Write, failure: Failure) -> None:
    sim, draft = bed.simulator, await bed.draft()
    stored, calls = len(sim.ledger.entries), sim.calls(write.operation)
    before = bed.injected_faults()
    bed.fault(failure.kind, operation=write.operation, **failure.options)
    error = await caught(_start(bed, account, case, write.name, draft), write.name)
    hit = bed.injected_faults() > before
    sim.faults.clear()
    if not hit:
        return
    effects = [entry for entry in sim.ledger.entries[stored:] if entry.kind in write.kinds]
    sent = sim.calls(write.operation) - calls
    require(sent == 1, f"{write.name}: the write was sent {sent} times")
    if error is None:
        require(failure.may_pass and effects, f"{write.name}: a failed write was reported as done")
        return
    if not (
        error.in_doubt and isinstance(error, TryLater)
    ):  # in doubt, to be retried after a search, is always allowed
        _judge(failure, error, write.name)
    require(error.in_doubt or not effects, f"{write.name}: it was stored, but the error is not in doubt")
    refused = failure.kind == "http_403" or failure.kind.startswith("retry_after")
    require(not (refused and error.in_doubt), f"{write.name}: a refused write is reported as in doubt")


def _series() -> tuple[Rule, ...]:
    rules = []
    for failure in FAILURES:

        def read(bed: TestBed, failure: Failure = failure) -> Awaitable[None]:
            return _check_reads(bed, failure)

        def write(bed: TestBed, failure: Failure = failure) -> Awaitable[None]:
            return _check_writes(bed, failure)

        reading = f"When reading, {failure.says}; later reads succeed."
        writing = f"When writing, {failure.says}; the write is sent once, and is in doubt if it may have been stored."
        rules.append(Rule(f"reading_endures_{failure.kind}", "endures", reading, read))
        rules.append(Rule(f"writing_endures_{failure.kind}", "endures", writing, write, frozenset({"open_case"})))
    return tuple(rules)


SERIES = _series()
