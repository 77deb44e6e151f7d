"""A simulated vendor on loopback, and an account that speaks to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from hub.http import Client
from hub.model import Account
from hub.simulators.arsystem.options import Options
from hub.simulators.kit import serve
from plugins.bmc_remedy import plugin as bmc_remedy
from plugins.bmc_remedy.settings import BmcSettings
from plugins.bmc_remedy.simulator import simulator as make_simulator


def make_settings(base_url: str = "http://remedy.example:8008", **changes: Any) -> BmcSettings:
    """Settings that fit the simulated vendor's people and groups."""
    known = {
        "vendor": "bmc_remedy",
        "base_url": base_url,
        "username": "rjr_hub",
        "password": "s3cret",
        "contact_first_name": "RjR",
        "contact_last_name": "Service Desk",
        "company": "RjR Support",
        "assigned_company": "Northwind Platforms",
        "assigned_organization": "IT Support",
        "assigned_group": "L2 Platform",
    }
    return BmcSettings(**(known | changes))


@asynccontextmanager
async def open_account(
    base_url: str, transport: Any = "aiohttp", **changes: Any
) -> AsyncIterator[Account[BmcSettings]]:
    """An account at an address; its waits between repeats take no time."""

    async def at_once(_: float) -> None:
        return

    settings = make_settings(base_url, **changes)
    connection = bmc_remedy.hub_connect(settings)
    client = Client(
        connection,
        account="bmc",
        vendor="bmc_remedy",
        concurrency=settings.concurrency,
        transport=transport,
        sleep=at_once,
    )
    async with client:
        yield Account("bmc", settings, client)


class Vendor:
    """The simulated vendor, spoken to over HTTP like any outsider would."""

    def __init__(self, url: str, http: httpx.AsyncClient) -> None:
        self.url, self._http = url, http

    async def ledger(self) -> Any:
        """All that the vendor has stored."""
        return (await self._http.get("/_sim/ledger")).raise_for_status().json()

    async def fault(self, kind: str, **rule: Any) -> None:
        """Add a fault rule."""
        (await self._http.post("/_sim/faults", json={"kind": kind, **rule})).raise_for_status()

    async def engineer(self, action: str, **values: Any) -> Any:
        """Let the vendor's engineer act."""
        reply = await self._http.post("/_sim/engineer", json={"action": action, **values})
        return reply.raise_for_status().json()["result"]

    async def clock(self, **values: float) -> float:
        """Shift or stop the vendor's clock."""
        return (await self._http.post("/_sim/clock", json=values)).raise_for_status().json()["now"]

    async def stored(self, kind: str) -> list[Any]:
        """The values of all entries of one kind, in order of storing."""
        return [entry for entry in (await self.ledger())["entries"] if entry["kind"] == kind]

    def account(self, **changes: Any) -> Any:
        """An account at this vendor."""
        return open_account(self.url, **changes)


@asynccontextmanager
async def open_vendor(**options: Any) -> AsyncIterator[Vendor]:
    """A simulated vendor with options."""
    simulator = make_simulator(Options(**options)) if options else bmc_remedy.hub_simulator("")
    async with serve(simulator) as served, httpx.AsyncClient(base_url=served.url) as http:
        yield Vendor(served.url, http)


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    """A simulated vendor as it comes."""
    async with open_vendor() as opened:
        yield opened


@pytest.fixture
async def account(vendor: Vendor) -> AsyncIterator[Account[BmcSettings]]:
    """An account at the simulated vendor."""
    async with vendor.account() as opened:
        yield opened


@asynccontextmanager
async def open_scripted(
    *replies: httpx.Response, **changes: Any
) -> AsyncIterator[tuple[Account[BmcSettings], list[httpx.Request]]]:
    """An account whose vendor logs it in and then gives these replies, the last one for ever; and what was asked."""
    asked: list[httpx.Request] = []
    waiting = list(replies)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/api/jwt/"):
            return httpx.Response(200, text="tok.en")
        asked.append(request)
        found = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return httpx.Response(found.status_code, headers=found.headers, content=found.content)

    async with open_account("http://remedy.example:8008", httpx.MockTransport(answer), **changes) as opened:
        yield opened, asked
