"""The account check: can the hub log in, see what it needs, and find a case again by its key?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from hub.errors import VendorError
from hub.model import AnyAccount, Finding
from hub.platforms.servicenow import cases, files, knowledge, wire
from hub.platforms.servicenow.settings import Settings
from hub.platforms.texts import text
from hub.platforms.words import VendorWords

Check = Callable[[AnyAccount], Awaitable[Finding]]
NOBODYS = "RJR-000000-00000"
"""A key that no case carries: a search for it that brings cases is no search."""


async def check_account(account: AnyAccount, words: VendorWords) -> tuple[Finding, ...]:
    """One finding for each thing looked at; nothing is written."""
    settings: Settings = account.settings
    row = {"sysparm_limit": 1, "sysparm_fields": "sys_id"}
    of_cases = row | {"sysparm_query": f"table_name={wire.CASE_TABLE}"}
    checks: dict[str, Check] = {
        "cases": _sees(wire.CASE, cases.params(settings, "") | row),
        "key": _key(words),
        "states": _states(words),
        "files": _sees(files.root(settings), of_cases),
    }
    if settings.reads_table:
        checks["knowledge"] = _sees(f"{knowledge.TABLE}/kb_knowledge", row)
    else:
        checks["knowledge"] = _sees(knowledge.API, knowledge.asked(settings, 0) | {"limit": 1})
    if settings.patches_from == "table":
        checks["patches"] = _sees(f"{knowledge.TABLE}/{settings.download_table}", row)
    found = [await _looked(account, name, check) for name, check in checks.items()]
    if settings.is_external:
        message = "a contact's login: no private comments, no change of title or severity"
        found.append(Finding(name="access", ok=True, message=message))
    return tuple(found)


async def _looked(account: AnyAccount, name: str, check: Check) -> Finding:
    try:
        return (await check(account)).evolve(name=name)
    except VendorError as error:
        return Finding(name=name, ok=False, message=error.message, next_step=error.next_step)


def _sees(path: str, params: dict[str, Any]) -> Check:
    async def check(account: AnyAccount) -> Finding:
        wire.result(await account.client.get(path, params=params))
        return Finding(name=path, ok=True, message="it can be read")

    return check


def _key(words: VendorWords) -> Check:
    async def check(account: AnyAccount) -> Finding:
        await cases.find_case(account, NOBODYS, words)
        return Finding(name="key", ok=True, message="the instance searches for the key")

    return check


def _states(words: VendorWords) -> Check:
    """Which states of the instance's list have a meaning; one that has none sets its cases aside."""

    async def check(account: AnyAccount) -> Finding:
        listed = wire.result(await account.client.get(f"{wire.CASE}/field_values/state"))
        rows = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        known = {*words.statuses, *account.settings.statuses}
        odd = [f"{text(one, 'value')} {text(one, 'label')}" for one in rows if text(one, "value") not in known]
        odd = [one for one in odd if one.strip()]
        if odd:
            message = f"states without a meaning: {', '.join(odd)}"
            return Finding(name="states", ok=False, message=message, next_step="give each one in statuses")
        return Finding(name="states", ok=True, message="all states have a meaning")

    return check
