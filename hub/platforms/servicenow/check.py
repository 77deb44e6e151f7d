"""The account check: can the hub log in and see what it needs?"""

from __future__ import annotations

from hub.errors import VendorError
from hub.model import AnyAccount, Finding
from hub.platforms.servicenow import cases, wire


async def check_account(account: AnyAccount) -> tuple[Finding, ...]:
    """One finding for each thing looked at; nothing is written."""
    settings = account.settings
    kb = {"sysparm_limit": 1, "sysparm_fields": "sys_id"}
    looks = {"cases": (wire.CASE, cases.params(settings, "") | {"sysparm_limit": 1})}
    if settings.reads_table:
        looks["knowledge"] = ("/api/now/table/kb_knowledge", kb)
    if settings.patch_source == "table":
        looks["patches"] = (f"/api/now/table/{settings.download_table}", kb)
    found = [await _looked(account, name, *look) for name, look in looks.items()]
    if settings.is_external:
        message = "a contact's login: no private comments, no change of title or severity"
        found.append(Finding(name="access", ok=True, message=message))
    return tuple(found)


async def _looked(account: AnyAccount, name: str, path: str, params: dict[str, object]) -> Finding:
    try:
        wire.result(await account.client.get(path, params=params))
    except VendorError as error:
        return Finding(name=name, ok=False, message=error.message, next_step=error.next_step)
    return Finding(name=name, ok=True, message=f"{name} can be read")
