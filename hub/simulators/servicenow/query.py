"""Encoded queries, of which invalid parts are ignored. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

Row = dict[str, str]
_PART = re.compile(
    r"([a-z_][a-z0-9_.]*)(ISNOTEMPTY|ISEMPTY|STARTSWITH|ENDSWITH|NOT LIKE|NOT IN|BETWEEN|LIKE|IN|!=|<=|>=|=|<|>)(.*)",
    re.DOTALL,
)


class Comparison(NamedTuple):
    """One comparison."""

    field: str
    op: str
    value: str


class EncodedQuery(NamedTuple):
    """Groups, of which one has to match: in it, each list of alternatives needs a match. And the order."""

    groups: list[list[list[Comparison]]]
    order: list[tuple[str, bool]]
    broken: bool


_TESTS: Mapping[str, Callable[[str, str], bool]] = {
    "=": lambda a, b: a.lower() == b.lower(),
    "!=": lambda a, b: a.lower() != b.lower(),
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "LIKE": lambda a, b: b.lower() in a.lower(),
    "NOT LIKE": lambda a, b: b.lower() not in a.lower(),
    "STARTSWITH": lambda a, b: a.lower().startswith(b.lower()),
    "ENDSWITH": lambda a, b: a.lower().endswith(b.lower()),
    "IN": lambda a, b: a in b.split(","),
    "NOT IN": lambda a, b: a not in b.split(","),
    "ISEMPTY": lambda a, _: a == "",
    "ISNOTEMPTY": lambda a, _: a != "",
    "BETWEEN": lambda a, b: b.partition("@")[0] <= a <= b.partition("@")[2],
}


def parse(text: str, known_fields: Iterable[str]) -> EncodedQuery:
    """Parse a query; parts with unknown fields mark it as broken."""
    fields, groups, order, broken = frozenset(known_fields), [list[list[Comparison]]()], list[tuple[str, bool]](), False
    pieces = re.split(r"(?<!\^)\^(?!\^)", text) if text else []
    for piece in pieces:
        if not piece or piece == "EQ":
            continue
        if piece.startswith("ORDERBY"):
            name = piece.removeprefix("ORDERBYDESC").removeprefix("ORDERBY")
            if name in fields:
                order.append((name, piece.startswith("ORDERBYDESC")))
            continue
        joined, rest = "", piece
        for lead in ("NQ", "OR"):
            if piece.startswith(lead):
                joined, rest = lead, piece.removeprefix(lead)
                break
        if joined == "NQ":
            groups.append([])
        match = _PART.fullmatch(rest)
        if match is None or match[1] not in fields:
            broken = True
            continue
        part = Comparison(match[1], match[2], match[3].replace("^^", "^"))
        if joined == "OR" and groups[-1]:
            groups[-1][-1].append(part)
        else:
            groups[-1].append([part])
    return EncodedQuery(groups, order, broken)


def holds(query: EncodedQuery, row: Row) -> bool:
    """Whether a row matches."""
    return any(all(any(_test(part, row) for part in either) for either in group) for group in query.groups)


def ordered(query: EncodedQuery, rows: Iterable[Row]) -> list[Row]:
    """The matching rows, in order."""
    matches = [row for row in rows if holds(query, row)]
    for name, descending in reversed(query.order):
        matches.sort(key=lambda row: row.get(name, ""), reverse=descending)
    return matches


def _test(part: Comparison, row: Row) -> bool:
    return _TESTS[part.op](row.get(part.field, ""), part.value)
