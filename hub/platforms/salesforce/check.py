"""The account check: can the hub log in, see what it needs, and find a case again by its key?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from hub.errors import VendorError
from hub.model import AnyAccount, Finding
from hub.platforms.salesforce import soql

Check = Callable[[AnyAccount], Awaitable[Finding]]
_WARN = 0.2


async def check_account(account: AnyAccount, *, knowledge: bool) -> tuple[Finding, ...]:
    """One finding for each thing looked at; nothing is written."""
    settings = account.settings
    articles = f"{settings.kb_object} WHERE PublishStatus = 'Online'"
    checks: dict[str, Check] = {
        "cases": _sees("Case"),
        "comments": _sees("CaseComment"),
        "files": _sees("ContentVersion"),
        "key": _key,
        "calls left": _limits,
    }
    if knowledge:
        checks["knowledge"] = _sees(articles)
        if settings.patch_source == "object":
            checks["patches"] = _sees(settings.patch_object)
    return tuple([await _looked(account, name, check) for name, check in checks.items()])


async def _looked(account: AnyAccount, name: str, check: Check) -> Finding:
    try:
        return (await check(account)).evolve(name=name)
    except VendorError as error:
        return Finding(name=name, ok=False, message=error.message, next_step=error.next_step)


def _sees(source: str) -> Check:
    async def check(account: AnyAccount) -> Finding:
        await soql.page(account, f"SELECT Id FROM {source} LIMIT 1")
        return Finding(name=source, ok=True, message=f"{source.split(maxsplit=1)[0]} can be read")

    return check


async def _key(account: AnyAccount) -> Finding:
    name = account.settings.external_id_field
    told = (await account.client.get(f"{account.settings.root}/sobjects/Case/describe")).json(dict)
    listed = [one for one in told.get("fields") or () if isinstance(one, dict)]
    found: dict[str, Any] = next((one for one in listed if one.get("name") == name), {})
    good = bool(found.get("externalId")) and bool(found.get("unique")) and bool(found.get("createable"))
    return Finding(
        name="key",
        ok=good,
        message=f"{name} {'carries' if good else 'can not carry'} the key",
        next_step="" if good else "let the vendor add a unique text field, an external id, that the user may write",
    )


async def _limits(account: AnyAccount) -> Finding:
    told = (await account.client.get(f"{account.settings.root}/limits")).json(dict)
    calls = told.get("DailyApiRequests")
    most, left = (calls.get("Max"), calls.get("Remaining")) if isinstance(calls, dict) else (None, None)
    if not isinstance(most, int) or not isinstance(left, int):
        return Finding(name="calls", ok=True, message="the org does not tell how many calls are left")
    enough = left > most * _WARN
    return Finding(
        name="calls",
        ok=enough,
        message=f"{left} of {most} calls are left for today",
        next_step="" if enough else "poll less often (poll_seconds), or ask the vendor for more calls",
    )
