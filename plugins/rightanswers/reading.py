"""What has changed: the tenant tells it by the day only, so days are read again and what was told is remembered.

Each run reads from a day before the last one's until tomorrow; after some days all is read, and what is not met any
more is withdrawn. The cursor remembers an id and a time for each solution.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from hub.errors import BadInput, VendorMisbehaved
from hub.http import Reply
from hub.model import Article, Cursor, Page
from hub.platforms import texts
from hub.platforms.items import parse_each, read_each, reference

from .client import Tenant, get, part
from .mapping import PUBLISHED, article, moment

PAGE = 10  # hits; there is no way to ask for more


async def changed(account: Tenant, cursor: Cursor) -> Page[Article]:
    """One page: ten hits of one language, each read whole if it is new; at the end of a full run, what is gone."""
    state = _run(cursor) or await _begin(account, cursor)
    run, known = state["run"], dict(state["known"])
    hits, total = await _hits(account, run)

    async def read_one(hit: Any) -> Article | None:
        hit_id = _ident(hit)
        told = await _whole(account, hit, hit_id)
        stamp = int(moment(told).timestamp() * 1000)
        if known.get(hit_id) == stamp:
            return None
        found = article(told, account.settings)
        known[hit_id] = stamp
        return found

    # a solution that is gone may be met again by a later run
    items, bad = await read_each(hits, read_one, _reference, together=False)
    met = [*run["met"], *parse_each(hits, _ident, _reference).items] if run["full"] else []
    more_here = bool(hits) and run["page"] * PAGE < total
    step = {"page": run["page"] + 1} if more_here else {"page": 1, "language": run["language"] + 1}
    after = {**run, **step, "met": met}
    if more_here or after["language"] < len(account.settings.languages):
        kept = {**state, "known": known, "run": after}
        return Page(items=items, cursor=kept, more=True, quarantined=bad)
    if run["full"]:
        gone = set(known) - set(met)
        items += tuple(_gone(ident, run["day"], account) for ident in sorted(gone))
        known = {ident: stamp for ident, stamp in known.items() if ident not in gone}
    done = {"day": run["day"], "full": run["day"] if run["full"] else state["full"], "known": known}
    return Page(items=items, cursor=done, quarantined=bad)


def _ident(hit: Any) -> str:
    ident = str(texts.record(hit).get("id", ""))
    if len(ident) > texts.ID_LIMIT:
        raise VendorMisbehaved("a solution's id is too long")
    return ident


def _reference(hit: Any) -> str:
    return reference(hit, "id")


def _run(cursor: Cursor) -> dict[str, Any] | None:
    """The state in the midst of a run. Raises BadInput for a foreign cursor."""
    if cursor and not isinstance(cursor.get("known"), dict):
        raise BadInput("the cursor is not one of this plugin's", next_step="reset the stream to read it anew")
    return dict(cursor) if "run" in cursor else None


async def _begin(account: Tenant, cursor: Cursor) -> dict[str, Any]:
    """A new run, dated by the tenant's own clock: of some days, or of all."""
    today = await _today(account)
    last, full = cursor.get("day", ""), cursor.get("full", "")
    whole = not last or today - date.fromisoformat(full) >= timedelta(days=account.settings.full_days)
    since = "" if whole else (date.fromisoformat(last) - timedelta(days=1)).isoformat()
    if whole and account.settings.history_from:
        since = account.settings.history_from.isoformat()
    run = {"day": today.isoformat(), "since": since, "full": whole, "language": 0, "page": 1, "met": []}
    return {"day": last, "full": full, "known": cursor.get("known", {}), "run": run}


async def _today(account: Tenant) -> date:
    settings = account.settings
    params = {"companyCode": settings.company_code, "appInterface": settings.app_interface}
    return dated(await account.client.get("/api/rest/collections", params=params)).date()


def dated(reply: Reply) -> datetime:
    """The tenant's own time of a reply; raises VendorMisbehaved when it tells none."""
    try:
        return parsedate_to_datetime(reply.headers.get("date", ""))
    except ValueError:
        raise reply.misbehaved("the reply has no Date") from None


async def _hits(account: Tenant, run: dict[str, Any]) -> tuple[list[Any], int]:
    """One page of hits and the count of all; no hit at all comes as null."""
    settings = account.settings
    window = {}
    if run["since"]:
        until = date.fromisoformat(run["day"]) + timedelta(days=1)
        window = {"startDate": _american(date.fromisoformat(run["since"])), "endDate": _american(until)}
    told = await get(
        account,
        "search",
        searchType="Keyword",
        page=run["page"],
        language=settings.languages[run["language"]],
        collections=";".join(settings.collections),
        loggingEnabled="false",
        status="published",
        verboseResult="true" if settings.whole_hits else "false",
        **window,
    )
    hits = told.get("solutions") if isinstance(told, dict) else None
    total = told.get("totalHits") if isinstance(told, dict) else None
    if not isinstance(total, int) or not isinstance(hits, list | None):
        raise VendorMisbehaved("a search has no hits and no count", account=account.name)
    return list(hits or ()), total


async def _whole(account: Tenant, hit: dict[str, Any], ident: str) -> dict[str, Any]:
    """The solution of a hit, as the hit brings it or as it is read by its id."""
    told = hit.get("verboseSolutionResult")
    if not isinstance(told, dict):
        told = await get(account, f"solution/{part(ident)}", loggingEnabled="false", fieldContentMarkdown="false")
    if not isinstance(told, dict):
        raise VendorMisbehaved("a solution is no object")
    return told


def _gone(ident: str, day: str, account: Tenant) -> Article:
    told = {"id": ident, "lastModifiedDate": _millis(day), "status": f"not {PUBLISHED}"}
    return article(told, account.settings)


def _millis(day: str) -> int:
    return (date.fromisoformat(day) - date(1970, 1, 1)).days * 86_400_000


def _american(day: date) -> str:
    return f"{day:%m/%d/%Y}"
