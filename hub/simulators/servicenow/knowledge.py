"""Articles, and the Knowledge API: a search that can't be sorted by time, and single articles."""

from __future__ import annotations

from typing import Any

from hub.simulators.kit import Call, Reply
from hub.simulators.servicenow.options import Article
from hub.simulators.servicenow.query import Row, ordered, parse
from hub.simulators.servicenow.replies import missing, result
from hub.simulators.servicenow.state import ENGINEER, State, stamp


def answer(state: State, call: Call, rest: list[str]) -> Reply:
    """A search, or one article by number or sys_id; published articles only."""
    live = [row for row in state.articles.values() if row["workflow_state"] == "published"]
    live = [row for row in live if not row["number"].startswith("DOW")]
    if rest:
        article = next((row for row in live if rest[0] in (row["number"], row["sys_id"])), None)
        if article is None:
            raise missing()
        document = {
            "content": article["text"],
            "number": article["number"],
            "sys_id": article["sys_id"],
            "template": False,
            "short_description": article["short_description"],
            "attachments": [],
            "fields": _fields(article),
        }
        return result(document)
    words = call.query.get("query", "").lower().split()
    asked = parse(call.query.get("filter", ""), live[0] if live else ())
    rows = [row for row in ordered(asked, live) if _matches(row, words, call.query.get("language", ""))]
    rows.sort(key=lambda row: row["sys_id"])
    limit, offset = int(call.query.get("limit", "30")), int(call.query.get("offset", "0"))
    summaries = [_summary(row, at) for at, row in enumerate(rows[offset : offset + limit], 1)]
    return result({"meta": {"start": offset, "count": len(rows), "status": {"code": 200}}, "articles": summaries})


def _matches(row: Row, words: list[str], language: str) -> bool:
    text = f"{row['short_description']} {row['text']}".lower()
    return all(word in text for word in words) and language in ("", row["language"])


def _summary(row: Row, rank: int) -> dict[str, Any]:
    return {
        "id": f"kb_knowledge:{row['sys_id']}",
        "number": row["number"],
        "rank": rank,
        "score": 10.0 / rank,
        "title": row["short_description"],
        "snippet": "",
        "link": f"?id=kb_article_view&sys_kb_id={row['sys_id']}",
        "fields": _fields(row),
    }


def _fields(row: Row) -> dict[str, Any]:
    stamp = row["sys_updated_on"]
    return {"sys_updated_on": {"name": "sys_updated_on", "display_value": stamp, "value": stamp}}


def store(state: State, article: Article, kind: str = "article") -> str:
    """Store a row of kb_knowledge as the seeds give it; returns its number."""
    at, ident = stamp(state.clock.now() - article.age_seconds), state.new_id()
    state.articles[ident] = {
        "sys_id": ident,
        "number": article.number,
        "short_description": article.title,
        "text": article.body,
        "workflow_state": article.state,
        "language": article.language,
        "sys_updated_on": at,
        "published": at[:10],
        "sys_class_name": "kb_knowledge",
        "kb_knowledge_base": "",
        **article.fields,
    }
    state.ledger.store(kind, article.number, at=state.clock.now(), by=ENGINEER, text=article.body)
    return article.number
