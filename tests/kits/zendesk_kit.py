"""An account at a scripted Zendesk that records its calls."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec

from hub.http import Client
from hub.model import Account
from hub.platforms.form import FormLine, IntakeForm
from hub.platforms.zendesk import Desk, Settings

KEY = "RJR-000042-7F3KQ"
Answer = Callable[[httpx.Request], Any]


class NoForm(IntakeForm):
    """A form with the questions of a test."""

    def __init__(self, *lines: FormLine) -> None:
        self._lines = lines

    @property
    def lines(self) -> tuple[FormLine, ...]:  # type: ignore[override]
        return self._lines


def settings(**values: Any) -> Settings:
    fields = {"vendor": "acme", "base_url": "http://acme.example/api/v2", "email": "l1@rjr.example", "api_token": "k3y"}
    return Settings(**(fields | values))


class Asked:
    """The recorded calls; `answer` returns the JSON for each, or a complete response."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.calls: list[httpx.Request] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.calls.append(request)
        answer = self._answer(request)
        if isinstance(answer, httpx.Response):
            return answer
        return httpx.Response(
            200, content=msgspec.json.encode(answer), headers={"Date": "Tue, 01 Sep 2026 10:00:00 GMT"}
        )

    @property
    def lines(self) -> list[str]:
        """Method, path below the address, and query of each call."""
        return [
            f"{call.method} {call.url.path.removeprefix('/api/v2')}"
            + (f"?{call.url.query.decode()}" if call.url.query else "")
            for call in self.calls
        ]

    @property
    def bodies(self) -> list[Any]:
        """The bodies of all writes."""
        return [msgspec.json.decode(call.content) for call in self.calls if call.method in {"POST", "PUT"}]


@asynccontextmanager
async def account(answer: Answer, **values: Any) -> AsyncIterator[tuple[Account[Settings], Asked]]:
    """An account and its calls; waits between retries take no time."""

    async def at_once(_: float) -> None:
        return

    asked, given = Asked(answer), settings(**values)
    connection = Desk(form=NoForm(), settings=Settings).hub_connect(given)
    async with Client(
        connection, account="a", vendor="acme", transport=httpx.MockTransport(asked), sleep=at_once
    ) as client:
        yield Account("a", given, client), asked


def ticket(number: int = 7, **values: Any) -> dict[str, Any]:
    """A ticket or request as the API returns it."""
    fields = {
        "id": number,
        "external_id": KEY,
        "subject": "Login fails",
        "status": "open",
        "priority": "high",
        "requester_id": 1,
        "assignee_id": None,
        "created_at": "2026-09-01T08:00:00Z",
        "updated_at": "2026-09-01T09:00:00Z",
        "generated_timestamp": 1788253200,
    }
    return fields | values


def comment(number: int, **values: Any) -> dict[str, Any]:
    """A comment as the API returns it."""
    fields = {
        "id": number,
        "type": "Comment",
        "author_id": 2,
        "body": f"Step {number}",
        "public": True,
        "attachments": [],
        "audit_id": number + 1000,
        "created_at": f"2026-09-01T08:{number:02}:00Z",
        "via": {"channel": "web"},
        "metadata": {"system": {}, "custom": {}},
    }
    return fields | values
