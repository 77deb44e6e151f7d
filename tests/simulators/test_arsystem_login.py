"""Logging in to AR System: tokens, their end, and the guest trap."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from email.utils import parsedate_to_datetime

from .conftest import INTERFACE, Caller, Dial


async def test_login_answers_the_bare_token(remedy: Caller) -> None:
    """The token comes as plain text with a cookie, and without the expiry headers."""
    reply = await remedy.login()
    assert reply.headers["content-type"] == "text/plain;charset=UTF-8"
    assert reply.text.count(".") == 2
    assert reply.headers["set-cookie"].startswith(f"AR-JWT={reply.text};")
    assert "session-expiration" not in reply.headers


async def test_login_takes_the_query_string_too(remedy: Caller) -> None:
    """Credentials in the query string with an empty body give a token that works."""
    reply = await remedy.http.post("/api/jwt/login", params={"username": "rjr_hub", "password": "s3cret"})
    assert reply.status_code == 200
    remedy.headers = {"Authorization": f"AR-JWT {reply.text}"}
    assert (await remedy.call("GET", INTERFACE)).status_code == 200


async def test_a_wrong_password_is_a_401_with_an_array(remedy: Caller) -> None:
    """A failed login carries AR 623 in an error array."""
    reply = await remedy.login(password="wrong")
    assert reply.status_code == 401
    assert [(m["messageType"], m["messageNumber"]) for m in reply.json()] == [("ERROR", 623)]


async def test_a_guest_gets_200_and_no_power(dial: Dial) -> None:
    """Where guests are allowed, a wrong password still gives a token, which sees and stores nothing."""
    async with dial(allow_guests=True) as remedy:
        await remedy.open()
        reply = await remedy.login(password="wrong")
        assert reply.status_code == 200
        (message,) = json.loads(reply.headers["x-ar-messages"])
        assert message["messageNumber"] == 59
        assert "login failed" in message["messageText"].lower()
        assert await remedy.find("'Status' >= 0") == []
        assert (await remedy.create("RJR-2")).status_code == 403
        assert len(remedy.sim.ledger.of("case")) == 1


async def test_a_token_ends_when_idle_and_slides_when_used(dial: Dial) -> None:
    """Use moves the idle deadline; past it the token is a 401."""
    async with dial(token_seconds=600, absolute_seconds=1500) as remedy:
        for _ in range(2):
            remedy.sim.clock.shift(500)
            reply = await remedy.call("GET", INTERFACE)
            assert reply.status_code == 200
        idle, absolute = (
            parsedate_to_datetime(reply.headers[name]) for name in ("session-expiration", "absolute-session-expiration")
        )
        assert timedelta(seconds=-110) < idle - absolute - timedelta(seconds=200) < timedelta(seconds=110)
        remedy.sim.clock.shift(501)
        reply = await remedy.call("GET", INTERFACE)
        assert reply.status_code == 401
        assert reply.json()[0]["messageType"] == "ERROR"


async def test_an_idle_token_ends_before_its_whole_life(dial: Dial) -> None:
    """A token left alone ends at the idle deadline."""
    async with dial(token_seconds=600) as remedy:
        remedy.sim.clock.shift(601)
        assert (await remedy.call("GET", INTERFACE)).status_code == 401


async def test_logout_ends_the_token(remedy: Caller) -> None:
    """Logout is a 204, and the token is refused from then on."""
    assert (await remedy.http.post("/api/jwt/logout", headers=remedy.headers)).status_code == 204
    assert (await remedy.call("GET", INTERFACE)).status_code == 401


async def test_the_cookie_wins_over_the_header(remedy: Caller) -> None:
    """A client that keeps a dead AR-JWT cookie is refused although its header is right."""
    headers = {**remedy.headers, "Cookie": "AR-JWT=stale"}
    reply = await remedy.http.get(f"/api/arsys/v1/entry/{INTERFACE}", headers=headers)
    assert reply.status_code == 401


async def test_no_token_is_a_401(remedy: Caller) -> None:
    """Without a token nothing is answered, not even whether a form exists."""
    assert (await remedy.http.get("/api/arsys/v1/entry/No:Such")).status_code == 401


async def test_one_user_has_one_call_in_flight(dial: Dial) -> None:
    """A second call while one runs gets AR 9093; the ledger knows how many there were."""
    async with dial(latency=0.1) as remedy:
        replies = await asyncio.gather(*(remedy.call("GET", INTERFACE) for _ in range(4)))
        assert sorted(r.status_code for r in replies) == [200, 500, 500, 500]
        refused = [r.json()[0]["messageNumber"] for r in replies if r.status_code == 500]
        assert refused == [9093] * 3
        assert remedy.sim.ledger.most_in_flight["rjr_hub"] >= 2
        assert (await remedy.call("GET", INTERFACE)).status_code == 200


async def test_parallel_calls_pass_where_the_server_allows_them(dial: Dial) -> None:
    """With the limit off, one user's calls run side by side."""
    async with dial(one_in_flight=False, latency=0.2) as remedy:
        replies = await asyncio.gather(*(remedy.call("GET", INTERFACE) for _ in range(4)))
        assert {r.status_code for r in replies} == {200}
        assert remedy.sim.ledger.most_in_flight["rjr_hub"] == 4
