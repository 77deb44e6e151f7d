"""Tests rows against a query's conditions, as strictly about types as Salesforce is. Pure but for the clock's day."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hub.simulators.kit import Row
from hub.simulators.salesforce.errors import SfError, malformed
from hub.simulators.salesforce.ids import long_id
from hub.simulators.salesforce.schema import Field, SObject
from hub.simulators.salesforce.soql import Condition, Literal, Logic, Node
from hub.simulators.salesforce.state import State

Test = Callable[[Row], bool]
_TYPES = {
    "datetime": ("moment", "named", "null"),
    "date": ("day", "named", "null"),
    "boolean": ("boolean", "null"),
    "int": ("number", "null"),
}
_WORDS = {"datetime": "dateTime", "date": "date", "boolean": "boolean", "int": "int"}


@dataclass(slots=True)
class FieldPath:
    """A field at the end of a path of parents."""

    field: Field
    steps: tuple[tuple[str, SObject], ...]
    """Each the field with the parent's id, and the parent's type."""

    def value(self, state: State, row: Row | None) -> Any:
        """The value of a row's field; None when a parent is missing."""
        for name, kind in self.steps:
            row = state.table(kind).get(row.values.get(name) or "") if row else None
        return row.values.get(self.field.name) if row else None


def find(state: State, kind: SObject, path: str, text: str, at: int) -> FieldPath:
    """The field that a path names; SfError INVALID_FIELD for an unknown one."""
    *parents, name = path.split(".")
    steps: list[tuple[str, SObject]] = []
    here = kind
    if parents and parents[0].lower() == kind.name.lower():
        parents = parents[1:]
    for parent in parents:
        step = here.parents.get(parent.lower())
        if step is None:
            words = f"Didn't understand relationship '{parent}' in field path."
            raise malformed(text, at, words, "INVALID_FIELD")
        here = state.objects[step[1].lower()]
        steps.append((step[0], here))
    field = here.field(name)
    if field is None:
        words = (
            f"No such column '{name}' on entity '{here.name}'. If you are attempting to use a custom field, "
            "be sure to append the '__c' after the custom field name."
        )
        raise malformed(text, at, words, "INVALID_FIELD")
    return FieldPath(field, tuple(steps))


def test_of(state: State, kind: SObject, node: Node | None, text: str) -> Test:
    """A test whether a row matches the conditions; SfError for values that can't be compared."""
    if node is None:
        return lambda _: True
    if isinstance(node, Logic):
        tests = [test_of(state, kind, part, text) for part in node.parts]
        if node.word == "not":
            return lambda row: not tests[0](row)
        if node.word == "and":
            return lambda row: all(test(row) for test in tests)
        return lambda row: any(test(row) for test in tests)
    place = find(state, kind, node.path, text, node.at)
    if not place.field.filterable:
        words = f"field '{place.field.name}' can not be filtered in a query call"
        raise malformed(text, node.at, words, "INVALID_FIELD")
    values = [_plain(state, place.field, literal, text) for literal in node.values]
    compare = _comparison(node, values)
    if not place.steps:
        name = place.field.name
        if place.field.kind in ("id", "reference", "datetime"):  # ids are case-sensitive
            return lambda row: compare(row.values.get(name))
        return lambda row: compare(_folded(row.values.get(name)))
    return lambda row: compare(_folded(place.value(state, row)))


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _plain(state: State, field: Field, literal: Literal, text: str) -> Any:
    allowed = _TYPES.get(field.kind, ("text", "null"))
    if literal.kind not in allowed:
        quoted = " and should not be enclosed in quotes" if literal.kind == "text" else ""
        word = _WORDS.get(field.kind, "string")
        words = f"value of filter criterion for field '{field.name}' must be of type {word}{quoted}"
        raise malformed(text, literal.at, words, "INVALID_FIELD")
    value = literal.value
    if field.kind in ("id", "reference") and isinstance(value, str):
        if not re.fullmatch(r"[A-Za-z0-9]{15}([A-Za-z0-9]{3})?", value):
            words = f"invalid ID field: {value}"
            raise SfError(400, "INVALID_QUERY_FILTER_OPERATOR", words)
        return long_id(value)
    if literal.kind == "named":
        today = datetime.fromtimestamp(state.now(), UTC).date()
        days = str(value).partition(":")[2] or ("1" if value == "YESTERDAY" else "0")
        value = today - timedelta(days=int(days))
        if field.kind == "datetime":
            return int(datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp())
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, date):
        return value.isoformat()
    return _folded(value)


def _comparison(node: Condition, values: list[Any]) -> Callable[[Any], bool]:
    first = values[0]
    match node.operator:
        case "=":
            return lambda value: bool(value == first)
        case "!=":
            return lambda value: bool(value != first)
        case "in":
            return lambda value: value in values
        case "not in":
            return lambda value: value not in values
        case "like":
            pattern = re.compile(_like(str(first)), re.DOTALL)
            return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None
        case "<":
            return lambda value: value is not None and value < first
        case "<=":
            return lambda value: value is not None and value <= first
        case ">":
            return lambda value: value is not None and value > first
    return lambda value: value is not None and value >= first


def _like(pattern: str) -> str:
    made = {"%": ".*", "_": "."}
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    return "".join(re.escape(part[1:]) if len(part) == 2 else made.get(part) or re.escape(part) for part in parts)


def at_least(node: Node | None, name: str) -> float:
    """A lower bound of a numeric field in all matching rows; minus infinity without one."""
    lowest = float("-inf")
    if isinstance(node, Logic) and node.word != "not":
        bounds = [at_least(part, name) for part in node.parts]
        return max(bounds) if node.word == "and" else min(bounds)
    if isinstance(node, Condition) and node.path.lower() == name.lower() and node.operator in ("=", ">", ">="):
        value = node.values[0].value
        return value.timestamp() if isinstance(value, datetime) else lowest
    return lowest


def equals(node: Node | None) -> dict[str, list[Any]]:
    """The values that fields of matching rows may have, from the conditions of a top-level AND."""
    if isinstance(node, Logic) and node.word == "and":
        return {name: values for part in node.parts for name, values in equals(part).items()}
    if isinstance(node, Condition) and node.operator in ("=", "in"):
        return {node.path.lower(): [literal.value for literal in node.values]}
    return {}
