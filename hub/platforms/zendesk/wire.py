"""Records and lists over API v2, and whether one speaks of tickets or of requests.

Source: zenpy's recordings. A write wraps its values in the record's name; a list has a name of its own, and goes on by
`meta` and its cursor, or by `next_page` where it is paged by number.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, NamedTuple

from hub.errors import VendorMisbehaved
from hub.http import Reply
from hub.model import AnyAccount
from hub.platforms.zendesk.settings import Settings

Record = dict[str, Any]
SIZE = 100
MOST_PAGES = 300


class CaseEndpoint(NamedTuple):
    """How a profile calls cases."""

    path: str
    name: str
    """Of one record."""


def door(settings: Settings) -> CaseEndpoint:
    """Tickets for an agent, requests for an end user."""
    return CaseEndpoint("/tickets", "ticket") if settings.is_agent else CaseEndpoint("/requests", "request")


def record(reply: Reply, name: str) -> Record:
    """The record that a reply wraps in its name; raises VendorMisbehaved."""
    told = reply.json(dict).get(name)
    if not isinstance(told, dict):
        raise reply.misbehaved(f"there is no {name} in it")
    return told


def rows(reply: Reply, told: Record, name: str) -> list[Record]:
    """The records of a list; raises VendorMisbehaved."""
    held = told.get(name)
    if not isinstance(held, list) or not all(isinstance(row, dict) for row in held):
        raise reply.misbehaved(f"there is no list of {name} in it")
    return held


def following(told: Record, asked: Mapping[str, Any], size: int = SIZE) -> dict[str, Any] | None:
    """What to ask for the next page by; None when there is none."""
    meta = told.get("meta")
    if isinstance(meta, dict):
        after = meta.get("after_cursor")
        goes_on = meta.get("has_more") is True and isinstance(after, str) and after
        return {"page[size]": size, "page[after]": after} if goes_on else None
    if told.get("next_page"):  # only that there is one: an address that a reply names is never called
        return {"per_page": size, "page": int(asked.get("page", 1)) + 1}
    return None


async def pages(
    account: AnyAccount, path: str, params: Mapping[str, Any] | None = None
) -> AsyncIterator[tuple[Reply, Record]]:
    """The pages of a list; raises VendorMisbehaved for one without an end."""
    asked: dict[str, Any] | None = {"page[size]": SIZE}
    for _ in range(MOST_PAGES):
        reply = await account.client.get(path, params={**(params or {}), **(asked or {})})
        told = reply.json(dict)
        yield reply, told
        before, asked = asked, following(told, asked or {})
        if asked is None or asked == before:
            return
    raise VendorMisbehaved(f"a list does not end after {MOST_PAGES} pages", account=account.name)
