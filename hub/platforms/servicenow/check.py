"""The account check: can the hub log in, read what it needs, and find a case by its key?"""

from __future__ import annotations

from typing import Any

from hub.model import AnyAccount, Finding
from hub.platforms.check import Check, run_checks
from hub.platforms.servicenow import api, cases, files, knowledge
from hub.platforms.servicenow.settings import Settings
from hub.platforms.texts import text
from hub.platforms.words import VendorWords

UNUSED_KEY = "RJR-000000-00000"
"""A key that no case has: if a search for it finds cases, the search does not work."""


async def check_account(account: AnyAccount, words: VendorWords) -> tuple[Finding, ...]:
    """One finding for each check; nothing is written."""
    settings: Settings = account.settings
    one_record = {"sysparm_limit": 1, "sysparm_fields": "sys_id"}
    of_cases = one_record | {"sysparm_query": f"table_name={api.CASE_TABLE}"}
    checks: dict[str, Check] = {
        "cases": _can_read(api.CASE, cases.params(settings, "") | one_record),
        "key": _key(words),
        "states": _states(words),
        "files": _can_read(files.root(settings), of_cases),
    }
    if settings.reads_table:
        checks["knowledge"] = _can_read(f"{knowledge.TABLE}/kb_knowledge", one_record)
    else:
        checks["knowledge"] = _can_read(knowledge.API, knowledge.params(settings, 0) | {"limit": 1})
    if settings.patches_from == "table":
        checks["patches"] = _can_read(f"{knowledge.TABLE}/{settings.download_table}", one_record)
    findings = await run_checks(account, checks)
    if settings.is_external:
        message = "a contact's login: no private comments, no change of title or severity"
        findings.append(Finding(name="access", ok=True, message=message))
    return tuple(findings)


def _can_read(path: str, params: dict[str, Any]) -> Check:
    async def check(account: AnyAccount) -> Finding:
        api.result(await account.client.get(path, params=params))
        return Finding(name=path, ok=True, message="it can be read")

    return check


def _key(words: VendorWords) -> Check:
    async def check(account: AnyAccount) -> Finding:
        await cases.find_case(account, UNUSED_KEY, words)
        return Finding(name="key", ok=True, message="the instance searches for the key")

    return check


def _states(words: VendorWords) -> Check:
    """Whether all states of the instance are known; cases in an unknown state are quarantined."""

    async def check(account: AnyAccount) -> Finding:
        listed = api.result(await account.client.get(f"{api.CASE}/field_values/state"))
        states = [state for state in listed if isinstance(state, dict)] if isinstance(listed, list) else []
        known = {*words.statuses, *account.settings.statuses}
        others = [state for state in states if text(state, "value") not in known]
        unknown = [name for state in others if (name := f"{text(state, 'value')} {text(state, 'label')}").strip()]
        if unknown:
            message = f"unknown states: {', '.join(unknown)}"
            return Finding(name="states", ok=False, message=message, next_step="add them to the account's statuses")
        return Finding(name="states", ok=True, message="all states are known")

    return check
