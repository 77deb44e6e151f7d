"""Each fault, once, as a plain HTTP client sees it on the socket, and its effect on what is stored."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import msgspec
import pytest

from hub.simulators.arsystem import ArSystem

from .conftest import INTERFACE, WORKLOG, Caller, Dial
from .test_arsystem_query import filled, keys, page

FIELDS = {"fields": "values(Incident Number,Status,Description)"}

# Fault, extra settings, error that the client sees, cases stored.
CONNECTION = [
    ("reset_before", {}, (httpx.ReadError, httpx.RemoteProtocolError, httpx.WriteError), 0),
    ("delay_before", {"seconds": 30}, httpx.ReadTimeout, 0),
    ("lost_reply", {}, (httpx.ReadError, httpx.RemoteProtocolError), 1),
    ("delay_after", {"seconds": 30}, httpx.ReadTimeout, 1),
    ("cut_body", {}, httpx.RemoteProtocolError, 1),
    ("garbled_status", {}, httpx.RemoteProtocolError, 1),
    ("drip", {"seconds": 30}, httpx.ReadTimeout, 1),
]
# Fault, status, cases stored when it strikes a create, number in the array if there is one.
REPLACED = [
    ("http_500", 500, 0, 1291109),
    ("http_502", 502, 0, None),
    ("http_503", 503, 0, None),
    ("http_504", 504, 0, None),
    ("http_403", 403, 0, 330),
    ("proxy_html", 502, 0, None),
    ("login_page", 200, 0, None),
    ("missing_entry", 404, 0, 302),
    ("changed_meanwhile", 412, 0, 309),
    ("refused", 400, 0, 1291109),
    ("ar_93", 500, 0, 93),
    ("ar_9093", 500, 0, 9093),
    ("ar_92", 500, 1, 92),
    ("token_dropped", 401, 0, 623),
]


def _strict(reply: httpx.Response) -> Any:
    return msgspec.json.decode(reply.content)


BODIES: list[tuple[str, dict[str, Any], Callable[[httpx.Response], bool]]] = [
    ("malformed_json", {}, lambda r: _fails(json.loads, r.content, json.JSONDecodeError)),
    ("nan", {}, lambda r: json.loads(r.content)["values"]["Incident Number"] != "INC000000000430"),
    ("nan", {"field": "Status"}, lambda r: b'"Status":NaN' in r.content),
    ("deep_nesting", {}, lambda r: _fails(json.loads, r.content, RecursionError)),
    ("nul", {}, lambda r: r.json()["values"]["Incident Number"] == "\0INC000000000430"),
    ("nul", {"field": "Description"}, lambda r: r.json()["values"]["Description"].startswith("\0Checkout")),
    ("invalid_utf8", {}, lambda r: _fails(bytes.decode, r.content, UnicodeDecodeError)),
    ("oversized", {"size": 3_000_000}, lambda r: len(r.content) > 3_000_000),
    ("wrong_content_type", {}, lambda r: r.headers["content-type"] == "application/octet-stream"),
    ("truncated_gzip", {}, lambda r: _fails(json.loads, r.content, json.JSONDecodeError)),
    ("extra_field", {"field": "New"}, lambda r: "New" in r.json()["values"]),
    ("missing_field", {"field": "Status"}, lambda r: "Status" not in r.json()["values"]),
    ("changed_type", {"field": "Status"}, lambda r: isinstance(r.json()["values"]["Status"], dict)),
    ("unknown_status", {}, lambda r: r.json()["values"]["Status"] == "Awaiting Triage"),
]
WAITS = ["retry_after_seconds", "retry_after_date", "retry_after_absent", "retry_after_absurd"]
PAGES = ["repeated_page", "empty_page_with_next", "missing_next", "shifting_items", "page_cap"]
LOGINS = ["login_refused", "guest_login"]
TIMES = ["clock_back", "slow_index"]


def _fails(read: Callable[[Any], Any], content: bytes, error: type[Exception]) -> bool:
    try:
        read(content)
    except error:
        return True
    return False


def test_every_fault_is_met_here() -> None:
    """No kind of fault goes without a test of its own."""
    covered = {row[0] for row in (*CONNECTION, *REPLACED, *BODIES)} | {*WAITS, *PAGES, *LOGINS, *TIMES}
    assert covered == set(ArSystem().faults.kinds)


@pytest.mark.parametrize(("kind", "settings", "error", "stored"), CONNECTION)
async def test_the_connection_fails(
    dial: Dial, kind: str, settings: dict[str, Any], error: type[Exception], stored: int
) -> None:
    """The client sees a transport error, and whether the case is stored depends on when it struck."""
    async with dial(patience=0.3) as remedy:
        remedy.sim.faults.add(kind, operation="create", **settings)
        with pytest.raises(error):
            await remedy.create(params=FIELDS)
        assert len(remedy.sim.ledger.of("case")) == stored
        assert remedy.sim.faults.injected[kind] == 1
        assert (await remedy.http.get("/_sim/ledger")).status_code == 200


@pytest.mark.parametrize(("kind", "status", "stored", "number"), REPLACED)
async def test_the_reply_is_replaced(remedy: Caller, kind: str, status: int, stored: int, number: int | None) -> None:
    """Status and body replace the vendor's own; AR errors are an array."""
    remedy.sim.faults.add(kind, operation="create", times=1)
    reply = await remedy.create(params=FIELDS)
    assert reply.status_code == status
    assert len(remedy.sim.ledger.of("case")) == stored
    if number is None:
        assert "json" not in reply.headers["content-type"]
        assert ("<html>" in reply.text) == (kind in ("proxy_html", "login_page"))
    else:
        assert [m["messageNumber"] for m in reply.json()] == [number]
    if kind == "token_dropped":
        await remedy.login()
    assert (await remedy.create()).status_code == 201


