"""The tenant's search: ten hits a page, by words, language, template, collection and day of change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from hub.simulators.rightanswers.state import Stored

PAGE = 10


def search(solutions: Iterable[Stored], query: dict[str, str], *, verbose: bool) -> dict[str, Any]:
    """One page of what fits; no hit at all is null, not an empty list."""
    words = query.get("queryText", "").lower().split()
    begin, end = _day(query.get("startDate", "")), _day(query.get("endDate", ""))
    hits = [
        one
        for one in solutions
        if _fits(one, query)
        and all(word.strip('"') in _text(one) for word in words)
        and (begin is None or datetime.fromtimestamp(one.modified, UTC).date() >= begin)
        and (end is None or datetime.fromtimestamp(one.modified, UTC).date() <= end)
    ]
    page = max(int(query.get("page") or 1), 1)
    shown = hits[(page - 1) * PAGE : page * PAGE]
    whole = verbose and query.get("verboseResult") == "true"
    return {
        "totalHits": len(hits),
        "didYouMean": "",
        "searchType": query.get("searchType", "Keyword"),
        "solutions": [_hit(one, whole=whole) for one in shown] or None,
        "languages": sorted({one.language for one in hits}),
        "templates": sorted({one.template for one in hits}),
        "collections": [],
        "browsePaths": [],
    }


def _fits(one: Stored, query: dict[str, str]) -> bool:
    wanted = {part for part in query.get("collections", "").replace(",", ";").split(";") if part}
    status = query.get("statuses") or query.get("status") or "published"
    return (
        one.language == query.get("language", one.language)
        and one.template in (query.get("templates") or one.template)
        and (not wanted or bool(wanted & set(one.collections)))
        and (status != "published" or one.status == "Published")
    )


def _text(one: Stored) -> str:
    return " ".join([one.title, one.summary, one.keywords, *(content for _, content in one.fields)]).lower()


def _hit(one: Stored, *, whole: bool) -> dict[str, Any]:
    return {
        "id": one.id,
        "title": one.title,
        "score": 0.8,
        "summary": one.summary,
        "keywords": one.keywords,
        "matchSummary": None,
        "categoryCode": "",
        "templateSolutionID": one.id,
        "solutionType": "solution",
        "language": one.language,
        "collections": one.collections,
        "verboseSolutionResult": one.document() if whole else None,
    }


def _day(text: str) -> Any:
    return datetime.strptime(text, "%m/%d/%Y").replace(tzinfo=UTC).date() if text else None
