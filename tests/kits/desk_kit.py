"""A whole hub on a fresh database, one simulated vendor beside it, and hands to make both move in small steps."""

from __future__ import annotations

import asyncio
import secrets
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import text
from waiting import until

from hub import bootstrap
from hub.bonding.inbound.streams import StreamRun
from hub.bonding.outbound import ticket_actions
from hub.bonding.outbound.escalate import escalate
from hub.context import HubContext, VendorAccount
from hub.db import journal
from hub.db.storage import Storage
from hub.desk.store import add_ticket
from hub.errors import StorageUnavailable
from hub.model import Bond, Operation, OperationState, Severity, StreamKind, TicketDraft, Visibility
from hub.settings import load
from hub.simulators.arsystem import ArSystem, Options
from hub.simulators.kit import serve
from hub.vendors import Plugins
from hub.vendors import load as load_plugins
from hub.work.dispatch import Dispatcher
from hub.work.hand import LeasedBond
from hub.work.puller import Puller
from plugins.bmc_remedy.simulator import simulator

LEASE = 30.0


@cache
def plugins() -> Plugins:
    """The installed plugins, looked for once."""
    return load_plugins()


@dataclass
class Desk:
    """The hub, its database and the vendor."""

    context: HubContext
    sim: ArSystem
    url: str
    _workers: list[Dispatcher] = field(default_factory=list)

    @property
    def storage(self) -> Storage:
        return self.context.storage

    @property
    def vendor_account(self) -> VendorAccount:
        return self.context.vendor_account("bmc")

    async def ticket(self, title: str = "Checkout answers 502", **values: Any) -> str:
        """A new ticket's number."""
        known = {"severity": Severity.S2, "description": "since 09:12", "product": "BMC Remedy"}
        draft = TicketDraft(title=title, **(known | values))
        return (await add_ticket(self.storage, "RJR", draft, who="agent")).number

    async def escalated(self, title: str = "Checkout answers 502", *, to: str = "bmc", **values: Any) -> Bond:
        """A new ticket's bond, requested and not sent."""
        return await escalate(self.context, await self.ticket(title, **values), to, {}, who="agent")

    async def opened(self, title: str = "Checkout answers 502", **values: Any) -> Bond:
        """A new ticket's bond, with its case."""
        bond = await self.escalated(title, **values)
        await self.send()
        return await self.bond(bond)

    async def say(self, bond: Bond, body: str) -> ticket_actions.Addressed:
        """A comment for the vendor."""
        return await ticket_actions.comment(self.context, bond.ticket_number, body, Visibility.VENDOR, who="agent")

    async def bond(self, bond: Bond) -> Bond:
        """The bond as it stands now."""
        async with self.storage.unit() as unit:
            return (await unit.bonds.find(bond.key))[0]

    async def operations(self, bond: Bond) -> list[Operation]:
        """All operations of a bond, in order."""
        async with self.storage.unit() as unit:
            rows = await unit.connection.exec_driver_sql(
                f"SELECT id FROM operation WHERE bond_id = {bond.id} ORDER BY position"
            )
            found = [await unit.operations.get(row.id) for row in rows.all()]
        return [one for one in found if one is not None]

    async def row(self, query: str) -> Any:
        """The first row of a query of the test's own, beside the hub's units of work."""
        async with self.storage.engine.connect() as connection:
            return (await connection.exec_driver_sql(query)).first()

    async def execute(self, statement: str) -> None:
        """A change behind the hub's back."""
        async with self.storage.engine.begin() as connection:
            await connection.exec_driver_sql(statement)

    def dispatcher(self, name: str = "", *, account: str = "bmc", seats: int = 4, lease: float = LEASE) -> Dispatcher:
        """Another worker's hand in the account's lane."""
        made = Dispatcher(
            self.context,
            self.context.vendor_account(account),
            name or f"worker-{secrets.token_hex(3)}",
            lease_seconds=lease,
            idle_seconds=0.05,
        )
        made.seats = seats
        return made

    async def send(self, dispatcher: Dispatcher | None = None, *, seconds: float = 10.0) -> None:
        """Send until nothing is in hand and nothing is due."""
        async with asyncio.timeout(seconds):
            await send_all(dispatcher or self.dispatcher())

    async def pull(self, kinds: Sequence[str] = (StreamKind.CASES, StreamKind.FILES)) -> dict[str, StreamRun]:
        """Read these streams once, due or not."""
        runs: dict[str, StreamRun] = {}
        for kind in kinds:
            await self.execute(
                f"UPDATE stream SET due_at = CASE WHEN kind = '{kind}' THEN now() ELSE now() + interval '1 day' END"
            )
            puller = Puller(self.context, self.vendor_account, "puller", lease_seconds=LEASE, idle_seconds=1)
            done = await puller.once(asyncio.Event())
            assert done is not None, f"stream {kind} was not there to be read"
            assert done[0].kind == kind
            runs[kind] = done[1]
        return runs

    async def events(self, chain: str) -> list[str]:
        """The kinds of a chain's journal entries, oldest first."""
        async with self.storage.unit() as unit:
            return [one.kind for one in await journal.read(unit.connection, chain)]

    async def faults(self) -> list[journal.JournalFault]:
        """What is wrong with the journal."""
        return [fault async for _, found in self.storage.verify() for fault in found]

    def cases(self, key: str = "") -> list[str]:
        """The vendor's cases, or those with a key, as its ledger has them."""
        return [one.id for one in self.sim.ledger.of("case") if not key or one.key == key]

    def notes(self, number: str) -> list[str]:
        """The bodies of a case's notes that the hub wrote and that are no files, in order of storing."""
        files = {one.id.partition("/")[0] for one in self.sim.ledger.of("attachment", number)}
        return [
            (one.values or {})["Detailed Description"]
            for one in self.sim.ledger.of("note", number)
            if one.by == "rjr_hub" and one.id not in files
        ]

    def files(self, number: str) -> list[str]:
        """The names of a case's files that the hub wrote, in order of storing."""
        return [(one.values or {})["name"] for one in self.sim.ledger.of("attachment", number) if one.by == "rjr_hub"]

    def calls(self) -> int:
        """HTTP requests that reached the vendor."""
        return sum(self.sim.ledger.requests.values())

    def hurry(self) -> None:
        """Let the clients' own pauses take no time."""

        async def at_once(_: float) -> None:
            await asyncio.sleep(0)

        for vendor_account in self.context.accounts.values():
            runner = vendor_account.account.client._runner
            runner._sleep = runner.pace._sleep = at_once


