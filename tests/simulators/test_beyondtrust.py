"""The simulated appliance, called by a plain HTTP client."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from hub.simulators.beyondtrust import NAMESPACES, Appliance, Options
from hub.simulators.kit import serve

KEY = {
    "action": "generate_session_key",
    "type": "support",
    "queue_id": "team:12",
    "ttl": "3600",
    "session.custom.external_key": "RJR-1",
}


@asynccontextmanager
async def signed_in(**options: Any) -> AsyncIterator[tuple[Appliance, httpx.AsyncClient]]:
    """An appliance on loopback and a client with a token."""
    sim = Appliance(options=Options(**options))
    async with serve(sim) as served, httpx.AsyncClient(base_url=served.url) as http:
        http.headers["Authorization"] = f"Bearer {await token(sim, http)}"
        yield sim, http


async def token(sim: Appliance, http: httpx.AsyncClient) -> str:
    """A new token, asked for with a Basic header."""
    pair = (sim.seeds.client_id, sim.seeds.client_secret)
    reply = await http.post("/oauth2/token", auth=pair, data={"grant_type": "client_credentials"})
    return str(reply.json()["access_token"])


async def test_credentials_may_come_in_the_form_too():
    """A token is given for a Basic header or for a form, and a wrong secret is refused with 401."""
    async with signed_in() as (sim, http):
        form = {"grant_type": "client_credentials", "client_id": sim.seeds.client_id}
        good = await http.post("/oauth2/token", data=form | {"client_secret": sim.seeds.client_secret})
        bad = await http.post("/oauth2/token", data=form | {"client_secret": "no"})
    # the client's Bearer header stays in place: only Basic takes the form's place
    assert (good.status_code, good.json()["token_type"]) == (200, "Bearer")
    assert (bad.status_code, bad.json()["error"]) == (401, "invalid_client")


async def test_the_thirty_first_token_kills_the_first():
    """Thirty tokens live at a time; one more ends the oldest."""
    async with signed_in() as (sim, http):
        for _ in range(29):
            await token(sim, http)
        assert (await http.get("/api/command?action=get_api_info")).status_code == 200
        await token(sim, http)
        assert (await http.get("/api/command?action=get_api_info")).json()["error"] == "access_denied"


@pytest.mark.parametrize("name", NAMESPACES)
async def test_a_session_from_its_key_to_its_report(name: str):
    """A key is issued, the customer joins with it, and the report has chat, note and end, in any namespace."""
    async with signed_in(namespace=name) as (sim, http):
        made = ET.fromstring((await http.post("/api/command", data=KEY)).content)
        space = f"{{{NAMESPACES[name]}/command}}"
        assert made.tag == f"{space}session_key"
        code = made.findtext(f"{space}short_key") or ""
        assert len(code) == 7
        await http.post("/api/start_session", data={"short_key": code})
        (lsid,) = sim.state.sessions
        sim.act("chat", {"lsid": lsid, "text": "Which browser?"})
        sim.act("note", {"lsid": lsid, "text": "odd \x01 byte"})
        sim.act("end", {"lsid": lsid})
        report = await http.get(f"/api/reporting?generate_report=SupportSession&lsid={lsid}")
    text = report.text
    assert f'xmlns="{NAMESPACES[name]}/reporting"' in text
    assert "<external_key>RJR-1</external_key>" in text
    assert "Which browser?" in text
    assert "<encoded_body>" in text
    assert "<end_time" in text


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/api/command?action=nothing", "Invalid action."),
        ("/api/command?action=get_session_attributes&lsid=00", "Invalid lsid."),
        ("/api/reporting?generate_report=SupportSession&lsid=00", "Invalid lsid."),
        ("/api/reporting?generate_report=SupportSession&lsid=00&end_time=0&duration=0", "Exactly one set"),
        ("/api/reporting?generate_report=SupportSession&end_time=0", "Invalid duration."),
    ],
)
async def test_a_refusal_comes_with_status_200(path: str, says: str):
    """A refusal of the XML interfaces is an error document with HTTP 200, and replies carry the limit."""
    async with signed_in() as (_, http):
        reply = await http.get(path)
    assert reply.status_code == 200
    assert ET.fromstring(reply.content).tag.endswith("error")
    assert says in reply.text
    assert reply.headers["x-ratelimit-limit"] == "15000"


async def test_a_read_only_account_makes_no_key():
    """An account that may only read gets teams and no key; nothing is stored."""
    async with signed_in(permissions={"perm_command": "read_only"}) as (sim, http):
        refused = await http.post("/api/command", data=KEY)
        teams = await http.get("/api/command?action=get_support_teams")
    assert "Permission denied." in refused.text
    assert "L2 Platform" in teams.text
    assert sim.ledger.entries == []


async def test_reports_lag_and_windows_leave_out():
    """A report shows a session only after the lag, by end_time only when it has ended."""
    async with signed_in(report_lag=20) as (sim, http):
        sim.clock.stop()
        code = ET.fromstring((await http.post("/api/command", data=KEY)).content)[5].text
        sim.act("join", {"code": code})
        by_start = "/api/reporting?generate_report=SupportSessionListing&start_time=0&duration=0"
        by_end = by_start.replace("start", "end")
        assert "lsid" not in (await http.get(by_start)).text
        sim.clock.shift(30)
        assert "lsid" in (await http.get(by_start)).text
        assert "lsid" not in (await http.get(by_end)).text


async def test_events_wait_in_order_until_taken():
    """Any answer but 200 blocks the queue until the interval has passed, and the next event follows the first."""
    async with signed_in() as (sim, http):
        sim.clock.stop()
        code = ET.fromstring((await http.post("/api/command", data=KEY)).content)[5].text
        sim.act("join", {"code": code})
    queue = sim.state.outbound
    first = queue.due()
    queue.answered(204)
    assert queue.due() is None
    sim.clock.shift(61)
    assert queue.due() == first
    queue.answered(200)
    assert (queue.due() or {})["event"] == "support_conference_member_added"


async def test_v2_can_be_absent_and_teams_are_listed():
    """Without v2 its addresses are 404; with it, info names the product; the Configuration API lists teams."""
    async with signed_in() as (_, http):
        assert (await http.get("/api/command/v2/info")).json()["product"] == "rs"
        assert [team["id"] for team in (await http.get("/api/config/v1/team")).json()] == [12, 13]
    async with signed_in(v2=False) as (_, http):
        assert (await http.get("/api/command/v2/health")).status_code == 404


async def test_the_hour_has_a_limit():
    """Beyond the hour's calls the answer is 429, with nothing remaining."""
    async with signed_in(hourly=1) as (sim, http):
        sim.clock.stop()
        reply = await http.get("/api/config/v1/team")
    assert (reply.status_code, reply.headers["x-ratelimit-remaining"]) == (429, "0")


def test_there_are_enough_kinds_of_fault():
    """At least 25 kinds of fault can be asked for."""
    assert len(Appliance().faults.kinds) >= 25


async def test_lists_of_the_configuration_come_in_pages() -> None:
    """A page has its number and the total; an unknown parameter is refused."""
    async with signed_in() as (_, http):
        second = await http.get("/api/config/v1/team?per_page=1&current_page=2")
        odd = await http.get("/api/config/v1/team?name=x")
    assert [team["id"] for team in second.json()] == [13]
    assert second.headers["x-bt-pagination-last-page"] == "2"
    assert odd.status_code == 400
