"""An account that speaks to a simulated Thales portal on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from hub.http import Client
from hub.model import Account
from hub.simulators.kit import Served
from plugins.gemalto import plugin as gemalto
from plugins.gemalto.settings import PortalSettings


@asynccontextmanager
async def open_account(served: Served, **changes: Any) -> AsyncIterator[Account[PortalSettings]]:
    """An account at a served portal; its waits between repeats take no time."""

    async def at_once(_: float) -> None:
        return

    settings = PortalSettings(**{"vendor": "gemalto", **served.simulator.account(served.url), **changes})
    connection = gemalto.hub_connect(settings)
    async with Client(connection, account="tp", vendor="gemalto", sleep=at_once) as client:
        yield Account("tp", settings, client)
