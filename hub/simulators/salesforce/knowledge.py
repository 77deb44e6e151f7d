"""Articles and patches as the org stores them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.simulators.kit import Row
from hub.simulators.salesforce.options import Article
from hub.simulators.salesforce.state import State

ENGINEER = "0055e0000000EngAAA"
MACHINE = "0055e0000000AutAAA"


def store_article(state: State, article: Article) -> Row:
    """Store an article as the seeds give it."""
    at = state.now() - article.age_seconds
    number = state.number("article number", 9)
    values = {
        "KnowledgeArticleId": state.new_id("kA0"),
        "ArticleNumber": number,
        "Title": article.title,
        "Summary": article.summary,
        "Answer__c": article.body,
        "Language": article.language,
        "UrlName": "-".join(article.title.split()),
        "PublishStatus": article.status,
        "VersionNumber": 1,
        "IsLatestVersion": True,
        "FirstPublishedDate": at,
        "LastPublishedDate": at,
        "ArchivedDate": at if article.status == "Archived" else None,
        "IsVisibleInPkb": False,
        "IsVisibleInCsp": True,
        "RecordTypeName__c": article.record_type,
    }
    row = state.add(state.objects["knowledge__kav"], values, ENGINEER, at=at)
    record(state, "article", row, values["KnowledgeArticleId"], article.body)
    return row


def store_patch(state: State, values: Mapping[str, Any]) -> str:
    """Store a record of Patch__c with these fields; returns its id."""
    row = state.add(state.objects["patch__c"], values, ENGINEER)
    record(state, "patch", row, row.key, str(values.get("Summary__c", "")))
    return row.key


def record(state: State, kind: str, row: Row, name: Any, text: str) -> None:
    """Enter an article or a patch into the ledger."""
    state.ledger.store(kind, str(name), at=state.clock.now(), by=ENGINEER, text=text, values=dict(row.values))
