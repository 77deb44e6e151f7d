"""The scene of a chaos run: database server, vendor and workers as processes, and ways to hurt them."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from hub import bootstrap
from hub.db.server import embedded
from hub.settings import Loaded, export_account, load
from hub.vendors import load as plugins

ROOT = Path(__file__).parents[2]
ACCOUNT = "vendor"

SETTINGS = """
lease_seconds = {lease}
idle_poll_seconds = 0.5
grace_seconds = 5
log_level = "debug"
"""
QUICK = {"concurrency": 8, "poll_seconds": 1, "settle_seconds": 1}


@dataclass
class Scene:
    """All processes of one run."""

    home: Path
    server: embedded.Embedded
    vendor: httpx.AsyncClient
    lease: float
    loaded: Loaded
    secrets: dict[str, str] = field(repr=False)
    """What the environment gives the account."""
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    started: int = 0
    killed: int = 0
    stopped: int = 0
    restarts: int = 0

    @property
    def config(self) -> Path:
        return self.home / "hub.toml"

    def start_worker(self) -> subprocess.Popen[bytes]:
        """One more worker, its log in a file of its own."""
        self.started += 1
        with (self.home / f"worker-{self.started}.log").open("wb") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "hub.cli", "worker"],
                cwd=ROOT,
                env=self.environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.workers.append(worker)
        return worker

    def environment(self) -> dict[str, str]:
        """What a worker is given besides the settings' file."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
        known = {"HUB_CONFIG": str(self.config), "HUB_DATABASE_URL": self.server.url}
        return kept | known | self.secrets

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        """kill -9, and another one in its place."""
        worker.kill()
        worker.wait()
        self.workers.remove(worker)
        self.killed += 1
        self.start_worker()

    async def stop_and_continue(self, worker: subprocess.Popen[bytes]) -> None:
        """Stand still for twice the lease, then go on as if nothing had been."""
        worker.send_signal(signal.SIGSTOP)
        await asyncio.sleep(2 * self.lease)
        worker.send_signal(signal.SIGCONT)
        self.stopped += 1

    async def restart_database(self, mode: embedded.Mode, down: float) -> None:
        """Stop the server under everyone's feet; it comes back after so many seconds."""
        await asyncio.to_thread(self.server.halt, mode)
        await asyncio.sleep(down)
        await asyncio.to_thread(self.server.resume)
        self.restarts += 1

    async def ledger(self) -> list[dict[str, Any]]:
        """All that the vendor stored."""
        reply = await self.vendor.get("/_sim/ledger", timeout=60)
        return list(reply.raise_for_status().json()["entries"])

    async def fault(self, kind: str, **rule: Any) -> None:
        """Put a fault in force at the vendor."""
        (await self.vendor.post("/_sim/faults", json={"kind": kind, **rule})).raise_for_status()

    async def injected(self) -> dict[str, int]:
        """How often each fault struck."""
        return dict((await self.vendor.get("/_sim/faults")).json()["injected"])

    async def engineer(self, action: str, **values: Any) -> None:
        """Let the vendor's engineer act."""
        reply = await self.vendor.post("/_sim/engineer", json={"action": action, **values})
        reply.raise_for_status()

    def logs(self) -> str:
        """All that the workers logged."""
        found = sorted(self.home.glob("worker-*.log"))
        return "".join(one.read_text(errors="replace") for one in found)

    def end_workers(self) -> list[int]:
        """SIGTERM to all; their exit codes."""
        for worker in self.workers:
            worker.terminate()
        return [worker.wait(timeout=30) for worker in self.workers]


@asynccontextmanager
async def open_scene(
    *, workers: int, lease: float, vendor: str = "bmc_remedy", platform: str = "", **settings: object
) -> AsyncIterator[Scene]:
    """A fresh database, a vendor and so many workers; all gone at the end."""
    home = Path(tempfile.mkdtemp(dir="/tmp", prefix="hub-chaos-"))
    command = [sys.executable, "-m", "tests.chaos.vendor", vendor, platform]
    playing = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)  # noqa: ASYNC220 - it starts at once
    assert playing.stdout is not None
    told = json.loads(playing.stdout.readline())
    model = plugins(strict=True).vendors[vendor].settings(platform)
    table, secrets = export_account(ACCOUNT, model, told["account"] | QUICK | settings)
    server = await asyncio.to_thread(embedded.start, home / "data")
    scene: Scene | None = None
    try:
        (home / "hub.toml").write_text(SETTINGS.format(lease=lease) + table)
        loaded = load(home / "hub.toml", {"HUB_DATABASE_URL": server.url, **secrets})
        await bootstrap.initialise(loaded.settings)
        async with httpx.AsyncClient(base_url=told["url"], timeout=30) as client:
            scene = Scene(home, server, client, lease, loaded, secrets)
            for _ in range(workers):
                scene.start_worker()
            yield scene
    finally:
        for process in [*(scene.workers if scene else ()), playing]:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()
        playing.stdout.close()
        await asyncio.to_thread(server.halt, "immediate")
        server.stop()
        shutil.rmtree(home, ignore_errors=True)
