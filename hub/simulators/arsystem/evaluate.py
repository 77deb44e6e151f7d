"""Turns a qualification into a test on stored rows, and finds the index conditions inside it. Pure."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.simulators.arsystem.enums import Enum
from hub.simulators.arsystem.errors import BAD_QUERY, bad_request
from hub.simulators.arsystem.forms import Field, Form
from hub.simulators.arsystem.qualification import (
    And,
    Compare,
    FieldName,
    Keyword,
    Node,
    Not,
    Number,
    Or,
    QualificationError,
)
from hub.simulators.arsystem.qualification import parse as parse_qualification

Values = Mapping[str, Any]
Test = Callable[[Values], bool | None]
"""True, False, or None where a value is unset: then neither the test nor its NOT holds, as in SQL."""

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(slots=True)
class Conditions:
    """The conditions on every match: equalities, and inclusive bounds on numbers and dates."""

    equal: dict[str, Any] = field(default_factory=dict)
    ranges: dict[str, tuple[float, float]] = field(default_factory=dict)


@dataclass(slots=True)
class Selection:
    """A qualification ready for use on rows."""

    test: Test | None
    conditions: Conditions


def select(source: str, form: Form, enums: Mapping[str, Enum], now: int) -> Selection:
    """Read a qualification for a form; an ArError with AR System's error when it can't be."""
    if not source.strip():
        return Selection(None, Conditions())
    try:
        node = parse_qualification(source)
    except QualificationError as error:
        raise bad_request(BAD_QUERY, "Format error in qualification", str(error)) from None
    compiler = _Compiler(form, enums, now)
    conditions = Conditions()
    compiler.collect(node, conditions)
    return Selection(compiler.compile(node), conditions)


class _Compiler:
    def __init__(self, form: Form, enums: Mapping[str, Enum], now: int) -> None:
        self.form, self.enums, self.now = form, enums, now

    def field(self, name: FieldName) -> Field:
        field = self.form.find(name.name)
        if field is None:
            raise bad_request(BAD_QUERY, "Unknown field referenced in query line", f"{self.form.name}, {name.name}")
        if field.kind in ("display", "history", "attachment"):
            raise bad_request(BAD_QUERY, "Field can not be used in a query", f"{self.form.name}, {name.name}")
        return field

    def compile(self, node: Node) -> Test:
        match node:
            case And(terms):
                return _all([self.compile(term) for term in terms])
            case Or(terms):
                return _any([self.compile(term) for term in terms])
            case Not(term):
                return _not(self.compile(term))
            case Compare():
                return self.comparison(node)

    def comparison(self, node: Compare) -> Test:
        left = self.field(node.field)
        name = left.key
        if node.value == Keyword("NULL"):
            if node.operator not in ("=", "!="):
                raise bad_request(BAD_QUERY, "$NULL$ can only be compared with = or !=", left.name)
            wanted = node.operator == "="
            return lambda values: (values.get(name) is None) is wanted
        if isinstance(node.value, FieldName):
            return self.two_fields(node, left, self.field(node.value))
        if node.operator == "LIKE":
            return self.like(node, left)
        value, compare = self.literal(left, node), _COMPARE[node.operator]

        def test(values: Values) -> bool | None:
            stored = values.get(name)
            return None if stored is None else compare(stored, value)

        return test

    def two_fields(self, node: Compare, left: Field, right: Field) -> Test:
        if (left.kind, left.enum) != (right.kind, right.enum) or node.operator == "LIKE":
            raise bad_request(BAD_QUERY, "Fields of different kinds can not be compared", right.name)
        compare, left_key, right_key = _COMPARE[node.operator], left.key, right.key

        def test(values: Values) -> bool | None:
            first, second = values.get(left_key), values.get(right_key)
            return None if first is None or second is None else compare(first, second)

        return test

    def like(self, node: Compare, left: Field) -> Test:
        pattern = getattr(node.value, "value", None)
        if left.kind != "char" or not isinstance(pattern, str):
            raise bad_request(BAD_QUERY, "LIKE needs a character field and a text", left.name)
        name, match = left.key, _like(pattern)

        def test(values: Values) -> bool | None:
            stored = values.get(name)
            return None if stored is None else match(stored)

        return test

    def literal(self, left: Field, node: Compare) -> Any:
        if isinstance(node.value, Keyword):
            if left.kind != "date":
                raise bad_request(BAD_QUERY, "$TIMESTAMP$ can only be compared with a date", left.name)
            return self.now
        value = node.value.value if not isinstance(node.value, FieldName) else ""
        if left.kind == "char":
            return f"{value:g}" if isinstance(value, float) else str(value)
        if left.kind == "enum":
            number = self.enums[left.enum].number(value)
            # A number without a label still has a place in the order, as in 'Status' < 9.
            if number is None and isinstance(node.value, Number):
                return value
            if number is None:
                raise bad_request(BAD_QUERY, "Value is not a label of the selection field", f"{left.name}, {value}")
            return number
        if isinstance(value, str) and not re.fullmatch(r"-?\d+", value.strip()):
            what = "Date" if left.kind == "date" else "Number"
            raise bad_request(BAD_QUERY, f"{what} value is not in a format of this server", f"{left.name}, {value}")
        return int(value)

    def collect(self, node: Node, conditions: Conditions) -> None:
        """Note the conditions that every match meets; only those under AND qualify."""
        if isinstance(node, And):
            for term in node.terms:
                self.collect(term, conditions)
        elif isinstance(node, Compare) and not isinstance(node.value, FieldName | Keyword):
            left = self.field(node.field)
            if node.operator in ("LIKE", "!="):
                return
            value = self.literal(left, node)
            if node.operator == "=":
                conditions.equal.setdefault(left.key, value)
            elif isinstance(value, int):
                low, high = conditions.ranges.get(left.key, (float("-inf"), float("inf")))
                if node.operator in (">", ">="):
                    low = max(low, value)
                else:
                    high = min(high, value)
                conditions.ranges[left.key] = (low, high)


def _like(pattern: str) -> Callable[[str], bool]:
    inner = pattern[1:-1]
    if len(pattern) >= 2 and pattern[0] == pattern[-1] == "%" and not set(inner) & {"%", "_"}:
        return lambda text: inner in text
    parts = (".*" if c == "%" else "." if c == "_" else re.escape(c) for c in pattern)
    regex = re.compile("".join(parts), re.DOTALL)
    return lambda text: regex.fullmatch(text) is not None


def _all(tests: list[Test]) -> Test:
    def test(values: Values) -> bool | None:
        result: bool | None = True
        for term in tests:
            outcome = term(values)
            if outcome is False:
                return False
            if outcome is None:
                result = None
        return result

    return test


def _any(tests: list[Test]) -> Test:
    def test(values: Values) -> bool | None:
        result: bool | None = False
        for term in tests:
            outcome = term(values)
            if outcome:
                return True
            if outcome is None:
                result = None
        return result

    return test


def _not(inner: Test) -> Test:
    def test(values: Values) -> bool | None:
        outcome = inner(values)
        return None if outcome is None else not outcome

    return test
