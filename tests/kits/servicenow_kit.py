"""Settings of an account at a ServiceNow instance, replies of one, and an account at a simulated one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec

from hub.http import Client, Reply
from hub.model import Account
from hub.platforms.form import IntakeForm
from hub.platforms.servicenow import Desk, Settings
from hub.simulators.kit import serve
from hub.simulators.servicenow import Options, ServiceNow

KEY = "RJR-000042-7F3KQ"
ID = "9a4be2c1db7f0010c5e3a1f2ca961907"
LOGIN = {"auth_mode": "basic", "username": "u", "password": "p"}


class NoForm(IntakeForm):
    """A form without questions."""

    def __init__(self) -> None:
        super().__init__("")

    lines = ()


DESK = Desk(form=NoForm(), settings=Settings)


def settings(**values: Any) -> Settings:
    return Settings(**({"vendor": "v", "base_url": "https://a.example/"} | LOGIN | values))


def reply(status: int, body: Any, path: str = "/api/now/table/x", **headers: str) -> Reply:
    data = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return Reply(status, httpx.Headers(headers), data, "GET", path, "v", "a")


@asynccontextmanager
async def instance(
    options: Options | None = None, **values: Any
) -> AsyncIterator[tuple[ServiceNow, Account[Settings]]]:
    """A simulated instance for a contact, and an account at it; waits between retries take no time."""

    async def at_once(_: float) -> None:
        return

    sim = ServiceNow(options=options or Options(profile="external"))
    async with serve(sim) as served:
        chosen = Settings(**({"vendor": "v", **sim.account(served.url)} | values))
        async with Client(DESK.hub_connect(chosen), account="a", vendor="v", sleep=at_once) as client:
            yield sim, Account("a", chosen, client)
