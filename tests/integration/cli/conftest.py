"""A command line to type at: its own database, a simulated vendor on a real socket, one account there."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import waiting

from hub import bootstrap
from hub.cli import execute
from hub.settings import load
from hub.simulators.kit import serve
from hub.vendors import load as load_plugins
from hub.work.worker import Worker

PATIENCE = 30  # seconds
ROOT = Path(__file__).parents[3]


@dataclass
class Result:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        return json.loads(self.err.splitlines()[-1])["error"]


class Served:
    """A simulated vendor in a thread of its own."""

    def __init__(self) -> None:
        self.sim = load_plugins().vendors["bmc_remedy"].simulator()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._thread.start()
        assert self._ready.wait(PATIENCE)

    async def _serve(self) -> None:
        self._loop, self._done = asyncio.get_running_loop(), asyncio.Event()
        async with serve(self.sim) as served:
            self.url = served.url
            self._ready.set()
            await self._done.wait()

    def do(self, act: Callable[[], Any]) -> Any:
        """Let the vendor act, between two of its requests."""

        async def once() -> Any:
            return act()

        return asyncio.run_coroutine_threadsafe(once(), self._loop).result(PATIENCE)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._done.set)
        self._thread.join(PATIENCE)


@pytest.fixture
def vendor() -> Iterator[Served]:
    served = Served()
    yield served
    served.stop()


@pytest.fixture
def config(tmp_path: Path, vendor: Served) -> Path:
    """A settings file with one account at the simulated vendor."""
    table = {"vendor": "bmc_remedy", "poll_seconds": 1, "merge": {"severity": "manual"}}
    table |= vendor.sim.account(vendor.url)
    del table["password"]
    lines = [f"{key} = {_toml(value)}" for key, value in table.items()]
    path = tmp_path / "hub.toml"
    path.write_text("\n".join([f'data_dir = "{tmp_path}"', "lease_seconds = 2", "[accounts.bmc]", *lines]))
    return path


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + "}"
    return json.dumps(value)


@pytest.fixture
def environment(config: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of every command in this test."""
    set_here = {
        "HUB_CONFIG": str(config),
        "HUB_DATABASE_URL": database_url,
        "HUB_ACCOUNTS__BMC__PASSWORD": "s3cret",
        "COLUMNS": "80",
    }
    for name, value in set_here.items():
        monkeypatch.setenv(name, value)
    return set_here


@pytest.fixture
def hub(environment: dict[str, str], capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[..., Result]]:
    """Types a command and gives what came of it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def run(*words: str, code: int | None = 0) -> Result:
        capsys.readouterr()
        got = execute(list(words))
        out, err = capsys.readouterr()
        assert code is None or got == code, f"{words}: {got}\n{out}\n{err}"
        return Result(got, out, err)

    yield run
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def ticket(hub: Callable[..., Result]) -> str:
    """A ticket's number."""
    words = ("--title", "Server down", "--severity", "S2", "--description", "It is down, password=hunter2")
    return hub("tickets", "add", *words).out.strip()


@pytest.fixture
def work(environment: dict[str, str]) -> Callable[[], None]:
    """Lets a worker send all that waits."""

    async def until_quiet() -> None:
        async with bootstrap.open_hub(load()) as opened:
            stopping = asyncio.Event()
            worker = Worker(opened.context, lease_seconds=2, idle_seconds=0.2, grace_seconds=2)
            task = asyncio.create_task(worker.run(stopping))

            async def quiet() -> bool:
                async with opened.storage.unit() as unit:
                    return all(bond.waiting == bond.parked for bond in await unit.bonds.page())

            await waiting.until(quiet)
            stopping.set()
            await task

    return lambda: asyncio.run(until_quiet())


@pytest.fixture
def case(hub: Callable[..., Result], ticket: str, work: Callable[[], None]) -> str:
    """The number of the case that the ticket was escalated to."""
    hub("escalate", ticket, "--vendor", "bmc_remedy")
    work()
    number: str = hub("bonds", "show", ticket, "--json").json["bonds"][0]["bond"]["reference"]["number"]
    return number


@pytest.fixture
def start(environment: dict[str, str]) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a command in a process of its own."""
    begun: list[subprocess.Popen[str]] = []

    def run(*words: str, **extra: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "hub.cli", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, **extra},
        )
        begun.append(process)
        return process

    yield run
    for process in begun:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def until() -> Callable[[Callable[[], Any]], None]:
    """Waits until something is so."""
    return waiting.wait_until
