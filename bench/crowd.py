"""Two hubs, with few and with very many tickets, that share the same hundred open cases at one vendor."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import text

from bench import seed
from bench.place import ACCOUNT, Config, Place, VendorSide, at_hub, drafts
from bench.result import Sizes
from hub.bonding.judgement.diff import picture
from hub.bootstrap import Hub
from hub.model import Case

LIVE = 100
SIDES = ("few", "many")
BETWEEN = 300.0
"""Seconds of the vendor's clock between two changes, longer than the overlap that a stream reads again."""

LONG_AGO = 2 * 3600.0
"""Seconds by which the vendor's clock starts late, so that it never runs ahead of the Date in its replies."""


_TIE = text(
    """
    UPDATE bond SET case_number = :number, case_id = :case_id, picture = CAST(:picture AS jsonb) WHERE id = :id
    """
)


@dataclass
class Crowd:
    """The vendor, the two hubs and the open cases."""

    vendor: VendorSide
    hubs: dict[str, Config]
    payload: dict[str, Any]
    cases: list[str]
    tickets: dict[str, int]
    """How many tickets each hub has."""
    fill_seconds: dict[str, float]
    changes: int = 0

    async def change(self) -> None:
        """Change each case at the vendor once: half get another severity, half an answer."""
        self.changes += 1
        await self.vendor.shift(BETWEEN)
        for at, number in enumerate(self.cases):
            if at % 2:
                await self.vendor.engineer("answer", number=number, text=f"Please try build {self.changes}.")
            else:
                await self.vendor.engineer("set_severity", number=number, severity=3 + self.changes % 2)


@asynccontextmanager
async def open_crowd(place: Place, sizes: Sizes) -> AsyncIterator[Crowd]:
    """The filled hubs; their databases are dropped when the block ends."""
    tickets = {"few": sizes.few_tickets, "many": sizes.tickets}
    async with place.vendor() as vendor:
        await vendor.shift(-LONG_AGO)
        sample = await place.hub({ACCOUNT: vendor})
        async with at_hub(sample) as hub:
            payload = await seed.first_packet(hub)
            cases = await _open(hub, payload)
        place.drop(sample)
        hubs, took = {}, {}
        for side, count in tickets.items():
            began = time.monotonic()
            hubs[side] = await place.hub({ACCOUNT: vendor}, poll_seconds=1)
            async with at_hub(hubs[side]) as hub:
                await seed.rest(hub)
                await seed.settled(hub, payload, picture(cases[0]), count)
                await _tie(hub, cases, count)
            took[side] = round(time.monotonic() - began, 1)
        yield Crowd(vendor, hubs, payload, [case.reference.number for case in cases], tickets, took)
        for config in hubs.values():
            place.drop(config)


async def _open(hub: Hub, payload: dict[str, Any]) -> list[Case]:
    vendor_account = hub.context.vendor_account(ACCOUNT)
    return [await vendor_account.vendor.open_case(vendor_account.account, draft) for draft in drafts(payload, LIVE)]


async def _tie(hub: Hub, cases: list[Case], count: int) -> None:
    """Attach the cases to bonds that are far apart."""
    async with hub.storage.unit() as unit:
        for at, case in enumerate(cases):
            values = {
                "id": 1 + at * (count // LIVE),
                "number": case.reference.number,
                "case_id": case.reference.id,
                "picture": msgspec.json.encode(picture(case)).decode(),
            }
            await unit.connection.execute(_TIE, values)