async def send_all(hand: Dispatcher) -> None:
    """Send until the dispatcher has nothing in hand and nothing is due."""
    while True:
        claimed = await hand.turn(claim=True)
        tasks = [held.task for held in hand._hand.values() if held.task is not None]
        if tasks:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        elif not claimed and not hand._outcomes:
            return


async def call_ended(hand: Dispatcher, bond: Bond) -> LeasedBond:
    """What the dispatcher holds of a bond once its call has ended; the outcome is not stored yet."""
    await hand.turn(claim=True)
    held = hand._hand[bond.id]
    assert held.task is not None
    await held.task
    return held


def account_table(name: str, url: str, **changes: Any) -> str:
    """One account's table of a settings file."""
    known: dict[str, Any] = {
        "vendor": "bmc_remedy",
        "base_url": url,
        "username": "rjr_hub",
        "contact_first_name": "RjR",
        "contact_last_name": "Service Desk",
        "company": "RjR Support",
        "assigned_group": "L2 Platform",
        "settle_seconds": 0.2,
        "concurrency": 4,
        "timeout_seconds": 10,
    }
    lines = [f"[accounts.{name}]"]
    for key, value in (known | changes).items():
        told = f'"{value}"' if isinstance(value, str) else str(value).lower()
        lines.append(f"{key} = {value if isinstance(value, dict) else told}")
    return "\n".join(lines) + "\n"


@asynccontextmanager
async def open_desk(
    database_url: str,
    *,
    accounts: Sequence[str] = ("bmc",),
    options: Options | None = None,
    connections: int = 8,
    change: Callable[[ArSystem], Awaitable[None] | None] | None = None,
    hub_settings: Mapping[str, str] | None = None,
    **settings: Any,
) -> AsyncIterator[Desk]:
    """A hub whose accounts all speak to one simulated vendor that allows several calls at once."""
    sim = simulator(options or Options(one_in_flight=False))
    async with AsyncExitStack() as stack:
        served = await stack.enter_async_context(serve(sim))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        place = folder / "hub.toml"
        head = "".join(f'{key} = "{value}"\n' for key, value in (hub_settings or {}).items())
        place.write_text(head + "".join(account_table(name, served.url, **settings) for name in accounts))
        env = {"HUB_DATABASE_URL": database_url}
        env |= {f"HUB_ACCOUNTS__{name.upper()}__PASSWORD": "s3cret" for name in accounts}
        hub = await stack.enter_async_context(
            bootstrap.open_hub(load(place, env), connections=connections, plugins=plugins())
        )
        assert not hub.failed
        async with hub.storage.unit() as unit:
            for vendor_account in hub.context.accounts.values():
                await unit.lanes.ensure(vendor_account.name, vendor_account.info.name)
                for kind in (StreamKind.CASES, StreamKind.FILES, "reconcile"):
                    await unit.streams.ensure(vendor_account.name, kind)
        yield Desk(hub.context, sim, served.url)


def unsettled(operations: Sequence[Operation]) -> list[Operation]:
    """Those that are neither sent nor decided upon."""
    over = {OperationState.DONE, OperationState.MERGED, OperationState.IGNORED}
    return [one for one in operations if one.state not in over]


def break_commits(desk: Desk, patch: Any, which: set[int], *, after: bool = False) -> list[int]:
    """Let these commits of the hub fail, counted from 1 from now on; `after`: they fail once committed.

    Returns a list that grows by one number with each commit.
    """
    whole, seen = desk.storage.unit, []

    @asynccontextmanager
    async def unit() -> AsyncIterator[Any]:
        async with whole() as opened:
            yield opened
            seen.append(len(seen) + 1)
            number = seen[-1]
            if number in which and not after:
                raise StorageUnavailable("the commit failed, as the test asked")
        if number in which and after:
            raise StorageUnavailable("the commit's answer was lost, as the test asked")

    patch.setattr(desk.storage, "unit", unit)
    return seen


async def wait_for_lock(desk: Desk) -> None:
    """Until some session waits for a lock of another."""
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )

    async def waits() -> bool:
        async with desk.storage.engine.connect() as connection:
            return bool(await connection.scalar(query))

    await until(waits)
