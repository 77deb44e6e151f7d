"""Parses AR System's qualification language into a tree, without knowledge of forms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Operator = Literal["=", "!=", "<", "<=", ">", ">=", "LIKE"]


class QualificationError(ValueError):
    """The text is not a qualification; the message names the problem and its position, counted from 1."""


@dataclass(frozen=True, slots=True)
class FieldName:
    """A field, by name or numeric id."""

    name: str


@dataclass(frozen=True, slots=True)
class Text:
    """A literal in double quotes."""

    value: str


@dataclass(frozen=True, slots=True)
class Number:
    """A literal without quotes."""

    value: int | float


@dataclass(frozen=True, slots=True)
class Keyword:
    """$NULL$ or $TIMESTAMP$."""

    name: Literal["NULL", "TIMESTAMP"]


Operand = FieldName | Text | Number | Keyword


@dataclass(frozen=True, slots=True)
class Compare:
    """One comparison; the left side is always a field."""

    field: FieldName
    operator: Operator
    value: Operand


@dataclass(frozen=True, slots=True)
class And:
    """All terms hold."""

    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one term holds."""

    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The term does not hold."""

    term: Node


Node = Compare | And | Or | Not

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<field>'(?:[^']|'')*')
    | (?P<text>"(?:[^"]|"")*")
    | (?P<number>-?\d+(?:\.\d+)?(?![\w.]))
    | (?P<keyword>\$[A-Za-z]+\$)
    | (?P<operator><=|>=|!=|<|>|=)
    | (?P<bracket>[()])
    | (?P<word>[A-Za-z]+)
    )""",
    re.VERBOSE,
)
_DEPTH = 100


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def parse(source: str) -> Node:
    """The tree of a qualification; QualificationError when it is invalid.

    AND binds closer than OR, NOT closer than both; words may be in any case.
    """
    return _Parser(_tokens(source), len(source)).whole()


def _tokens(source: str) -> list[_Token]:
    tokens: list[_Token] = []
    at, end = 0, len(source.rstrip())
    while at < end:
        match = _TOKEN.match(source, at)
        if match is None or match.lastgroup is None:
            at += len(source[at:]) - len(source[at:].lstrip())
            what = "quote without its end" if source[at] in "'\"" else f"unexpected {source[at]!r}"
            raise QualificationError(f"{what} at position {at + 1}")
        tokens.append(_Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup) + 1))
        at = match.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[_Token], length: int) -> None:
        self.tokens, self.at, self.depth = tokens, 0, 0
        self.end = _Token("end", "end of the qualification", length + 1)

    def whole(self) -> Node:
        node = self.either()
        if self.peek() is not self.end:
            raise self.unexpected("AND, OR or the end")
        return node

    def either(self) -> Node:
        terms = [self.both()]
        while self.took("OR"):
            terms.append(self.both())
        return terms[0] if len(terms) == 1 else Or(tuple(terms))

    def both(self) -> Node:
        terms = [self.term()]
        while self.took("AND"):
            terms.append(self.term())
        return terms[0] if len(terms) == 1 else And(tuple(terms))

    def term(self) -> Node:
        self.depth += 1
        if self.depth > _DEPTH:
            raise QualificationError(f"nested more than {_DEPTH} deep at position {self.peek().at}")
        try:
            if self.took("NOT"):
                return Not(self.term())
            if self.took("("):
                node = self.either()
                if not self.took(")"):
                    raise self.unexpected("a closing parenthesis")
                return node
            return self.comparison()
        finally:
            self.depth -= 1

    def comparison(self) -> Compare:
        field = self.operand()
        if not isinstance(field, FieldName):
            self.at -= 1
            raise self.unexpected("a field in single quotes")
        return Compare(field, self.operator(), self.operand())

    def operator(self) -> Operator:
        token = self.peek()
        operator = token.text.upper()
        if operator in ("=", "!=", "<", "<=", ">", ">=", "LIKE"):
            self.at += 1
            return operator  # type: ignore[return-value]
        raise self.unexpected("an operator (=, !=, <, <=, >, >=, LIKE)")

    def operand(self) -> Operand:
        token = self.peek()
        self.at += 1
        match token.kind:
            case "field" if len(token.text) > 2:
                return FieldName(token.text[1:-1].replace("''", "'"))
            case "text":
                return Text(token.text[1:-1].replace('""', '"'))
            case "number":
                return Number(float(token.text) if "." in token.text else int(token.text))
            case "keyword" if token.text.upper() == "$NULL$":
                return Keyword("NULL")
            case "keyword" if token.text.upper() == "$TIMESTAMP$":
                return Keyword("TIMESTAMP")
        self.at -= 1
        raise self.unexpected("a field in single quotes, a text in double quotes, a number, $NULL$ or $TIMESTAMP$")

    def peek(self) -> _Token:
        return self.tokens[self.at] if self.at < len(self.tokens) else self.end

    def took(self, word: str) -> bool:
        token = self.peek()
        if token.kind in ("word", "bracket") and token.text.upper() == word:
            self.at += 1
            return True
        return False

    def unexpected(self, wanted: str) -> QualificationError:
        token = self.peek()
        shown = token.text if token.kind == "end" else repr(token.text)
        return QualificationError(f"expected {wanted}, found {shown} at position {token.at}")
