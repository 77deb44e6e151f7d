"""Endures: every way in which a system fails, on reads and on writes, gives the right error and honest doubt."""

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
from hub.testing.bench import TestBed, open_account
from hub.testing.rule import NotApplicable, Rule, RuleBroken, require

SHORT = 0.25  # seconds, for calls that are to run out of time


class Trouble(NamedTuple):
    """One fault, and the errors that tell of it."""

    kind: str
    says: str
    errors: tuple[type[VendorError], ...]
    how: dict[str, Any] = {}
    waits: tuple[float, float] | None = None
    """The shortest and longest wait that the error has to carry."""
    may_pass: bool = False
    """The reply is still good, so that the call may as well succeed."""


_LATER, _WRONG, _ASK = (TryLater,), (VendorMisbehaved,), (AskOperator,)
_PAGE = (VendorMisbehaved, AskOperator)
TROUBLES = (
    Trouble("http_403", "the vendor's 403 asks the operator", _ASK),
    Trouble(
        "http_500",
        "the vendor's own 500 is tried later or told in its words",
        (TryLater, VendorMisbehaved, CaseRefused),
    ),
    Trouble("http_502", "a gateway's 502 is tried later", _LATER),
    Trouble("http_503", "a gateway's 503 is tried later", _LATER),
    Trouble("http_504", "a gateway's 504 is tried later", _LATER),
    Trouble("proxy_html", "a proxy's page is tried later", _LATER),
    Trouble("retry_after_seconds", "the wait asked for in seconds is told", (RateLimited,), {"seconds": 3}, (3, 3)),
    Trouble("retry_after_date", "the wait asked for as a date is told", (RateLimited,), {"seconds": 30}, (20, 31)),
    Trouble("retry_after_absent", "a request to slow down without a wait is told", (RateLimited,)),
    Trouble("retry_after_absurd", "a wait of days is told as it is", (RateLimited,), {}, (3600, 1e9)),
    Trouble("login_page", "a login page in place of data is no data", _PAGE),
    Trouble("lost_reply", "a connection cut before the reply is tried later", _LATER),
    Trouble("reset_before", "a connection reset before the effect is tried later", _LATER),
    Trouble("cut_body", "a reply cut in the middle is no reply", (TryLater, VendorMisbehaved), may_pass=True),
    Trouble(
        "truncated_gzip", "a packed reply without its end is no reply", (TryLater, VendorMisbehaved), may_pass=True
    ),
    Trouble("garbled_status", "a reply that is no HTTP is told as that", (TryLater, VendorMisbehaved)),
    Trouble("delay_after", "a reply that is too late is tried later", _LATER, {"seconds": 5}),
    Trouble("drip", "a reply that trickles is tried later", _LATER, {"seconds": 0.05}),
    Trouble("malformed_json", "JSON without its end is no answer", _WRONG, may_pass=True),
    Trouble("nan", "NaN is no number", _WRONG, may_pass=True),
    Trouble("nul", "a NUL in a text is no text", _WRONG, may_pass=True),
    Trouble("deep_nesting", "nesting without end is no answer", _WRONG, {"size": 5000}, may_pass=True),
    Trouble("invalid_utf8", "bytes that are no UTF-8 are no text", _WRONG, may_pass=True),
    Trouble("oversized", "a reply beyond the limit is no reply", _WRONG, {"size": 1 << 20}, may_pass=True),
    Trouble("wrong_content_type", "a wrong media type is seen through or refused", _PAGE, may_pass=True),
)
SLOW = {"delay_after", "drip", "delay_before"}


def _connection(trouble: Trouble) -> dict[str, Any]:
    return {"deadline": SHORT if trouble.kind in SLOW else 5.0, "max_reply": 512 * 1024}


def _judge(trouble: Trouble, error: HubError, at: str) -> None:
    require(
        isinstance(error, trouble.errors),
        f"{at}: {type(error).__name__} ({error.message}) was raised, "
        f"expected {' or '.join(kind.__name__ for kind in trouble.errors)}",
    )
    if isinstance(error, RateLimited) and trouble.kind.startswith("retry_after"):
        if trouble.waits is None:
            require(error.wait is None, f"{at}: a wait of {error.wait} s was made up")
        else:
            low, high = trouble.waits
            require(error.wait is not None and low <= error.wait <= high, f"{at}: the wait told is {error.wait} s")


async def caught(call: Awaitable[Any], at: str) -> HubError | None:
    """The error of a call, or None; a fault of the plugin's own breaks the rule."""
    try:
        await call
    except PluginError as error:
        raise RuleBroken(f"{at}: {error.message}") from error
    except HubError as error:
        return error
    return None


