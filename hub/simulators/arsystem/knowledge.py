"""Knowledge articles: a row in the manager form that points to its body in a template form."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from hub.simulators.arsystem.forms import ARTICLES, FORMS, TEMPLATES
from hub.simulators.arsystem.options import Article
from hub.simulators.arsystem.state import State
from hub.simulators.kit import Row

_FORM = FORMS[ARTICLES]


def publish(state: State, article: Article, by: str = "knowledge") -> Row:
    """Store an article and its body; ValueError for an unknown template form or field."""
    if article.form not in TEMPLATES:
        raise ValueError(f"unknown template form {article.form!r}; choose one of {', '.join(sorted(TEMPLATES))}")
    unknown = set(article.body) - set(FORMS[article.form].fields)
    if unknown:
        raise ValueError(f"{article.form} has no field {', '.join(sorted(unknown))}; see its OPTIONS")
    serial, guid = next(state.other_ids), f"KBG{uuid4().hex.upper()}"
    key = f"{serial:015d}"
    state.tables["templates"].add(
        key, {"Request ID": key, "InstanceId": guid, "Template": article.form, **article.body}
    )
    modified = state.now() - article.age_seconds
    row = state.tables["articles"].add(
        key,
        {
            "Request ID": key,
            "InstanceId": f"KBA{uuid4().hex.upper()}",
            "Submit Date": modified,
            "DocID": f"KBA{serial:08d}",
            "ArticleTitle": article.title,
            "ArticleForm": article.form,
            "Article GUID": guid,
            "FK_GUID": guid,
            "ArticleLastModifiedDate": modified,
            "StatusSelectionField": _number(state, "Article Status", article.status),
            "InternalArticleIndication": int(article.internal),
            "Company": article.company or None,
            "Language": article.language,
            "ArticleKeywords": article.keywords or None,
        },
    )
    state.record("article", _FORM, row, by)
    return row


def revise(
    state: State,
    doc_id: str,
    *,
    title: str | None = None,
    body: dict[str, str] | None = None,
    status: str | None = None,
    by: str = "knowledge",
) -> None:
    """Change an article and its modification date; ValueError when there is no such DocID."""
    rows = state.tables["articles"].where("DocID", doc_id)
    if not rows:
        raise ValueError(f"no article {doc_id}; see DocID in {ARTICLES}")
    row = rows[0]
    changes: dict[str, Any] = {"ArticleLastModifiedDate": state.now()}
    if title is not None:
        changes["ArticleTitle"] = title
    if status is not None:
        changes["StatusSelectionField"] = _number(state, "Article Status", status)
    if body:
        template = state.tables["templates"].where("InstanceId", row.values["FK_GUID"])[0]
        state.tables["templates"].change(template, body)
    state.tables["articles"].change(row, changes)
    state.record("article", _FORM, row, by, changes=changes)


def _number(state: State, enum: str, label: str) -> int:
    number = state.enums[enum].number(label)
    if number is None:
        raise ValueError(f"{enum} has no label {label!r}; choose one of {', '.join(state.enums[enum].numbers)}")
    return number
