"""Calls of the tenant's REST interface, and how its refusals read: some come with 200 and a text.

Source: Upland's API reference, and open clients of the interface.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import msgspec

from hub.errors import CaseRefused, HubError, NotPermitted, VendorMisbehaved
from hub.http import Reply
from hub.model import Account

from .settings import KnowledgeSettings

Tenant = Account[KnowledgeSettings]
_MADE = re.compile(r"Successfully (?:created|updated) solution with ID: ?(\d{6,20})")


def explain(reply: Reply) -> HubError | None:
    """A missing licence is told apart from a refused login."""
    try:
        told = str(msgspec.json.decode(reply.content)["error"])
    except (msgspec.DecodeError, KeyError, TypeError):
        return None
    return _unlicensed(reply) if "not licensed" in told else None


async def get(account: Tenant, path: str, **params: Any) -> Any:
    """The JSON of a read; raises what the status says, NotPermitted without a licence."""
    reply = await account.client.get(f"/api/rest/{path}", params=_params(account, params))
    told = reply.json()
    if isinstance(told, dict) and "not licensed" in str(told.get("error", "")):
        raise _unlicensed(reply)
    return told


async def post(
    account: Tenant, path: str, *, form: dict[str, str] | None = None, json: Any = None, **params: Any
) -> Reply:
    """The answer to a write; raises CaseRefused for one whose text says it failed."""
    reply = await account.client.send(
        "POST", f"/api/rest/{path}", params=_params(account, params), form=form, json=json
    )
    if reply.media_type == "text/html" or reply.content.lstrip()[:1] == b"<":
        raise reply.misbehaved("a page came instead of an answer", next_step="check the address and the login")
    text = reply.text()
    if "does not have access" in text:
        raise NotPermitted(
            "the user may not write solutions", next_step="ask the tenant's administrator", account=account.name
        )
    if text.startswith(("Could not", "Solution title")) or "must not be blank" in text:
        raise CaseRefused(
            "the tenant refused what was written",
            next_step="compare template, status and fields with the tenant's",
            account=account.name,
        )
    return reply


def made_id(reply: Reply) -> str:
    """The id in a text of success; raises VendorMisbehaved, in doubt, when it names none."""
    found = _MADE.search(reply.text())
    if not found:
        raise VendorMisbehaved(
            "the tenant's answer names no solution", next_step="look for it there by its key", in_doubt=True
        )
    return found[1]


def part(value: str) -> str:
    """An id as a part of a path."""
    return quote(value, safe="")


def _params(account: Tenant, given: dict[str, Any]) -> dict[str, Any]:
    settings = account.settings
    known = {"companyCode": settings.company_code, "appInterface": settings.app_interface}
    return known | {name: value for name, value in given.items() if value not in ("", None)}


def _unlicensed(reply: Reply) -> NotPermitted:
    return NotPermitted(
        "the company has no licence for web services",
        next_step="ask the vendor for it",
        vendor=reply.vendor,
        account=reply.account,
    )
