"""The tenant's search: ten hits a page, by words, language, template, collection and day of change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from hub.simulators.rightanswers.state import StoredSolution

PAGE = 10


def search(solutions: Iterable[StoredSolution], query: dict[str, str], *, verbose: bool) -> dict[str, Any]:
    """One page of matches; without a match the list is null, not empty."""
    words = query.get("queryText", "").lower().split()
    begin, end = _day(query.get("startDate", "")), _day(query.get("endDate", ""))
    hits = [
        solution
        for solution in solutions
        if _fits(solution, query)
        and all(word.strip('"') in _text(solution) for word in words)
        and (begin is None or datetime.fromtimestamp(solution.modified, UTC).date() >= begin)
        and (end is None or datetime.fromtimestamp(solution.modified, UTC).date() <= end)
    ]
    page = max(int(query.get("page") or 1), 1)
    shown = hits[(page - 1) * PAGE : page * PAGE]
    whole = verbose and query.get("verboseResult") == "true"
    return {
        "totalHits": len(hits),
        "didYouMean": "",
        "searchType": query.get("searchType", "Keyword"),
        "solutions": [_hit(solution, whole=whole) for solution in shown] or None,
        "languages": sorted({solution.language for solution in hits}),
        "templates": sorted({solution.template for solution in hits}),
        "collections": [],
        "browsePaths": [],
    }


def _fits(solution: StoredSolution, query: dict[str, str]) -> bool:
    wanted = {part for part in query.get("collections", "").replace(",", ";").split(";") if part}
    status = query.get("statuses") or query.get("status") or "published"
    return (
        solution.language == query.get("language", solution.language)
        and solution.template in (query.get("templates") or solution.template)
        and (not wanted or bool(wanted & set(solution.collections)))
        and (status != "published" or solution.status == "Published")
    )


def _text(solution: StoredSolution) -> str:
    return " ".join(
        [solution.title, solution.summary, solution.keywords, *(content for _, content in solution.fields)]
    ).lower()


def _hit(solution: StoredSolution, *, whole: bool) -> dict[str, Any]:
    return {
        "id": solution.id,
        "title": solution.title,
        "score": 0.8,
        "summary": solution.summary,
        "keywords": solution.keywords,
        "matchSummary": None,
        "categoryCode": "",
        "templateSolutionID": solution.id,
        "solutionType": "solution",
        "language": solution.language,
        "collections": solution.collections,
        "verboseSolutionResult": solution.document() if whole else None,
    }


def _day(text: str) -> Any:
    return datetime.strptime(text, "%m/%d/%Y").replace(tzinfo=UTC).date() if text else None
