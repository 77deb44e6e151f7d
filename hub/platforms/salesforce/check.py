"""The account check: can the hub log in, read what it needs, and find a case by its key?"""

from __future__ import annotations

from typing import Any

from hub.model import AnyAccount, Finding
from hub.platforms.check import Check, run_checks
from hub.platforms.salesforce import api

_WARN = 0.2  # share of the daily calls


async def check_account(account: AnyAccount, *, knowledge: bool) -> tuple[Finding, ...]:
    """One finding for each check; nothing is written."""
    settings = account.settings
    articles = f"{settings.kb_object} WHERE PublishStatus = 'Online'"
    checks: dict[str, Check] = {
        "cases": _can_read("Case"),
        "comments": _can_read("CaseComment"),
        "files": _can_read("ContentVersion"),
        "key": _key,
        "calls left": _calls_left,
    }
    if knowledge:
        checks["knowledge"] = _can_read(articles)
        if settings.patch_source == "object":
            checks["patches"] = _can_read(settings.patch_object)
    return tuple(await run_checks(account, checks))


def _can_read(source: str) -> Check:
    async def check(account: AnyAccount) -> Finding:
        await api.fetch_page(account, f"SELECT Id FROM {source} LIMIT 1")
        return Finding(name=source, ok=True, message=f"{source.split(maxsplit=1)[0]} can be read")

    return check


async def _key(account: AnyAccount) -> Finding:
    name = account.settings.external_id_field
    description = (await account.client.get(f"{account.settings.root}/sobjects/Case/describe")).json(dict)
    fields = [field for field in description.get("fields") or () if isinstance(field, dict)]
    found: dict[str, Any] = next((field for field in fields if field.get("name") == name), {})
    usable = bool(found.get("externalId")) and bool(found.get("unique")) and bool(found.get("createable"))
    return Finding(
        name="key",
        ok=usable,
        message=f"{name} {'can' if usable else 'can not'} store the key",
        next_step="" if usable else "ask the vendor for a unique text field, an external id, that the user may write",
    )


async def _calls_left(account: AnyAccount) -> Finding:
    limits = (await account.client.get(f"{account.settings.root}/limits")).json(dict)
    calls = limits.get("DailyApiRequests")
    limit, left = (calls.get("Max"), calls.get("Remaining")) if isinstance(calls, dict) else (None, None)
    if not isinstance(limit, int) or not isinstance(left, int):
        return Finding(name="calls", ok=True, message="the org does not say how many calls are left")
    enough = left > limit * _WARN
    return Finding(
        name="calls",
        ok=enough,
        message=f"{left} of {limit} calls are left for today",
        next_step="" if enough else "poll less often (poll_seconds), or ask the vendor for more calls",
    )
