"""The account check: is the token valid, and can its workspaces and languages be read?"""

from __future__ import annotations

from hub.errors import VendorError
from hub.model import AnyAccount, Finding
from hub.platforms.document360 import articles


async def check_account(account: AnyAccount) -> tuple[Finding, ...]:
    """One finding for each check; nothing is written."""
    try:
        workspaces = await articles.workspaces(account)
        rows, _, _ = await articles.fetch_all(account)
    except VendorError as error:
        return (Finding(name="knowledge", ok=False, message=error.message, next_step=error.next_step),)
    names = ", ".join(name for _, name in workspaces) or "none"
    return (
        Finding(
            name="workspaces",
            ok=bool(workspaces),
            message=f"workspaces that are read: {names}",
            next_step="" if workspaces else "set workspaces to names of the project",
        ),
        Finding(name="articles", ok=True, message=f"{len(rows)} published articles can be read"),
    )
