"""The simulated instance's logins, its hourly limit and its faults, as an outsider meets them."""

from __future__ import annotations

import httpx
import pytest

from hub.simulators.kit import serve
from hub.simulators.servicenow import Options, Seeds, ServiceNow

TOKEN = "/oauth_token.do"
CASE = "/api/sn_customerservice/case"
SEEDS = Seeds()
CLIENT = {"client_id": SEEDS.client_id, "client_secret": SEEDS.client_secret}
GRANT = {"grant_type": "client_credentials"}
PASSWORD = {"grant_type": "password", "username": SEEDS.user, "password": SEEDS.password}
BASIC = (SEEDS.user, SEEDS.password)


async def test_a_living_token_is_handed_out_again() -> None:
    """The same token comes with what is left of its life, a new one after its end; it opens the API."""
    sim = ServiceNow(options=Options(token_seconds=100))
    async with serve(sim) as served, httpx.AsyncClient(base_url=served.url) as http:
        first = (await http.post(TOKEN, data=GRANT | CLIENT)).json()
        sim.clock.shift(60)
        second = (await http.post(TOKEN, data=GRANT | CLIENT)).json()
        headers = {"Authorization": f"Bearer {second['access_token']}"}
        assert (await http.get(CASE, headers=headers)).status_code == 200
        sim.clock.shift(60)
        ended = await http.get(CASE, headers=headers)
        third = (await http.post(TOKEN, data=GRANT | CLIENT)).json()
    assert first["access_token"] == second["access_token"] != third["access_token"]
    assert second["expires_in"] <= 40
    assert (ended.status_code, ended.json()["status"]) == (401, "failure")
    assert "refresh_token" not in first


@pytest.mark.parametrize(
    "form",
    [
        GRANT | CLIENT | {"client_secret": "x"},
        PASSWORD | CLIENT | {"password": "x"},
        CLIENT | {"grant_type": "refresh_token", "refresh_token": "x"},
        CLIENT | {"grant_type": "implicit"},
    ],
)
async def test_every_refusal_of_a_login_is_the_same(form: dict[str, str]) -> None:
    """Whatever is wrong, the answer is 401 with server_error and access_denied."""
    async with serve(ServiceNow()) as served, httpx.AsyncClient(base_url=served.url) as http:
        reply = await http.post(TOKEN, data=form)
    assert reply.status_code == 401
    assert reply.json() == {"error": "server_error", "error_description": "access_denied"}


async def test_a_login_is_a_form() -> None:
    """JSON is not understood; the password grant brings a refresh token, which does not change."""
    async with serve(ServiceNow()) as served, httpx.AsyncClient(base_url=served.url) as http:
        assert (await http.post(TOKEN, json=GRANT | CLIENT)).status_code == 401
        grant = (await http.post(TOKEN, data=PASSWORD | CLIENT)).json()
        again = CLIENT | {"grant_type": "refresh_token", "refresh_token": grant["refresh_token"]}
        assert (await http.post(TOKEN, data=again)).json()["refresh_token"] == grant["refresh_token"]


async def test_a_key_and_a_password_open_the_interface_too() -> None:
    """The key's header and Basic are good; wrong ones and none are 401 in the instance's words."""
    async with serve(ServiceNow()) as served, httpx.AsyncClient(base_url=served.url) as http:
        for headers, auth, status in (
            ({"x-sn-apikey": SEEDS.api_key}, None, 200),
            ({"x-sn-apikey": "x"}, None, 401),
            ({}, BASIC, 200),
            ({}, (SEEDS.user, "x"), 401),
            ({}, None, 401),
        ):
            reply = await http.get(CASE, headers=headers, auth=auth)
            assert reply.status_code == status
    assert reply.json()["error"]["message"] == "User Not Authenticated"
    assert reply.headers["WWW-Authenticate"].startswith("BASIC")