def reads_of(bench: TestBed, account: AnyAccount, case: Case | None) -> dict[str, Callable[[], Awaitable[Any]]]:
    """What the account can read, each ready to be called."""
    vendor = bench.vendor
    found: dict[str, Callable[[], Awaitable[Any]]] = {}
    if case is not None and "read_case" in bench.can:
        found["read_case"] = partial(vendor.read_case, account, case.reference)
    for stream in ("cases", "articles", "patches", "sessions"):
        if f"changed_{stream}" in bench.can:
            ask = getattr(vendor, f"changed_{stream}")
            found[f"changed_{stream}"] = partial(ask, account, {})
    if "search_articles" in bench.can:
        found["search_articles"] = partial(vendor.search_articles, account, "Gateway")
    return found


async def _read_in(bench: TestBed, trouble: Trouble) -> None:
    case = await bench.open() if "open_case" in bench.can else None
    with contextlib.suppress(NotApplicable):
        bench.tell("publish", title="Gateway restarts", body="<p>Restart it.</p>")
    for name, read in reads_of(bench, bench.account, case).items():
        require(await caught(read(), name) is None, f"{name} fails without a fault")
    async with bench.another(**_connection(trouble)) as account:
        reads = reads_of(bench, account, case)
        for name, read in reads.items():
            if trouble.kind not in SLOW:
                await caught(read(), name)  # logged in, so that the fault strikes the read itself
            await _one_read(bench, read, name, trouble)
        for name, read in () if trouble.kind in SLOW else reads.items():
            require(await caught(read(), name) is None, f"{name} still fails when the fault is over")


async def _one_read(bench: TestBed, read: Callable[[], Awaitable[Any]], name: str, trouble: Trouble) -> None:
    struck = bench.struck()
    bench.fault(trouble.kind, **trouble.how)
    error = await caught(read(), name)
    hit = bench.struck() > struck
    bench.simulator.faults.clear()
    if error is None:
        whole = not hit or trouble.kind == "wrong_content_type"
        require(whole, f"{name}: a reply with {trouble.kind} was taken for a good one")
        return
    _judge(trouble, error, name)
    require(not error.in_doubt, f"{name}: a read is told as a write in doubt")


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


async def _write_in(bench: TestBed, trouble: Trouble) -> None:
    case = await bench.open()
    async with open_account(bench.vendor, bench.settings, **_connection(trouble)) as account:
        if "read_case" in bench.can and trouble.kind not in SLOW:
            await bench.vendor.read_case(account, case.reference)
        for write in WRITES:
            if write.needs in bench.can:
                await _one_write(bench, account, case, write, trouble)


def _start(bench: TestBed, account: AnyAccount, case: Case, name: str, draft: Any) -> Awaitable[Any]:
    from hub.model import Comment

    vendor, key = bench.vendor, bench.key(case)
    if name == "open_case":
        return vendor.open_case(account, draft)
    if name == "add_comment":
        return vendor.add_comment(account, case.reference, Comment(body=f"For {key}", public=True, key=key))
    return vendor.change_case(account, case.reference, CaseChanges(severity=Severity.S1, key=key))


async def _one_write(bench: TestBed, account: AnyAccount, case: Case, write: _Write, trouble: Trouble) -> None:
    sim, draft = bench.simulator, await bench.draft()
    stored, asked = len(sim.ledger.entries), sim.calls(write.operation)
    struck = bench.struck()
    bench.fault(trouble.kind, operation=write.operation, **trouble.how)
    error = await caught(_start(bench, account, case, write.name, draft), write.name)
    hit = bench.struck() > struck
    sim.faults.clear()
    if not hit:
        return
    effects = [one for one in sim.ledger.entries[stored:] if one.kind in write.kinds]
    require(
        sim.calls(write.operation) - asked == 1,
        f"{write.name}: the write was sent {sim.calls(write.operation) - asked} times",
    )
    if error is None:
        require(trouble.may_pass and effects, f"{write.name}: a failed write was told as done")
        return
    if not (error.in_doubt and isinstance(error, TryLater)):  # "it may be there, look for it" is never wrong
        _judge(trouble, error, write.name)
    require(error.in_doubt or not effects, f"{write.name}: it was stored, but the error does not say in doubt")
    refused = trouble.kind == "http_403" or trouble.kind.startswith("retry_after")
    require(not (refused and error.in_doubt), f"{write.name}: a write that was refused is told as in doubt")


def _series() -> tuple[Rule, ...]:
    made = []
    for one in TROUBLES:

        def read(bench: TestBed, one: Trouble = one) -> Awaitable[None]:
            return _read_in(bench, one)

        def write(bench: TestBed, one: Trouble = one) -> Awaitable[None]:
            return _write_in(bench, one)

        made.append(
            Rule(f"reading_endures_{one.kind}", "endures", f"When reading, {one.says}, and all is well after.", read)
        )
        made.append(
            Rule(
                f"writing_endures_{one.kind}",
                "endures",
                f"When writing, {one.says}; it is sent once, and doubt is told as it is.",
                write,
                frozenset({"open_case"}),
            )
        )
    return tuple(made)


SERIES = _series()
