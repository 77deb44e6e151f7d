"""The account check: what the API account may do, whether the site is well, and whether the queue's team is there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from hub.errors import VendorError
from hub.model import Account, Finding

from .client import child, children, look, words
from .settings import ApplianceSettings

NEEDED = {"perm_command": ("full_access",), "perm_reporting_support": ("1", "true", "full_access")}
Check = Callable[[Account[ApplianceSettings]], Awaitable[Finding]]


async def check_account(account: Account[ApplianceSettings]) -> tuple[Finding, ...]:
    """One finding for each thing looked at; nothing is written at the site."""
    checks: dict[str, Check] = {"permissions": _permissions, "health": _health, "queue": _queue}
    return tuple([await _looked(account, name, check) for name, check in checks.items()])


async def _looked(account: Account[ApplianceSettings], name: str, check: Check) -> Finding:
    try:
        return (await check(account)).evolve(name=name)
    except VendorError as error:
        return Finding(name=name, ok=False, message=error.message, next_step=error.next_step)


async def _permissions(account: Account[ApplianceSettings]) -> Finding:
    told = await look(account.client, "get_api_info")
    listed = children(child(told, "permissions"), "permission")
    given = {one.attrib.get("name", ""): (one.text or "").strip() for one in listed}
    lacking = [name for name, enough in NEEDED.items() if given.get(name, "").lower() not in enough]
    if lacking:
        return Finding(
            name="",
            ok=False,
            message=f"the API account lacks {', '.join(lacking)}",
            next_step="allow them in /login, Management, API Configuration",
        )
    return Finding(name="", ok=True, message=f"keys may be made and reports read, API {words(told, 'api_version')}")


async def _health(account: Account[ApplianceSettings]) -> Finding:
    told = await look(account.client, "check_health")
    if words(told, "success") == "0":
        return Finding(name="", ok=False, message="the site says it is not well", next_step="look at /appliance")
    return Finding(name="", ok=True, message="the site answers")


async def _queue(account: Account[ApplianceSettings]) -> Finding:
    told = await look(account.client, "get_support_teams")
    teams = {one.attrib.get("id", ""): words(one, "name") for one in children(told, "support_team")}
    shown = ", ".join(f"team:{at} {name}" for at, name in teams.items())
    kind, _, wanted = account.settings.queue.partition(":")
    if kind == "team" and wanted not in teams:
        return Finding(
            name="", ok=False, message=f"there is no team {wanted}", next_step=f"set queue to one of: {shown}"
        )
    return Finding(name="", ok=True, message=f"customers wait at {account.settings.queue}; there are: {shown}")
