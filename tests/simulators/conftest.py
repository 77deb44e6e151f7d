"""A simulated AR System on a real socket, called by a plain HTTP client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from hub.simulators.arsystem import ArSystem, Options, Seeds
from hub.simulators.kit import serve

CREATE = "HPD:IncidentInterface_Create"
INTERFACE = "HPD:IncidentInterface"
WORKLOG = "HPD:WorkLog"


@dataclass
class Caller:
    """One signed-in API user."""

    sim: ArSystem
    http: httpx.AsyncClient
    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    async def login(self, user: str = "rjr_hub", password: str = "s3cret") -> httpx.Response:
        reply = await self.http.post("/api/jwt/login", data={"username": user, "password": password})
        # The AR-JWT cookie would win over the header on later calls.
        self.http.cookies.clear()
        self.token = reply.text
        self.headers = {"Authorization": f"AR-JWT {reply.text}"}
        return reply

    async def call(self, method: str, path: str, **how: Any) -> httpx.Response:
        return await self.http.request(method, f"/api/arsys/v1/entry/{path}", headers=self.headers, **how)

    async def create(self, key: str = "RJR-1", params: dict[str, str] | None = None, **values: Any) -> httpx.Response:
        return await self.call("POST", CREATE, params=params, json={"values": case(key, **values)})

    async def open(self, key: str = "RJR-1", **values: Any) -> dict[str, Any]:
        """Create an incident; the values under which the interface form shows it."""
        assert (await self.create(key, **values)).status_code == 201
        return (await self.find(f"'Vendor Ticket Number' = \"{key}\""))[0]

    async def find(self, q: str, form: str = INTERFACE, **params: str) -> list[dict[str, Any]]:
        reply = await self.call("GET", form, params={"q": q, **params})
        assert reply.status_code == 200, reply.text
        return [entry["values"] for entry in reply.json()["entries"]]

    async def put(self, entry_id: str, **values: Any) -> httpx.Response:
        return await self.call("PUT", f"{INTERFACE}/{entry_id}", json={"values": values})


def case(key: str = "RJR-1", **values: Any) -> dict[str, Any]:
    """The values of a valid create; None takes a field out."""
    base = {
        "First_Name": "RjR",
        "Last_Name": "Service Desk",
        "Login_ID": "rjr_hub",
        "Description": "Checkout API returns 502",
        "Detailed_Decription": "since 09:12 UTC",
        "Impact": "2-Significant/Large",
        "Urgency": "2-High",
        "Status": "Assigned",
        "Reported Source": "External Escalation",
        "Service_Type": "User Service Restoration",
        "Assigned Group": "L2 Platform",
        "Vendor Ticket Number": key,
        **values,
    }
    return {name: value for name, value in base.items() if value is not None}


Dial = Callable[..., AbstractAsyncContextManager[Caller]]


@asynccontextmanager
async def _dial(
    *, sign_in: bool = True, seeds: Seeds | None = None, patience: float = 5.0, **options: Any
) -> AsyncIterator[Caller]:
    sim = ArSystem(options=Options(**options), seeds=seeds, seed=1)
    async with serve(sim) as served, httpx.AsyncClient(base_url=served.url, timeout=patience) as http:
        caller = Caller(sim, http)
        if sign_in:
            await caller.login()
        yield caller


@pytest.fixture
def dial() -> Dial:
    """Start a server with the given options and sign in."""
    return _dial


@pytest.fixture
async def remedy() -> AsyncIterator[Caller]:
    """A server as it comes, signed in."""
    async with _dial() as caller:
        yield caller
