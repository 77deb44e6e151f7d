"""The generated reference page on journal entries: each kind, when it is written, and what its fields mean."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from itertools import groupby

from msgspec import NODEFAULT
from msgspec import inspect as shapes

from docs.pages import page, table
from hub.model.journal import KINDS, Entry

CHAINS = {
    "ticket": ("A ticket's chain", "Its name is the ticket's number."),
    "account": ("An account's chain", "Its name is `account:` and the account's name."),
    "customer": ("A customer's chain", "Its name is `customer:` and the customer's number."),
    "hub": ("The hub's chain", "Its name is `hub`."),
}
"""Heading and opening of each group of entries."""


def journal_page() -> str:
    """Every kind of entry under the chain that it belongs to."""
    body: list[str] = []
    for chain, kinds in groupby(KINDS.items(), key=lambda item: item[1].chain):
        heading, opening = CHAINS[chain]
        body += [f"## {heading}", opening]
        body += [f"### {kind}\n\n{inspect.getdoc(shape)}\n\n{_fields(shape)}" for kind, shape in kinds]
    return page(
        "Journal entries",
        "The journal is append-only. Each entry has a kind, a time and data: ids, states and fingerprints, never a "
        "text or a secret. `hub journal show CHAIN` prints the entries of one chain. The hook `hub_happened` receives "
        "each entry once it is committed: `event.data` as it is stored, `event.entry` as the value described here "
        "(`hub.model.journal`).",
        "Times are ISO 8601 with an offset. An optional field is left out when it has no value. Entries of older "
        "releases stay as they are and are read in today's form; one that this release does not know is read as "
        "`UnknownEntry` with its kind and data.",
        "`bond` is the bond's key in every kind. The outcomes `done`, `in_doubt`, `ready` and `parked` hold the bond's "
        "state in `bond_state`; earlier releases stored it as `bond`, and those entries still have it there.",
        *body,
    )


def _fields(shape: type[Entry]) -> str:
    described = shapes.type_info(shape)
    assert isinstance(described, shapes.StructType), "entries are structs"
    rows = [(f"`{field.name}`", _type(field.type), _meaning(field)) for field in described.fields]
    return table(("field", "type", "meaning"), rows)


def _meaning(field: shapes.Field) -> str:
    texts = [part.extra_json_schema.get("description", "") for part in _metadata(field.type) if part.extra_json_schema]
    optional = "" if field.required or field.default not in {None, NODEFAULT} else " (optional)"
    return f"{texts[0] if texts else ''}{optional}"


def _metadata(kind: shapes.Type) -> Iterator[shapes.Metadata]:
    if isinstance(kind, shapes.Metadata):
        yield kind
    elif isinstance(kind, shapes.UnionType):
        for part in kind.types:
            yield from _metadata(part)


def _type(kind: shapes.Type) -> str:
    match kind:
        case shapes.Metadata(type=inner):
            return _type(inner)
        case shapes.UnionType(types=parts):
            return " or ".join(_type(part) for part in parts if not isinstance(part, shapes.NoneType))
        case shapes.EnumType(cls=words):
            return ", ".join(f"`{word.value}`" for word in words)
        case shapes.LiteralType(values=values):
            return ", ".join(f"`{value}`" for value in values)
        case shapes.VarTupleType(item_type=item):
            return f"list of {_type(item)}"
    names = {shapes.StrType: "string", shapes.IntType: "integer", shapes.BoolType: "boolean"}
    names |= {shapes.DateTimeType: "time", shapes.DateType: "day"}
    return names[type(kind)]
