"""A simulated TrustedCare on loopback, and an account that speaks to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from hub.http import Client
from hub.model import Account
from hub.simulators.kit import Served, serve
from hub.simulators.salesforce import Options, Salesforce
from plugins.entrust import plugin as entrust
from plugins.entrust.settings import TrustedCareSettings
from plugins.entrust.simulator import simulator


@asynccontextmanager
async def open_account(served: Served, **changes: Any) -> AsyncIterator[Account[TrustedCareSettings]]:
    """An account at a served org; its waits between repeats take no time."""

    async def at_once(_: float) -> None:
        return

    given = {"vendor": "entrust", **served.simulator.account(served.url), **changes}
    settings = TrustedCareSettings(**given)
    connection = entrust.hub_connect(settings)
    async with Client(connection, account="tc", vendor="entrust", sleep=at_once) as client:
        yield Account("tc", settings, client)


@pytest.fixture
async def org() -> AsyncIterator[Served]:
    """The simulated org."""
    async with serve(simulator()) as served:
        yield served


@pytest.fixture
async def account(org: Served) -> AsyncIterator[Account[TrustedCareSettings]]:
    """An account at it."""
    async with open_account(org) as opened:
        yield opened


@pytest.fixture
def sim(org: Served) -> Salesforce:
    """The org itself, whose ledger, faults and engineer are open."""
    assert isinstance(org.simulator, Salesforce)
    return org.simulator


def make(**options: Any) -> Salesforce:
    """An org with other options."""
    return simulator(Options(**options))
