"""What the account checks share: a call that succeeds or fails becomes a finding."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from hub.errors import VendorError
from hub.model import AnyAccount, Finding

Check = Callable[[AnyAccount], Awaitable[Finding]]


async def run_checks(account: AnyAccount, checks: Mapping[str, Check]) -> list[Finding]:
    """One finding for each check, under its name; a check that fails gives its error."""
    return [await _finding(name, check(account)) for name, check in checks.items()]


async def try_call(name: str, call: Awaitable[object], message: str) -> Finding:
    """A good finding with this message, or the call's error."""

    async def check() -> Finding:
        await call
        return Finding(name=name, ok=True, message=message)

    return await _finding(name, check())


async def try_reading(account: AnyAccount, name: str, path: str, kind: Any = Any) -> Finding:
    """Whether a path of the account's API can be read and answers with JSON of this type."""

    async def read() -> None:
        (await account.client.get(path)).json(kind)

    return await try_call(name, read(), f"{name}: OK")


async def _finding(name: str, call: Awaitable[Finding]) -> Finding:
    try:
        return (await call).evolve(name=name)
    except VendorError as error:
        return Finding(name=name, ok=False, message=error.message, next_step=error.next_step)
