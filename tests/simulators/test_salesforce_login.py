"""The simulated org's token endpoint and sessions, as an outsider meets them."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from hub.simulators.kit import serve
from hub.simulators.salesforce import Options, Salesforce, Seeds
from hub.simulators.salesforce.keys import private_key

TOKEN = "/services/oauth2/token"
SEEDS = Seeds()


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """An outsider's client of a fresh org."""
    async with serve(Salesforce()) as served, httpx.AsyncClient(base_url=served.url) as client:
        yield client


def _assertion(key=None, **changes):
    claims = {
        "iss": SEEDS.consumer_key,
        "sub": SEEDS.user,
        "aud": "https://login.salesforce.com",
        "exp": int(time.time()) + 120,
    }
    grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    signed = jwt.encode(claims | changes, key or private_key(), algorithm="RS256")
    return {"grant_type": grant, "assertion": signed}


async def test_a_signed_assertion_brings_a_token_of_this_org(http):
    """The token opens the API, and instance_url is the address that was called."""
    grant = (await http.post(TOKEN, data=_assertion())).json()
    assert grant["instance_url"] == str(http.base_url).rstrip("/")
    headers = {"Authorization": f"Bearer {grant['access_token']}"}
    reply = await http.get("/services/data/v62.0/limits", headers=headers)
    assert reply.status_code == 200
    assert reply.headers["Sforce-Limit-Info"] == "api-usage=1/115000"


@pytest.mark.parametrize(
    ("changes", "error", "description"),
    [
        ({"aud": "https://test.salesforce.com"}, "invalid_grant", "audience is invalid"),
        ({"exp": int(time.time()) - 5}, "invalid_grant", "expired authorization code"),
        ({"exp": int(time.time()) + 3600}, "invalid_grant", "expired authorization code"),
        ({"iss": "nobody"}, "invalid_client_id", "client identifier invalid"),
        ({"sub": "other@rjr.example"}, "invalid_grant", "user hasn't approved this consumer"),
    ],
)
async def test_a_claim_that_is_wrong_is_named(http, changes, error, description):
    """Each wrong claim has its own answer, of status 400."""
    reply = await http.post(TOKEN, data=_assertion(**changes))
    assert (reply.status_code, reply.json()) == (400, {"error": error, "error_description": description})


async def test_a_signature_of_another_key_is_refused(http):
    """Only the registered key signs."""
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    reply = await http.post(TOKEN, data=_assertion(other))
    assert reply.json()["error"] == "invalid_grant"


async def test_an_expiry_in_quotes_is_taken(http):
    """The expiry may come as text, as one open client sends it."""
    assert (await http.post(TOKEN, data=_assertion(exp=str(int(time.time()) + 60)))).status_code == 200


async def test_client_credentials_come_as_form_or_basic(http):
    """The secret is taken from the form and from Basic; a wrong one is not."""
    pair = {"client_id": SEEDS.consumer_key, "client_secret": SEEDS.consumer_secret}
    grant = {"grant_type": "client_credentials"}
    assert (await http.post(TOKEN, data=grant | pair)).json()["issued_at"].isdigit()
    basic = (SEEDS.consumer_key, SEEDS.consumer_secret)
    assert (await http.post(TOKEN, data=grant, auth=basic)).status_code == 200
    wrong = await http.post(TOKEN, data=grant | pair | {"client_secret": "x"})
    assert wrong.json()["error"] == "invalid_client"


async def test_a_session_ends_when_idle():
    """A token that was idle for the session's length is answered with 401 and an array."""
    sim = Salesforce(options=Options(session_seconds=60))
    async with serve(sim) as served, httpx.AsyncClient(base_url=served.url) as http:
        grant = (await http.post(TOKEN, data=_assertion())).json()
        headers = {"Authorization": f"Bearer {grant['access_token']}"}
        for _ in range(3):
            sim.clock.shift(40)
            assert (await http.get("/services/data/v62.0/", headers=headers)).status_code == 200
        sim.clock.shift(61)
        reply = await http.get("/services/data/v62.0/", headers=headers)
        assert reply.status_code == 401
        assert reply.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


async def test_versions_need_no_login(http):
    """The list of versions is open; an unknown version is not found."""
    assert (await http.get("/services/data")).json()[-1]["version"] == "67.0"
    token = (await http.post(TOKEN, data=_assertion())).json()["access_token"]
    reply = await http.get("/services/data/v12.0/limits", headers={"Authorization": f"Bearer {token}"})
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (404, "NOT_FOUND")
