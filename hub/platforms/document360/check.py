"""The account check: is the token valid, and can its workspaces and languages be read?"""

from __future__ import annotations

from hub.errors import VendorError
from hub.model import AnyAccount, Finding
from hub.platforms.document360 import articles


async def check_account(account: AnyAccount) -> tuple[Finding, ...]:
    """One finding for each check; nothing is written."""
    try:
        workspaces = await articles.workspaces(account)
        found = await articles.fetch_all(account)
    except VendorError as error:
        return (Finding(name="knowledge", ok=False, message=error.message, next_step=error.next_step),)
    unread = sorted(place.removeprefix(":") for place in found.unread if place.startswith(":"))
    names = ", ".join(name for _, name in workspaces) or "none"
    return (
        Finding(
            name="workspaces",
            ok=bool(workspaces),
            message=f"workspaces that are read: {names}",
            next_step="" if workspaces else "set workspaces to names of the project",
        ),
        Finding(
            name="articles",
            ok=not unread,
            message=f"{len(found.rows)} published articles can be read"
            + (f"; lists that can't be read: {', '.join(unread)}" if unread else ""),
            next_step="check workspaces, languages and the token's permissions" if unread else "",
        ),
    )