async def test_a_replaced_reply_may_follow_the_effect(remedy: Caller) -> None:
    """With `after`, a gateway's 504 hides a case that was stored."""
    remedy.sim.faults.add("http_504", operation="create", after=True)
    assert (await remedy.create()).status_code == 504
    assert len(remedy.sim.ledger.of("case")) == 1


@pytest.mark.parametrize(("kind", "settings", "holds"), BODIES)
async def test_the_body_is_bent(
    remedy: Caller, kind: str, settings: dict[str, Any], holds: Callable[[httpx.Response], bool]
) -> None:
    """The case is stored, the status is right, and the body is wrong in the way that was asked for."""
    remedy.sim.faults.add(kind, operation="create", **settings)
    reply = await remedy.create(params=FIELDS)
    assert reply.status_code == 201
    assert holds(reply)
    assert len(remedy.sim.ledger.of("case")) == 1


@pytest.mark.parametrize("kind", WAITS)
async def test_too_many_requests(remedy: Caller, kind: str) -> None:
    """429 with each form of a wait, and without one."""
    remedy.sim.faults.add(kind, seconds=7)
    reply = await remedy.call("GET", INTERFACE)
    assert reply.status_code == 429
    wait = reply.headers.get("retry-after")
    match kind:
        case "retry_after_seconds":
            assert wait == "7"
        case "retry_after_date":
            ahead = parsedate_to_datetime(wait or "") - datetime.now(UTC)
            assert 0 < ahead.total_seconds() <= 7
        case "retry_after_absent":
            assert wait is None
        case "retry_after_absurd":
            assert wait == "259200"


async def test_pages_go_wrong(remedy: Caller) -> None:
    """Repeated, empty, endless, slipping and short pages."""
    filled(remedy.sim, list(range(9)))
    by, faults = {"limit": "3", "offset": "3"}, remedy.sim.faults

    async def struck(kind: str, **settings: Any) -> dict[str, Any]:
        faults.clear()
        faults.add(kind, operation="query", **settings)
        return await page(remedy, **by)

    assert keys(await page(remedy, **by)) == ["RJR-3", "RJR-4", "RJR-5"]
    assert keys(await struck("repeated_page")) == ["RJR-0", "RJR-1", "RJR-2"]
    empty = await struck("empty_page_with_next")
    assert keys(empty) == []
    assert "next" in empty["_links"]
    whole = await struck("missing_next")
    assert len(keys(whole)) == 3
    assert "next" not in whole["_links"]
    assert keys(await struck("shifting_items")) == ["RJR-4", "RJR-5", "RJR-6"]
    assert keys(await struck("shifting_items", size=-1)) == ["RJR-2", "RJR-3", "RJR-4"]
    short = await struck("page_cap", size=2)
    assert keys(short) == ["RJR-3", "RJR-4"]
    assert "next" in short["_links"]


async def test_a_login_goes_wrong(remedy: Caller) -> None:
    """The right password is refused, or gives a guest's token."""
    remedy.sim.faults.add("login_refused", operation="login", times=1)
    assert (await remedy.login()).status_code == 401
    remedy.sim.faults.add("guest_login", operation="login", times=1)
    reply = await remedy.login()
    assert (reply.status_code, json.loads(reply.headers["x-ar-messages"])[0]["messageNumber"]) == (200, 59)
    assert (await remedy.create()).status_code == 403
    await remedy.login()
    assert (await remedy.create()).status_code == 201


async def test_a_slow_index_hides_a_new_case_from_searches(remedy: Caller) -> None:
    """The case is stored and readable by its id; searches find it once the index has caught up."""
    remedy.sim.faults.add("slow_index", operation="create", seconds=20)
    await remedy.create()
    q = "'Vendor Ticket Number' = \"RJR-1\""
    assert await remedy.find(q) == []
    assert (await remedy.call("GET", f"{INTERFACE}/INC000000000527")).status_code == 200
    remedy.sim.clock.shift(21)
    assert len(await remedy.find(q)) == 1


async def test_the_vendors_clock_steps_back(remedy: Caller) -> None:
    """A change made after the step carries an older date than the one before."""
    remedy.sim.clock.stop(1_760_600_000)
    entry = (await remedy.open())["Entry ID"]
    remedy.sim.faults.add("clock_back", operation="update", seconds=600)
    await remedy.put(entry, Description="later")
    (shown,) = await remedy.find("'Status' >= 0")
    assert shown["Last Modified Date"] < shown["Submit Date"]


async def test_a_token_dropped_in_mid_page_is_one_401(remedy: Caller) -> None:
    """The second page is refused; after a new login it comes."""
    filled(remedy.sim, list(range(9)))
    remedy.sim.faults.add("token_dropped", operation="query", nth=2)
    assert len(keys(await page(remedy, limit="3"))) == 3
    assert (await remedy.call("GET", INTERFACE, params={"limit": "3", "offset": "3"})).status_code == 401
    await remedy.login()
    assert keys(await page(remedy, limit="3", offset="3")) == ["RJR-3", "RJR-4", "RJR-5"]


async def test_faults_meet_notes_and_knowledge_by_operation(remedy: Caller) -> None:
    """A rule for notes leaves incidents alone."""
    await remedy.open()
    remedy.sim.faults.add("lost_reply", operation="note")
    assert len(await remedy.find("")) == 1
    values = {"Incident Number": "INC000000000430", "Work Log Type": "General Information"}
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        await remedy.call("POST", WORKLOG, json={"values": values})
    assert len(remedy.sim.ledger.of("note")) == 1
