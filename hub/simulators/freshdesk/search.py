"""The search for tickets: a small query language over an index that lags."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from hub.simulators.freshdesk.lists import list_row
from hub.simulators.freshdesk.replies import Invalid, document, unexpected
from hub.simulators.freshdesk.state import State
from hub.simulators.kit import Call, Reply, Row

_SIZE, MOST_PAGES, LONGEST = 30, 10, 512
_TOKEN = re.compile(r"\s*(\(|\)|(?:AND|OR)\b|(\w+):(>|<)?(?:'([^']*)'|([^\s()']+)))")
_FIELDS = frozenset({"status", "priority", "type", "tag", "group_id", "agent_id", "created_at", "updated_at", "due_by"})
Test = Callable[[Row], bool]


def search(state: State, call: Call) -> Reply:
    """A page of at most 30 of at most 300 matching tickets; the query is in double quotes."""
    query, page = call.query.get("query", ""), call.query.get("page", "1")
    if not page.isdigit() or not 1 <= int(page) <= MOST_PAGES:
        raise Invalid(("page", "invalid_value", f"It should be a Positive Integer less than or equal to {MOST_PAGES}"))
    if len(query) < 3 or not (query.startswith('"') and query.endswith('"')):
        raise Invalid(("query", "invalid_value", "Query is not valid: it should be within double quotes"))
    if len(query) - 2 > LONGEST:
        raise Invalid(("query", "invalid_value", f"It can have maximum of {LONGEST} characters"))
    fits = _QueryReader(query[1:-1], state).whole()
    now = state.clock.now()
    hits = (
        [] if "search_empty" in call.faults else [row for row in state.tickets if row.hidden_until <= now and fits(row)]
    )
    start = (int(page) - 1) * _SIZE
    rows = [list_row(state, row, ("description",)) for row in hits[start : start + _SIZE]]
    return document({"total": len(hits), "results": rows})


class _QueryReader:
    """Reads `a:1 AND (b:'x' OR c:>'2026-01-01')`, from left to right."""

    def __init__(self, text: str, state: State) -> None:
        self._state, self._tokens, at = state, list[re.Match[str]](), 0
        while at < len(text.rstrip()):
            match = _TOKEN.match(text, at)
            if match is None:
                raise _wrong()
            self._tokens.append(match)
            at = match.end()

    def whole(self) -> Test:
        test = self._any()
        if self._tokens:
            raise _wrong()
        return test

    def _any(self) -> Test:
        tests = [self._all()]
        while self._takes("OR"):
            tests.append(self._all())
        return lambda row: any(test(row) for test in tests)

    def _all(self) -> Test:
        tests = [self._comparison()]
        while self._takes("AND"):
            tests.append(self._comparison())
        return lambda row: all(test(row) for test in tests)

    def _comparison(self) -> Test:
        if self._takes("("):
            test = self._any()
            if not self._takes(")"):
                raise _wrong()
            return test
        if not self._tokens or not self._tokens[0][2]:
            raise _wrong()
        token = self._tokens.pop(0)
        name, sign, quoted, bare = token[2], token[3], token[4], token[5]
        if name not in _FIELDS and name not in self._state.seeds.custom_fields:
            raise Invalid(unexpected(name))
        return _test(name, sign, quoted, bare)

    def _takes(self, word: str) -> bool:
        if self._tokens and self._tokens[0][1] == word:
            self._tokens.pop(0)
            return True
        return False


def _test(name: str, sign: str | None, quoted: str | None, bare: str | None) -> Test:
    wanted: Any = quoted if quoted is not None else (None if bare == "null" else bare)
    if name.endswith("_at") or name == "due_by":
        try:
            at = datetime.fromisoformat(f"{wanted}T00:00:00+00:00").timestamp()
        except ValueError:
            raise _wrong() from None
        stored = {"created_at": "_created", "updated_at": "_updated", "due_by": "_due"}[name]
        if sign == ">":
            return lambda row: bool(row.values[stored] >= at)
        if sign == "<":
            return lambda row: bool(row.values[stored] <= at)
        return lambda row: bool(at <= row.values[stored] < at + 86_400)
    if name == "tag":
        return lambda row: wanted in row.values["tags"]
    if name.startswith("cf_"):
        return lambda row: bool(_same(row.values["custom_fields"].get(name), wanted))
    column = {"agent_id": "responder_id"}.get(name, name)
    return lambda row: bool(_same(row.values[column], wanted))


def _same(stored: Any, wanted: Any) -> bool:
    return stored is None if wanted is None else str(stored).casefold() == str(wanted).casefold()


def _wrong() -> Invalid:
    return Invalid(("query", "invalid_value", "Query is not valid"))
