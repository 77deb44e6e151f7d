"""The benchmark's environment: a data folder, the embedded PostgreSQL, hubs with accounts, and vendors."""

from __future__ import annotations

import itertools
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psycopg

from bench import process
from hub import bootstrap
from hub.bootstrap import Hub
from hub.db.server import embedded
from hub.model import CaseDraft
from hub.settings import Loaded, load

CONCURRENCY = 32
TRIES = 40
ACCOUNT = "vendor"
TAG = "7F3KQ"
"""The end of the bonds' keys; only its form matters here."""

Config = dict[str, Any]
"""How a process opens a hub: the path of its settings, and its environment, with only the simulator's secrets."""


def loaded(config: Config) -> Loaded:
    """The settings of a hub."""
    return load(Path(config["path"]), config["env"])


def ticket_number(at: int) -> str:
    """The number of the ticket with this id."""
    return f"RJR-{at:06d}"


def drafts(payload: Mapping[str, Any], count: int) -> Iterator[CaseDraft]:
    """This many copies of a draft, each with a key of its own."""
    draft = msgspec.convert(dict(payload), CaseDraft, strict=False)
    for at in range(1, count + 1):
        number = ticket_number(at)
        yield draft.evolve(key=f"{number}-{TAG}", ticket_number=number)


class VendorSide:
    """A simulated vendor in another process."""

    def __init__(self, url: str, http: httpx.AsyncClient) -> None:
        self.url, self._http = url, http

    async def ledger(self) -> dict[str, Any]:
        """Everything it stored, and the requests it received."""
        ledger: dict[str, Any] = (await self._http.get("/_sim/ledger")).raise_for_status().json()
        return ledger

    async def requests(self) -> int:
        """How many requests it received, without logins."""
        counted: dict[str, int] = (await self.ledger())["requests"]
        return sum(count for kind, count in counted.items() if not kind.endswith((" login", " logout")))

    async def reset(self) -> None:
        """Forget everything."""
        (await self._http.post("/_sim/reset")).raise_for_status()

    async def fault(self, **rule: Any) -> None:
        """Add a fault."""
        (await self._http.post("/_sim/faults", json=rule)).raise_for_status()

    async def heal(self) -> None:
        """Remove all faults."""
        (await self._http.delete("/_sim/faults")).raise_for_status()

    async def engineer(self, action: str, **values: Any) -> None:
        """Have the vendor's engineer act."""
        (await self._http.post("/_sim/engineer", json={"action": action, **values})).raise_for_status()

    async def shift(self, seconds: float) -> None:
        """Move the vendor's clock."""
        (await self._http.post("/_sim/clock", json={"shift": seconds})).raise_for_status()


class Place:
    """Everything that the measurements share; created by `open_place`."""

    def __init__(self, folder: Path, server: embedded.Embedded) -> None:
        self._folder, self._server = folder, server
        self._names = (f"bench_{at}" for at in itertools.count(1))

    @asynccontextmanager
    async def vendor(self, *, latency: float = 0.0) -> AsyncIterator[VendorSide]:
        """A vendor until the block ends; `latency` is in seconds of work per call."""
        async with process.start("vendor", latency=latency) as child:
            url = (await child.receive())["url"]
            async with httpx.AsyncClient(base_url=url, timeout=60) as http:
                yield VendorSide(url, http)

    async def hub(self, vendors: Mapping[str, VendorSide], *, poll_seconds: float = 3600) -> Config:
        """A new hub with an empty database and one account for each vendor; its streams are idle."""
        name = next(self._names)
        config = self._config(name, self._server.create_database(name), vendors, poll_seconds)
        await bootstrap.initialise(loaded(config).settings)
        return config

    def copy(self, config: Config) -> Config:
        """The same hub with a copy of its database, which must have no connections."""
        name = next(self._names)
        url = self._server.create_database(name, config["database"])
        return {**config, "database": name, "env": {**config["env"], "HUB_DATABASE_URL": url}}

    def drop(self, config: Config) -> None:
        """Drop a hub's database, once no autovacuum is running in it, which the hub's role can't stop."""
        for _ in range(TRIES):
            try:
                return self._server.drop_database(config["database"])
            except psycopg.errors.InsufficientPrivilege:
                time.sleep(0.25)
        return None  # it goes with the folder

    def proof(self) -> str:
        """The settings that make commits durable; raises AssertionError if they don't."""
        address = self._server.url_of("hub").replace("+psycopg", "")
        with psycopg.connect(address) as connection:
            for name in ("fsync", "synchronous_commit", "full_page_writes"):
                row = connection.execute(f"SHOW {name}").fetchone()
                assert row is not None
                assert row[0] == "on", f"{name} is {row[0]}: commits would not be durable"
            version = connection.execute("SHOW server_version").fetchone()
        return f"PostgreSQL {version[0] if version else '?'}, fsync, synchronous_commit, full_page_writes on"

    def _config(self, name: str, url: str, vendors: Mapping[str, VendorSide], poll: float) -> Config:
        lines = [f'data_dir = "{self._folder}"', 'log_level = "warning"']
        env = {"HUB_DATABASE_URL": url}
        for account, vendor in vendors.items():
            lines += [
                f"[accounts.{account}]",
                'vendor = "bmc_remedy"',
                f'base_url = "{vendor.url}"',
                'username = "rjr_hub"',
                'contact_first_name = "RjR"',
                'contact_last_name = "Service Desk"',
                'company = "RjR Support"',
                'assigned_group = "L2 Platform"',
                f"concurrency = {CONCURRENCY}",
                "timeout_seconds = 10",
                f"poll_seconds = {poll}",
            ]
            env[f"HUB_ACCOUNTS__{account.upper()}__PASSWORD"] = "s3cret"
        path = self._folder / f"{name}.toml"
        path.write_text("\n".join(lines) + "\n")
        return {"path": str(path), "env": env, "database": name}


@asynccontextmanager
async def open_place(parent: Path | None = None) -> AsyncIterator[Place]:
    """A new folder with a running PostgreSQL; both are removed when the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="rjr-bench-", dir=parent))
    server = embedded.start(folder)
    try:
        yield Place(folder, server)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def at_hub(config: Config) -> AsyncIterator[Hub]:
    """A hub in this process, to prepare and inspect a measurement."""
    async with bootstrap.open_hub(loaded(config), connections=2) as hub:
        yield hub
