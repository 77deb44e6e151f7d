"""The state of the simulated org in memory, and its rows as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from time import gmtime, strftime
from typing import Any

from hub.simulators.kit import Clock, Ledger, Row, Table
from hub.simulators.salesforce.ids import long_id, make_id
from hub.simulators.salesforce.options import Options, Seeds
from hub.simulators.salesforce.schema import Field, SObject, objects

_EQUAL = {
    "case": ("CaseNumber",),
    "casecomment": ("ParentId",),
    "contentdocumentlink": ("LinkedEntityId", "ContentDocumentId"),
    "contentversion": ("ContentDocumentId",),
    "knowledge__kav": ("KnowledgeArticleId",),
}


@lru_cache(maxsize=65_536)
def iso(seconds: int) -> str:
    """A time as the REST API writes it, such as 2026-09-01T12:34:56.000+0000."""
    return strftime("%Y-%m-%dT%H:%M:%S.000+0000", gmtime(seconds))


class State:
    """Tables, id counters, clock and ledger of one org; times are kept as epoch seconds."""

    def __init__(self, options: Options, seeds: Seeds, clock: Clock, ledger: Ledger) -> None:
        self.options, self.seeds, self.clock, self.ledger = options, seeds, clock, ledger
        self.objects = objects(tuple(seeds.statuses), seeds.priorities, seeds.key_field, seeds.case_fields)
        self.tables = {
            name: Table((*_EQUAL.get(name, ()), *((seeds.key_field,) if name == "case" else ())), ("SystemModstamp",))
            for name in self.objects
        }
        self.bodies: dict[str, bytes] = {}
        """Files' bytes by ContentVersion id."""
        self.made: Counter[str] = Counter()
        self.calls = 0

    def now(self) -> int:
        """The org's time in whole seconds, the resolution of its stamps."""
        return int(self.clock.now())

    def object(self, name: str) -> SObject | None:
        """The type of that name, in any case of letters."""
        return self.objects.get(name.lower())

    def new_id(self, prefix: str) -> str:
        """The next id of a prefix."""
        self.made[prefix] += 1
        return make_id(prefix, self.made[prefix])

    def number(self, name: str, width: int, start: int = 0) -> str:
        """The next number that people see, of a kind."""
        self.made[name] += 1
        return str(start + self.made[name]).zfill(width)

    def table(self, kind: SObject) -> Table:
        """The rows of a type."""
        return self.tables[kind.name.lower()]

    def row(self, kind: SObject, ident: str) -> Row | None:
        """The row with this id, of 15 or 18 characters; deleted ones are found too."""
        return self.table(kind).get(long_id(ident))

    def case(self, number: str) -> Row:
        """The case with this number, key or id; LookupError when there is none."""
        table = self.tables["case"]
        keyed = [*table.where("CaseNumber", number), *table.where(self.seeds.key_field, number)]
        row = keyed[0] if keyed else table.get(long_id(number))
        if row is None or row.values["IsDeleted"]:
            raise LookupError(f"there is no case {number}; give its number")
        return row

    def add(self, kind: SObject, values: Mapping[str, Any], by: str, *, at: int | None = None) -> Row:
        """Store a row with its system fields."""
        now = self.now() if at is None else at
        key = str(values.get("Id") or self.new_id(kind.prefix))
        system = {
            "Id": key,
            "IsDeleted": False,
            "CreatedDate": now,
            "CreatedById": by,
            "LastModifiedDate": now,
            "LastModifiedById": by,
            "SystemModstamp": now,
        }
        return self.table(kind).add(key, {**values, **system})

    def change(self, kind: SObject, row: Row, changes: Mapping[str, Any], by: str) -> None:
        """Change a row and its stamps."""
        now = self.now()
        stamps = {"LastModifiedDate": now, "LastModifiedById": by, "SystemModstamp": now}
        self.table(kind).change(row, {**changes, **stamps})


def shown(field: Field, value: Any) -> Any:
    """A stored value as JSON carries it."""
    return iso(value) if field.kind == "datetime" and value is not None else value


def attributes(version: str, kind: SObject, ident: str) -> dict[str, str]:
    """The attributes at the beginning of each record."""
    return {"type": kind.name, "url": f"/services/data/v{version}/sobjects/{kind.name}/{ident}"}


def record(version: str, kind: SObject, row: Row, names: list[str] | None = None) -> dict[str, Any]:
    """A row as JSON: all fields or those named."""
    wanted = [f for f in kind.fields.values() if names is None or f.name in names]
    document: dict[str, Any] = {"attributes": attributes(version, kind, row.key)}
    for field in wanted:
        document[field.name] = (
            f"{document['attributes']['url']}/VersionData"
            if field.kind == "base64"
            else shown(field, row.values.get(field.name))
        )
    return document
