"""The account check: can the hub log in, as the kind of user that the settings say, and see what it needs?"""

from __future__ import annotations

from hub.errors import VendorError
from hub.model import AnyAccount, Finding
from hub.platforms.zendesk import articles, wire
from hub.platforms.zendesk.settings import Settings

ADMIN, CUSTOMER = "admin", "end-user"


async def check_account(account: AnyAccount) -> tuple[Finding, ...]:
    """One finding for each thing looked at; nothing is written."""
    settings: Settings = account.settings
    found = [await _login(account), await _looked(account, "cases", f"{wire.door(settings).path}?per_page=1")]
    if settings.knowledge == "articles":
        found.append(await _looked(account, "knowledge", f"{articles.path(settings)}?per_page=1"))
    return tuple(found)


async def _login(account: AnyAccount) -> Finding:
    """Who we are: an end user's reading is not offered tickets, and their export is for administrators."""
    try:
        user = wire.record(await account.client.get("/users/me"), "user")
    except VendorError as error:
        return Finding(name="login", ok=False, message=error.message, next_step=error.next_step)
    role = user.get("role")
    if not isinstance(user.get("id"), int):
        return Finding(name="login", ok=False, message="nobody is logged in", next_step="check the credentials")
    if account.settings.is_agent and role != ADMIN:
        return Finding(
            name="login",
            ok=False,
            message="the user is no administrator, so changes can't be exported",
            next_step="ask the vendor for an administrator's token, or set profile to enduser",
        )
    if not account.settings.is_agent and role != CUSTOMER:
        return Finding(
            name="login", ok=True, message="the user may do more than an end user; profile agent would use it"
        )
    return Finding(name="login", ok=True, message="login: as it should be")


async def _looked(account: AnyAccount, name: str, path: str) -> Finding:
    try:
        (await account.client.get(path)).json(dict)
    except VendorError as error:
        return Finding(name=name, ok=False, message=error.message, next_step=error.next_step)
    return Finding(name=name, ok=True, message=f"{name}: as it should be")
