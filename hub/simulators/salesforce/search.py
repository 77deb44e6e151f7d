"""Full text: SOSL and its simple form, over articles and cases."""

from __future__ import annotations

import re

from hub.simulators.kit import Call, Reply, Row
from hub.simulators.salesforce.errors import SfError, document, malformed
from hub.simulators.salesforce.evaluate import test_of
from hub.simulators.salesforce.schema import SObject
from hub.simulators.salesforce.soql import parse_condition
from hub.simulators.salesforce.state import State, record

_SOSL = re.compile(
    r"FIND\s*\{(?P<term>(?:\\.|[^{}\\])+)\}\s*(?:IN\s+\w+\s+FIELDS\s*)?"
    r"RETURNING\s+(?P<kind>\w+)\s*(?:\((?P<inner>.*)\))?\s*(?:LIMIT\s+(?P<limit>\d+))?\s*",
    re.IGNORECASE | re.DOTALL,
)
_TEXTS = ("Title", "Summary", "Answer__c", "Subject", "CommentBody", "Name")


def sosl(state: State, call: Call, version: str) -> Reply:
    """The records that `q` finds, best first; 400 MALFORMED_SEARCH when it is no search."""
    text = call.query.get("q", "")
    match = _SOSL.fullmatch(text.strip())
    if match is None:
        raise malformed(text, 0, "unexpected token in search", "MALFORMED_SEARCH")
    kind = state.object(match["kind"])
    if kind is None:
        raise SfError(400, "INVALID_TYPE", f"sObject type '{match['kind']}' is not supported.")
    names, _, condition = (match["inner"] or "Id").partition(" WHERE ")
    fields = [kind.field(name.strip()) for name in names.split(",")]
    if None in fields:
        raise SfError(400, "INVALID_FIELD", f"No such column in search on entity '{kind.name}'.")
    term = re.sub(r"\\(.)", r"\1", match["term"])
    test = test_of(state, kind, parse_condition(condition), condition) if condition else None
    rows = [row for row in _matching(state, kind, term) if test is None or test(row)]
    records = [record(version, kind, row, [f.name for f in fields if f]) for row in rows]
    return document({"searchRecords": records[: int(match["limit"] or 2000)]})


def parameterized(state: State, call: Call, version: str) -> Reply:
    """The records of `sobject` that hold all words of `q`, with the fields of `{sobject}.fields`."""
    name, term = call.query.get("sobject", "KnowledgeArticleVersion"), call.query.get("q", "")
    kind = state.object(name)
    if kind is None or not term.strip():
        raise SfError(400, "MALFORMED_SEARCH", "a search needs q, and an sobject that is known")
    names = call.query.get(f"{kind.name}.fields", "Id").split(",")
    condition = call.query.get(f"{kind.name}.where", "")
    test = test_of(state, kind, parse_condition(condition), condition) if condition else None
    rows = [row for row in _matching(state, kind, term) if test is None or test(row)]
    return document({"searchRecords": [record(version, kind, row, names) for row in rows[:2000]]})


def _matching(state: State, kind: SObject, term: str) -> list[Row]:
    words = [word for word in re.findall(r"\w+", term.casefold()) if word not in ("and", "or", "not")]
    scored: list[tuple[int, str, Row]] = []
    for row in state.table(kind):
        text = " ".join(str(row.values.get(name) or "") for name in _TEXTS).casefold()
        if words and all(word in text for word in words) and not row.values["IsDeleted"]:
            title = str(row.values.get("Title") or "").casefold()
            scored.append((-sum(word in title for word in words), row.key, row))
    return [row for _, _, row in sorted(scored, key=lambda entry: entry[:2])]
