"""The script that a user would write in ten minutes: plain httpx, one login, a semaphore and a gather."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx

from bench.place import drafts, loaded
from bench.sides import BenchConnection, Spec, run_role
from hub import bootstrap
from hub.vendors import load
from plugins.bmc_remedy import cases

CREATE = "/api/arsys/v1/entry/HPD:IncidentInterface_Create"
INTERFACE = "/api/arsys/v1/entry/HPD:IncidentInterface"


async def main(spec: Spec, bench: BenchConnection) -> None:
    """Open this many cases, and report how long it took."""
    accounts, _ = bootstrap.find_accounts(loaded(spec["config"]), load())
    settings: Any = accounts[spec["account"]].account.settings
    bodies = [{"values": cases.new_values(draft, settings)} for draft in drafts(spec["payload"], spec["count"])]
    fields = f"values({','.join(cases.fields(settings))})"
    sem = asyncio.Semaphore(settings.concurrency)
    opened = 0

    async def open_case(client: httpx.AsyncClient, headers: dict[str, str], body: dict[str, Any]) -> None:
        nonlocal opened
        async with sem:
            made = await client.post(CREATE, json=body, params={"fields": "values(Incident Number)"}, headers=headers)
            made.raise_for_status()
            number = made.json()["values"]["Incident Number"]
            asked = {"q": f"'Incident Number' = \"{number}\"", "fields": fields, "limit": "1"}
            read = await client.get(INTERFACE, params=asked, headers=headers)
            read.raise_for_status()
            opened += read.json()["entries"][0]["values"]["Incident Number"] == number

    began = time.monotonic()
    async with httpx.AsyncClient(base_url=settings.base_url, timeout=60) as client:
        login = {"username": settings.username, "password": settings.password.get_secret_value()}
        token = (await client.post("/api/jwt/login", data=login)).raise_for_status().text
        client.cookies.clear()  # the cookie would win over the header
        headers = {"Authorization": f"AR-JWT {token}"}
        await asyncio.gather(*(open_case(client, headers, body) for body in bodies))
    bench.send(seconds=time.monotonic() - began, opened=opened)


if __name__ == "__main__":
    run_role(main, fast=False)
