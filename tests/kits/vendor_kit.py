"""A whole hub with accounts at any vendors, each played by its own simulator."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desk_kit import LEASE, plugins, send_all

from hub import bootstrap
from hub.bonding.inbound.streams import StreamRun
from hub.context import HubContext, VendorAccount
from hub.db import journal
from hub.desk.store import add_ticket
from hub.model import Severity, TicketDraft
from hub.settings import export_account, load
from hub.simulators.kit import serve
from hub.work.dispatch import Dispatcher
from hub.work.puller import Puller
from hub.work.timetable import intervals


@dataclass
class House:
    """The hub, and the simulated vendor behind each account."""

    context: HubContext
    sims: dict[str, Any]
    hub: bootstrap.Hub
    place: Path
    env: dict[str, str]

    def vendor_account(self, account: str) -> VendorAccount:
        return self.context.vendor_account(account)

    async def ticket(self, title: str = "Screen stays black", **values: Any) -> str:
        """A new ticket's number."""
        known = {"severity": Severity.S2, "description": "since 09:12"}
        draft = TicketDraft(title=title, **(known | values))
        return (await add_ticket(self.context.storage, "RJR", draft, who="agent")).number

    async def pull(self, account: str, kind: str) -> StreamRun:
        """Read one stream once, due or not."""
        async with self.context.storage.engine.begin() as connection:
            await connection.exec_driver_sql(
                f"UPDATE stream SET due_at = CASE WHEN kind = '{kind}' AND account = '{account}' "
                "THEN now() ELSE now() + interval '1 day' END"
            )
        puller = Puller(self.context, self.vendor_account(account), "puller", lease_seconds=LEASE, idle_seconds=1)
        done = await puller.once(asyncio.Event())
        assert done is not None
        assert (done[0].account, done[0].kind) == (account, kind)
        return done[1]

    async def send(self, account: str, *, seconds: float = 10.0) -> None:
        """Send until nothing of the account is in hand and nothing is due."""
        hand = Dispatcher(self.context, self.vendor_account(account), "sender", lease_seconds=LEASE, idle_seconds=0.05)
        hand.seats = 4
        async with asyncio.timeout(seconds):
            await send_all(hand)

    async def events(self, chain: str) -> list[str]:
        """The kinds of a chain's journal entries, oldest first."""
        async with self.context.storage.unit() as unit:
            return [one.kind for one in await journal.read(unit.connection, chain)]

    async def row(self, query: str) -> Any:
        """The first row of a query of the test's own."""
        async with self.context.storage.engine.connect() as connection:
            return (await connection.exec_driver_sql(query)).first()


@asynccontextmanager
async def open_house(
    database_url: str, accounts: Mapping[str, tuple[str, str]], **changes: Mapping[str, Any]
) -> AsyncIterator[House]:
    """A hub with these accounts: name to vendor and platform; `changes` are settings of an account by its name."""
    async with AsyncExitStack() as stack:
        sims, tables, env = {}, "", {"HUB_DATABASE_URL": database_url}
        for name, (vendor, platform) in accounts.items():
            found = plugins().vendors[vendor]
            sims[name] = found.simulator(platform)
            served = await stack.enter_async_context(serve(sims[name]))
            told = {"vendor": vendor, **sims[name].account(served.url), **changes.get(name, {})}
            table, secrets = export_account(name, found.settings(platform), told)
            tables, env = tables + table, env | secrets
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        place = folder / "hub.toml"
        place.write_text(tables)
        hub = await stack.enter_async_context(bootstrap.open_hub(load(place, env), connections=8, plugins=plugins()))
        assert not hub.failed
        async with hub.storage.unit() as unit:
            for vendor_account in hub.context.accounts.values():
                await unit.lanes.ensure(vendor_account.name, vendor_account.info.name)
                for kind in intervals(vendor_account):
                    await unit.streams.ensure(vendor_account.name, kind)
        yield House(hub.context, sims, hub, place, env)
