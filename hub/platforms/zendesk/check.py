"""The account check: can the hub log in as the right kind of user, and read what it needs?"""

from __future__ import annotations

from hub.errors import VendorError
from hub.model import AnyAccount, Finding
from hub.platforms.check import try_reading
from hub.platforms.zendesk import api, articles
from hub.platforms.zendesk.settings import Settings

ADMIN, CUSTOMER = "admin", "end-user"


async def check_account(account: AnyAccount) -> tuple[Finding, ...]:
    """One finding for each check; nothing is written."""
    settings: Settings = account.settings
    cases = f"{api.case_endpoint(settings).path}?per_page=1"
    findings = [await _login(account), await try_reading(account, "cases", cases, dict)]
    if settings.knowledge == "articles":
        path = f"{articles.path(settings)}?per_page=1"
        findings.append(await try_reading(account, "knowledge", path, dict))
    return tuple(findings)


async def _login(account: AnyAccount) -> Finding:
    """Who is logged in: end users can't read tickets, and only administrators can export them."""
    try:
        user = api.record(await account.client.get("/users/me"), "user")
    except VendorError as error:
        return Finding(name="login", ok=False, message=error.message, next_step=error.next_step)
    role = user.get("role")
    if not isinstance(user.get("id"), int):
        return Finding(name="login", ok=False, message="the login did not work", next_step="check the credentials")
    if account.settings.is_agent and role != ADMIN:
        return Finding(
            name="login",
            ok=False,
            message="the user is not an administrator and can't export changes",
            next_step="ask the vendor for an administrator's token, or set profile to enduser",
        )
    if not account.settings.is_agent and role != CUSTOMER:
        return Finding(
            name="login", ok=True, message="the user may do more than an end user; profile agent would use this"
        )
    return Finding(name="login", ok=True, message="login: OK")
