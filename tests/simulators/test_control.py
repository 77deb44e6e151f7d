"""Steering a simulated vendor over HTTP, from another process."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys

import httpx

from .conftest import Caller

PROGRAM = """
from hub.simulators.arsystem import ArSystem
from hub.simulators.kit import run
run(ArSystem(), 0)
"""


async def test_faults_are_ordered_listed_counted_and_lifted(remedy: Caller) -> None:
    """A rule posted strikes; the tally survives lifting it."""
    kinds = {kind["name"] for kind in (await remedy.http.get("/_sim/faults/kinds")).json()}
    assert {"lost_reply", "ar_92", "slow_index"} <= kinds
    posted = await remedy.http.post("/_sim/faults", json={"kind": "http_503", "operation": "create", "times": 1})
    assert posted.status_code == 200
    assert (await remedy.create()).status_code == 503
    faults = (await remedy.http.get("/_sim/faults")).json()
    assert (faults["injected"], faults["rules"][0]["injected"]) == ({"http_503": 1}, 1)
    assert (await remedy.http.delete("/_sim/faults")).json() == {"rules": []}
    faults = (await remedy.http.get("/_sim/faults")).json()
    assert faults == {"rules": [], "injected": {"http_503": 1}}


async def test_bad_orders_are_refused_with_a_reason(remedy: Caller) -> None:
    """Unknown kinds, settings, actions, arguments and paths are errors that say what is wrong."""
    for path, body, says in (
        ("/_sim/faults", {"kind": "lost_repy"}, "unknown fault 'lost_repy'"),
        ("/_sim/faults", {"kind": "drip", "secs": 1}, "secs"),
        ("/_sim/engineer", {"action": "dance"}, "unknown action 'dance'; choose one of answer"),
        ("/_sim/engineer", {"action": "answer", "number": "INC1", "text": "x"}, "no incident INC1"),
        ("/_sim/engineer", {"action": "answer"}, "text"),
        ("/_sim/clock", {"shfit": 1}, "shfit"),
    ):
        reply = await remedy.http.post(path, json=body)
        assert reply.status_code == 400
        assert says in reply.json()["error"]
    assert (await remedy.http.get("/_sim/nothing")).status_code == 404


async def test_the_engineer_takes_orders(remedy: Caller) -> None:
    """An answer and a file ordered over HTTP show up as notes, under the key of the bond."""
    await remedy.open()
    reply = await remedy.http.post("/_sim/engineer", json={"action": "answer", "number": "RJR-1", "text": "hi"})
    assert reply.json() == {"done": "answer", "result": "WLG000002437184"}
    data = base64.b64encode(b"\x00\x01").decode()
    order = {"action": "attach", "number": "RJR-1", "name": "a.bin", "data": data}
    assert (await remedy.http.post("/_sim/engineer", json=order)).status_code == 200
    down = await remedy.call("GET", "HPD:WorkLog/WLG000002437185/attach/z2AF%20Work%20Log01")
    assert down.content == b"\x00\x01"


async def test_the_ledger_tells_everything_in_order(remedy: Caller) -> None:
    """Cases, notes and files in order of storing, with request counts and the most calls in flight."""
    await remedy.open()
    remedy.sim.engineer.attach("RJR-1", "a.txt", b"abc")
    ledger = (await remedy.http.get("/_sim/ledger")).json()
    assert [(e["seq"], e["kind"]) for e in ledger["entries"]] == [(1, "case"), (2, "note"), (3, "attachment")]
    assert (ledger["entries"][0]["key"], ledger["entries"][2]["parent"]) == ("RJR-1", "INC000000000430")
    assert ledger["entries"][0]["at"] <= ledger["entries"][1]["at"] <= ledger["now"]
    assert ledger["requests"] == {"POST login": 1, "POST create": 1, "GET query": 1}
    assert ledger["most_in_flight"] == {"rjr_hub": 1}
    rest = (await remedy.http.get("/_sim/ledger", params={"since": "2"})).json()
    assert [e["kind"] for e in rest["entries"]] == ["attachment"]


async def test_reset_forgets_and_the_clock_moves(remedy: Caller) -> None:
    """After a reset there are no cases, rules, tokens or shifts."""
    await remedy.open()
    before = (await remedy.http.post("/_sim/clock", json={"stop": 1000, "shift": 5})).json()
    assert before == {"now": 1005.0}
    await remedy.http.post("/_sim/faults", json={"kind": "drip"})
    assert (await remedy.http.post("/_sim/reset")).json()["now"] > 1_700_000_000
    assert (await remedy.call("GET", "HPD:IncidentInterface")).status_code == 401
    await remedy.login()
    assert await remedy.find("") == []
    assert (await remedy.http.get("/_sim/ledger")).json()["entries"] == []


def test_run_prints_its_address_and_ends_on_a_signal() -> None:
    """The stand-alone server answers at the address that it prints, and SIGTERM ends it with 0."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True, env=environment
    ) as server:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        assert httpx.get(f"{url}/_sim/ledger").json()["entries"] == []
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=10) == 0
        assert server.stdout.read() == ""
