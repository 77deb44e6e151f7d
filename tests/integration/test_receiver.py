"""Deliveries over real HTTP: proved, once each, bounded, and harmless when they are not what they say."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from vendor_kit import House, open_house

from hub import sessions
from hub.errors import StorageUnavailable
from hub.model import Delivery
from hub.serve import make_app
from hub.serve.receive import Receiver
from hub.sla.offer import read_offer


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    """A hub with a vendor that pushes and one that does not."""
    accounts = {"site": ("bomgar", "appliance"), "bmc": ("bmc_remedy", "")}
    async with open_house(database_url, accounts) as opened:
        yield opened


@pytest.fixture
async def http(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the receiver."""
    receiver = Receiver(house.context, clock=lambda: datetime.now(UTC))
    transport = httpx.ASGITransport(make_app(receiver))
    async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
        yield client


async def pushed(house: House) -> Any:
    """A delivery that the vendor sends of a session of one of our tickets."""
    number = await house.ticket()
    made = await sessions.start(house.context, number, "site", offer=read_offer(), who="agent")
    lsid = house.sims["site"].act("join", {"code": made.session.code})
    return house.sims["site"].push(lsid)


def address(push: Any) -> str:
    return f"/webhooks/site/{push.path.lstrip('/')}"


async def due(house: House) -> bool:
    """Whether the sessions of the account are to be read now."""
    row = await house.row("SELECT due_at <= now() AS due FROM stream WHERE account = 'site' AND kind = 'sessions'")
    return bool(row.due)


async def test_a_delivery_only_wakes_its_stream(house: House, http: httpx.AsyncClient) -> None:
    """It is answered with 200, the stream is due, and the ticket is as it was; the poll brings the news."""
    push = await pushed(house)
    await house.pull("site", sessions.SESSIONS)
    await house.pull("bmc", "cases")
    assert not await due(house)
    reply = await http.post(address(push), content=push.body, headers=dict(push.headers))
    assert (reply.status_code, reply.json()) == (200, {"received": True})
    assert await due(house)


async def test_a_repeat_has_no_effect_and_is_answered_alike(house: House, http: httpx.AsyncClient) -> None:
    """The same delivery ten times, at once too, wakes the stream once."""
    push = await pushed(house)
    replies = await asyncio.gather(
        *(http.post(address(push), content=push.body, headers=dict(push.headers)) for _ in range(10))
    )
    assert [reply.status_code for reply in replies] == [200] * 10
    assert (await house.row("SELECT count(*) AS n FROM delivery")).n == 1


async def test_a_plugins_endpoints_are_served_under_its_name(house: House) -> None:
    """An application sees its own path alone, and a plugin that offers none has no place."""

    async def app(scope: Any, _: Any, send: Any) -> None:
        told = scope["path"].removeprefix(scope["root_path"]).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": told})

    receiver = Receiver(house.context, clock=lambda: datetime.now(UTC))
    served = httpx.ASGITransport(make_app(receiver, {"acme": app}))
    async with httpx.AsyncClient(transport=served, base_url="http://hub") as client:
        assert (await client.get("/plugins/acme/status/1")).text == "/status/1"
        assert (await client.get("/plugins/other/status/1")).status_code == 404
        assert (await client.get("/health/live")).json() == {"alive": True}


@pytest.mark.parametrize("where", ["/webhooks/site", "/webhooks/site/wrong", "/webhooks/nobody/x", "/webhooks/bmc"])
async def test_what_is_not_proved_is_refused_alike(house: House, http: httpx.AsyncClient, where: str) -> None:
    """A wrong secret, an account that takes nothing and one that there is not look the same from outside."""
    push = await pushed(house)
    reply = await http.post(where, content=push.body, headers=dict(push.headers))
    assert (reply.status_code, reply.headers["content-type"]) == (401, "application/problem+json")
    assert reply.json() == {"type": "about:blank", "title": "the delivery was refused", "status": 401}
    assert (await house.row("SELECT count(*) AS n FROM delivery")).n == 0


async def test_a_flood_of_forgeries_is_told_once(house: House, http: httpx.AsyncClient) -> None:
    """Fifty refused deliveries within a minute make one journal entry."""
    for _ in range(50):
        assert (await http.post("/webhooks/site/wrong", content=b"event=x")).status_code == 401
    assert (await house.events("account:site")).count("deliveries_refused") == 1


async def test_a_delivery_has_a_bound(house: House, http: httpx.AsyncClient) -> None:
    """Beyond 256 kB it is refused while it is still coming, whatever its length says."""
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 1
            yield b"x" * 65536

    push = await pushed(house)
    assert (await http.post(address(push), content=endless())).status_code == 413


@pytest.mark.parametrize(("minutes", "status"), [(0, 200), (4, 200), (-4, 200), (6, 401), (-6, 401)])
async def test_a_signed_time_has_five_minutes(
    house: House, http: httpx.AsyncClient, minutes: int, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A replay after six minutes is refused, and so is one from the future."""
    when = datetime.now(UTC) + timedelta(minutes=minutes)

    async def read(*_: object) -> Delivery:
        return Delivery(id="d1", stream="sessions", sent_at=when)

    monkeypatch.setattr(type(house.vendor_account("site").vendor), "read_webhook", read)
    assert (await http.post("/webhooks/site/x", content=b"")).status_code == status


async def test_without_its_database_the_hub_says_so(
    house: House, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A delivery is answered with 503, so that the sender repeats it; alive stays green, ready is red until it is back."""
    push = await pushed(house)

    def away() -> Any:
        raise StorageUnavailable("the hub's database does not answer")

    with monkeypatch.context() as patch:
        patch.setattr(house.context.storage, "unit", away)
        patch.setattr(house.context.storage, "hub_id", away)
        assert (await http.post(address(push), content=push.body, headers=dict(push.headers))).status_code == 503
        assert (await http.get("/health/live")).status_code == 200
        assert (await http.get("/health/ready")).status_code == 503
    assert (await http.get("/health/ready")).json() == {"ready": True}
    assert (await http.post(address(push), content=push.body, headers=dict(push.headers))).status_code == 200


async def test_the_command_serves_and_ends_well(house: House) -> None:
    """`hub serve` tells its address, takes a delivery over a socket, and SIGTERM ends it with 0."""
    push = await pushed(house)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    process = subprocess.Popen(  # noqa: ASYNC220 - it starts at once
        [sys.executable, "-m", "hub.cli", "--config", str(house.place), "serve", "--port", "0", "--json"],
        env=kept | house.env,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        told = ""
        while not told.rstrip().endswith("}"):
            told += await asyncio.to_thread(process.stdout.readline)
        url = json.loads(told)["url"]
        async with httpx.AsyncClient(base_url=url) as client:
            assert (await client.get("/health/ready")).json() == {"ready": True}
            reply = await client.post(address(push), content=push.body, headers=dict(push.headers))
            assert reply.status_code == 200
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, 20) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    assert (await house.row("SELECT count(*) AS n FROM delivery")).n == 1
