"""Parses SOQL into a tree, or raises the error with a caret that Salesforce returns. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime

from hub.simulators.salesforce.errors import SfError, malformed

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')"
    r"|(?P<moment>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))"
    r"|(?P<day>\d{4}-\d\d-\d\d)|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z_][\w.]*(?::\d+)?)|(?P<mark><=|>=|!=|<>|[=<>(),])|(?P<end>$)|(?P<bad>.))",
    re.DOTALL,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
COMPARISONS = {"=", "!=", "<>", "<", ">", "<=", ">="}


@dataclass(slots=True)
class Token:
    """One token of a query, with its kind and position."""

    kind: str
    text: str
    at: int


@dataclass(slots=True)
class Literal:
    """A value: `kind` is text, moment, day, number, boolean, null or named."""

    kind: str
    value: str | float | bool | datetime | date | None
    at: int


@dataclass(slots=True)
class Condition:
    """One comparison: operator =, !=, <, >, <=, >=, like, in or not in."""

    path: str
    operator: str
    values: list[Literal]
    at: int


@dataclass(slots=True)
class Logic:
    """`and`, `or` and `not` over conditions."""

    word: str
    parts: list[Condition | Logic]


Node = Condition | Logic


@dataclass(slots=True)
class SoqlQuery:
    """A complete query."""

    text: str
    source: str
    source_at: int
    fields: list[tuple[str, int]] = field(default_factory=list)
    children: list[SoqlQuery] = field(default_factory=list)
    counts: bool = False
    where: Node | None = None
    order: list[tuple[str, bool, int]] = field(default_factory=list)
    limit: int | None = None
    offset: int = 0


class _SoqlReader:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.tokens: list[Token] = []
        for match in _TOKEN.finditer(text):
            kind = match.lastgroup or "end"
            token = Token(kind, match[kind], match.start(kind))
            if kind == "bad":
                raise malformed(text, token.at, f"unexpected token: '{token.text}'")
            self.tokens.append(token)
            if kind == "end":
                break

    @property
    def next(self) -> Token:
        return self.tokens[min(self.at, len(self.tokens) - 1)]

    def advance(self) -> Token:
        token = self.next
        self.at += 1
        return token

    def word(self, *words: str) -> bool:
        if self.next.text.upper() in words and self.next.kind in ("name", "mark"):
            self.at += 1
            return True
        return False

    def need(self, *words: str) -> None:
        if not self.word(*words):
            raise self.unexpected()

    def name(self) -> Token:
        if self.next.kind != "name":
            raise self.unexpected()
        return self.advance()

    def number(self) -> int:
        if self.next.kind != "number" or not self.next.text.isdigit():
            raise self.unexpected()
        return int(self.advance().text)

    def unexpected(self) -> SfError:
        shown = f"'{self.next.text}'" if self.next.kind != "end" else "'<EOF>'"
        return malformed(self.text, self.next.at, f"unexpected token: {shown}")


def parse(text: str) -> SoqlQuery:
    """The query's tree; SfError MALFORMED_QUERY when it is invalid."""
    reader = _SoqlReader(text)
    query = _query(reader)
    if reader.next.kind != "end":
        raise reader.unexpected()
    return query


def parse_condition(text: str) -> Node:
    """The tree of a WHERE clause alone."""
    reader = _SoqlReader(text)
    node = _logic(reader)
    if reader.next.kind != "end":
        raise reader.unexpected()
    return node


def _query(reader: _SoqlReader) -> SoqlQuery:
    reader.need("SELECT")
    query = SoqlQuery(reader.text, "", 0)
    while True:
        if reader.word("("):
            query.children.append(_query(reader))
            reader.need(")")
        else:
            token = reader.name()
            if token.text.lower() == "count" and reader.word("("):
                reader.need(")")
                query.counts = True
            else:
                query.fields.append((token.text, token.at))
        if not reader.word(","):
            break
    reader.need("FROM")
    token = reader.name()
    query.source, query.source_at = token.text, token.at
    if reader.word("WHERE"):
        query.where = _logic(reader)
    if reader.word("ORDER"):
        reader.need("BY")
        _order(reader, query)
    if reader.word("LIMIT"):
        query.limit = reader.number()
    if reader.word("OFFSET"):
        query.offset = reader.number()
    return query


def _order(reader: _SoqlReader, query: SoqlQuery) -> None:
    while True:
        token = reader.name()
        descending = reader.word("DESC")
        if not descending:
            reader.word("ASC")
        if reader.word("NULLS"):
            reader.need("FIRST", "LAST")
        query.order.append((token.text, descending, token.at))
        if not reader.word(","):
            return


def _logic(reader: _SoqlReader) -> Node:
    parts = [_term(reader)]
    word = ""
    while reader.next.text.upper() in ("AND", "OR") and reader.next.kind == "name":
        if word and reader.next.text.lower() != word:
            raise reader.unexpected()  # AND and OR can't be mixed without parentheses
        word = reader.advance().text.lower()
        parts.append(_term(reader))
    return parts[0] if len(parts) == 1 else Logic(word, parts)


def _term(reader: _SoqlReader) -> Node:
    if reader.word("NOT"):
        return Logic("not", [_term(reader)])
    if reader.word("("):
        node = _logic(reader)
        reader.need(")")
        return node
    token = reader.name()
    if reader.next.text in COMPARISONS:
        sign = reader.advance().text
        operator = "!=" if sign == "<>" else sign
        return Condition(token.text, operator, [_value(reader)], token.at)
    if reader.word("LIKE"):
        return Condition(token.text, "like", [_value(reader)], token.at)
    operator = "in"
    if reader.word("NOT"):
        operator = "not in"
    reader.need("IN")
    reader.need("(")
    values = [_value(reader)]
    while reader.word(","):
        values.append(_value(reader))
    reader.need(")")
    return Condition(token.text, operator, values, token.at)


def _value(reader: _SoqlReader) -> Literal:
    token = reader.next
    match token.kind:
        case "text":
            inner = token.text[1:-1]
            value: str | float | bool | datetime | date | None = re.sub(
                r"\\(.)", lambda m: _ESCAPES.get(m[1], m[0] if m[1] in "%_" else m[1]), inner, flags=re.DOTALL
            )
            kind = "text"
        case "moment":
            kind, value = "moment", datetime.fromisoformat(token.text)
        case "day":
            kind, value = "day", date.fromisoformat(token.text)
        case "number":
            kind, value = "number", float(token.text)
        case "name" if token.text.lower() in ("true", "false"):
            kind, value = "boolean", token.text.lower() == "true"
        case "name" if token.text.lower() == "null":
            kind, value = "null", None
        case "name" if re.fullmatch(r"TODAY|YESTERDAY|LAST_N_DAYS:\d+", token.text.upper()):
            kind, value = "named", token.text.upper()
        case _:
            raise reader.unexpected()
    reader.at += 1
    return Literal(kind, value, token.at)
