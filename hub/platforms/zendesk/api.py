"""Records and lists of API v2, and the endpoint for cases: tickets or requests.

Source: zenpy's recordings. A write wraps its values in the record's name. A list has a name of its own, and continues
with the cursor in `meta`, or with `next_page` if it is paged by number.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, NamedTuple

from hub.errors import VendorMisbehaved
from hub.http import Reply
from hub.model import AnyAccount
from hub.platforms import texts
from hub.platforms.zendesk.settings import Settings

Record = dict[str, Any]
SIZE = 100
MAX_PAGES = 300


class CaseEndpoint(NamedTuple):
    """Path and record name of cases in a profile."""

    path: str
    name: str


def case_endpoint(settings: Settings) -> CaseEndpoint:
    """Tickets for an agent, requests for an end user."""
    return CaseEndpoint("/tickets", "ticket") if settings.is_agent else CaseEndpoint("/requests", "request")


def record(reply: Reply, name: str) -> Record:
    """The record that an answer wraps in this name; raises VendorMisbehaved."""
    found = reply.json(dict).get(name)
    if not isinstance(found, dict):
        raise reply.misbehaved(f"the answer has no {name}")
    return found


def rows(reply: Reply, answer: Record, name: str) -> list[Any]:
    """The rows of a list, whatever their form; raises VendorMisbehaved if there is no list."""
    found = answer.get(name)
    if not isinstance(found, list):
        raise reply.misbehaved(f"the answer has no list of {name}")
    return found


def records(reply: Reply, answer: Record, name: str) -> list[Record]:
    """The records of a list; raises VendorMisbehaved, also for a row of another form."""
    return [texts.record(row) for row in rows(reply, answer, name)]


def next_page(answer: Record, params: Mapping[str, Any], size: int = SIZE) -> dict[str, Any] | None:
    """The parameters of the next page; None after the last page."""
    meta = answer.get("meta")
    if isinstance(meta, dict):
        after = meta.get("after_cursor")
        has_more = meta.get("has_more") is True and isinstance(after, str) and after
        return {"page[size]": size, "page[after]": after} if has_more else None
    if answer.get("next_page"):  # only whether it is set: the hub never calls an address from an answer
        return {"per_page": size, "page": int(params.get("page", 1)) + 1}
    return None


async def fetch_pages(
    account: AnyAccount, path: str, params: Mapping[str, Any] | None = None
) -> AsyncIterator[tuple[Reply, Record]]:
    """The pages of a list; raises VendorMisbehaved for an endless list."""
    page: dict[str, Any] | None = {"page[size]": SIZE}
    for _ in range(MAX_PAGES):
        reply = await account.client.get(path, params={**(params or {}), **(page or {})})
        answer = reply.json(dict)
        yield reply, answer
        before, page = page, next_page(answer, page or {})
        if page is None or page == before:
            return
    raise VendorMisbehaved(f"a list does not end after {MAX_PAGES} pages", account=account.name)
