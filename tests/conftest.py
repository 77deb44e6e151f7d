"""What all tests share: two sizes of properties, and one database server per test process with a fresh database each."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import is_hypothesis_test, settings

from hub.db.server import embedded
from hub.db.storage import Storage

TEMPLATE = "hub_template"

settings.register_profile("part", max_examples=100, deadline=None)
settings.register_profile("few", max_examples=5, deadline=None)
settings.register_profile("whole", max_examples=1_000, deadline=None)
settings.load_profile("part")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In `make prove`, where properties get their whole number of examples, they are proofs, too."""
    if config.getoption("hypothesis_profile") == "whole":
        for item in items:
            if isinstance(item, pytest.Function) and is_hypothesis_test(item.obj):
                item.add_marker(pytest.mark.prove(name="properties"))


@pytest.fixture(scope="session")
def server() -> Iterator[embedded.Embedded]:
    """An embedded server with a template database that is set up; each test process has its own."""
    home = Path(tempfile.mkdtemp(dir="/tmp", prefix="hub-test-"))
    running = embedded.start(home)
    asyncio.run(_set_up(running.create_database(TEMPLATE)))
    yield running
    running.halt("immediate")
    running.stop()
    shutil.rmtree(home, ignore_errors=True)


async def _set_up(url: str) -> None:
    storage = Storage(url, connections=1)
    await storage.upgrade()
    await storage.ensure_hub_id("testhub")
    await storage.close()


@pytest.fixture
def database_url(server: embedded.Embedded) -> Iterator[str]:
    """The address of a fresh database, set up as `hub init` leaves it."""
    name = f"hub_{secrets.token_hex(6)}"
    yield server.create_database(name, TEMPLATE)
    server.drop_database(name)


@pytest.fixture
async def storage(database_url: str) -> AsyncIterator[Storage]:
    """The storage on a fresh database."""
    opened = Storage(database_url, connections=5)
    yield opened
    await opened.close()