async def test_an_hour_has_its_calls() -> None:
    """Calls beyond the limit are 429 with the rest of the hour; after that, calls are accepted again."""
    sim = ServiceNow(options=Options(hourly_limit=2))
    async with serve(sim) as served, httpx.AsyncClient(base_url=served.url, auth=BASIC) as http:
        statuses = [(await http.get(CASE)).status_code for _ in range(3)]
        refused = await http.get(CASE)
        sim.clock.shift(3601)
        after = (await http.get(CASE)).status_code
    assert (statuses, after) == ([200, 200, 429], 200)
    assert 0 < int(refused.headers["Retry-After"]) <= 3600
    assert refused.headers["X-RateLimit-Limit"] == "2"


# Fault, when it strikes, status of the list, words in its body.
REPLACED = [
    ("login_refused", "login", 401, "access_denied"),
    ("session_dropped", "query", 401, "Not Authenticated"),
    ("error_inside", "query", 200, "Transaction cancelled"),
    ("hibernating", "query", 200, "hibernating"),
    ("business_rule", "query", 403, "Business Rule"),
    ("no_access", "query", 403, "ACL"),
    ("missing_record", "query", 404, "No Record found"),
    ("http_403", "query", 403, "ACL"),
    ("http_500", "query", 500, "error"),
    ("http_502", "query", 502, ""),
    ("http_503", "query", 503, ""),
    ("http_504", "query", 504, ""),
    ("proxy_html", "query", 502, "<html"),
    ("login_page", "query", 200, "<html"),
    ("retry_after_seconds", "query", 429, ""),
    ("retry_after_date", "query", 429, ""),
    ("retry_after_absent", "query", 429, ""),
    ("retry_after_absurd", "query", 429, ""),
    ("short_page", "query", 200, '"result":[]'),
    ("broken_filter", "query", 200, "CS0001001"),
    ("unknown_status", "query", 200, '"state":"99"'),
    ("missing_field", "query", 200, "CS0001001"),
    ("changed_type", "query", 200, '"state":["1"]'),
    ("malformed_json", "query", 200, "CS0001001"),
    ("nan", "query", 200, "NaN"),
    ("oversized", "query", 200, "CS0001001"),
    ("wrong_content_type", "query", 200, "CS0001001"),
]


@pytest.mark.parametrize(("kind", "operation", "status", "says"), REPLACED)
async def test_a_fault_is_what_it_says(kind: str, operation: str, status: int, says: str) -> None:
    """Each fault strikes the call that it is for, once, in the instance's own words where it has some."""
    sim = ServiceNow()
    sim.fill(1)
    sim.faults.add(kind, operation=operation, times=1, size=100)
    async with serve(sim) as served, httpx.AsyncClient(base_url=served.url) as http:
        login = await http.post(TOKEN, data=GRANT | CLIENT)
        token = login.json().get("access_token")
        headers = {"Authorization": f"Bearer {token}"}
        query = "state=none" if kind == "broken_filter" else ""
        reply = login if operation == "login" else await http.get(f"{CASE}?sysparm_query={query}", headers=headers)
        if kind != "session_dropped":
            token = (await http.post(TOKEN, data=GRANT | CLIENT)).json()["access_token"]
            headers = {"Authorization": f"Bearer {token}"}
            assert (await http.get(CASE, headers=headers)).json()["result"][0]["number"] == "CS0001001"
    assert (reply.status_code, says in reply.text) == (status, True)
    assert sim.faults.injected[kind] == 1


@pytest.mark.parametrize("kind", ["reset_before", "lost_reply", "cut_body", "garbled_status"])
async def test_a_cut_line_stores_or_not(kind: str) -> None:
    """A connection that ends ahead of the effect stores nothing; one that ends behind it has stored the case."""
    sim = ServiceNow()
    sim.faults.add(kind, operation="create", times=1)
    async with serve(sim) as served, httpx.AsyncClient(base_url=served.url, auth=BASIC) as http:
        with pytest.raises(httpx.TransportError):
            await http.post(CASE, json={"short_description": "T"})
    assert len(sim.ledger.of("case")) == (0 if kind == "reset_before" else 1)
