"""The state of the simulated server in memory, and its rows as JSON."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count
from time import gmtime, strftime
from typing import Any

from hub.simulators.arsystem.enums import Enum, enums
from hub.simulators.arsystem.forms import Field, Form
from hub.simulators.arsystem.options import Options
from hub.simulators.kit import Clock, Ledger, Row, Table

Render = Callable[[Any, str], Any]


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An attachment's bytes and name; digests rather than bytes appear in the ledger."""

    name: str
    data: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        """Of the bytes, in hex."""
        return hashlib.sha256(self.data).hexdigest()


@lru_cache(maxsize=65_536)
def iso(seconds: int) -> str:
    """A date as AR System's REST API writes it: 2025-10-16T08:51:45.000+0000."""
    return strftime("%Y-%m-%dT%H:%M:%S.000+0000", gmtime(seconds))


@dataclass(slots=True)
class Scan:
    """The matches of a query so far and the remaining rows, valid until the table's version changes."""

    version: int
    found: list[Row]
    rest: Iterator[Row]


class State:
    """Tables, id counters, enumerations, clock and ledger of one server."""

    def __init__(self, options: Options, clock: Clock, ledger: Ledger) -> None:
        self.options, self.clock, self.ledger = options, clock, ledger
        self.enums: dict[str, Enum] = enums(options.relabel)
        times = ("Last Modified Date", "Submit Date")
        incident_keys = ("Entry ID", "Request ID", "Create Entry ID", "Incident Number", "Vendor Ticket Number")
        self.tables: dict[str, Table] = {
            "incidents": Table(incident_keys, times),
            "worklogs": Table(("Work Log ID", "Incident Number"), times),
            "articles": Table(("FK_GUID", "DocID"), ("ArticleLastModifiedDate",)),
            "templates": Table(("InstanceId",)),
            "people": Table(("Person ID", "Remedy Login ID")),
            "groups": Table(("Support Group Name",)),
        }
        self.scans: dict[tuple[str, ...], Scan] = {}
        self.index_lags = False
        # Number ranges that never overlap, so that a client that confuses ids is detected.
        self.incident_numbers = count(430)
        self.entry_ids = count(527)
        self.create_ids = count(179)
        self.worklog_ids = count(2_437_184)
        self.other_ids = count(101)

    def now(self) -> int:
        """The server's time in whole seconds, the resolution of its dates."""
        return int(self.clock.now())

    def number(self, field: Field, value: Any) -> int | None:
        """An enumeration's number for a label or number, or none when unknown."""
        return self.enums[field.enum].number(value)

    def label(self, enum: str, number: int) -> str:
        """The label as this server answers it."""
        return self.enums[enum].labels[number]

    def incident(self, number: str) -> Row | None:
        """The incident with this Incident Number, or none."""
        rows = self.tables["incidents"].where("Incident Number", number)
        return rows[0] if rows else None

    def row(self, form: Form, entry_id: str) -> Row | None:
        """The row that an entry id of this form names, or none; a join form's A|B is read as A."""
        table = self.tables[form.store]
        if form.id_source == "Request ID" or not table.has_equal(form.id_source):
            return table.get(entry_id)
        rows = table.where(form.id_source, entry_id.partition("|")[0])
        return rows[0] if rows else None

    def record(
        self,
        kind: str,
        form: Form,
        row: Row,
        by: str,
        *,
        changes: Mapping[str, Any] | None = None,
        sha256: str | None = None,
    ) -> None:
        """Enter what was stored in a row into the ledger, in readable form."""
        incident = row.values.get("Incident Number")
        own = kind == "case"
        self.ledger.store(
            kind,
            row.key if kind in ("note", "article") else str(incident),
            at=self.clock.now(),
            by=by,
            parent=None if own or kind == "article" else incident,
            key=row.values.get("Vendor Ticket Number"),
            sha256=sha256,
            text=row.values.get("Detailed Description" if kind == "note" else "Detailed Decription"),
            public=row.values.get("View Access") == 1 if kind == "note" else None,
            values=None if self.ledger.lean else self.plain(form, row.values if changes is None else changes),
        )

    def plain(self, form: Form, values: Mapping[str, Any]) -> dict[str, Any]:
        """Stored values in words: set fields only, enumerations by label, attachments by name and size."""
        enums = {f.key: self.enums[f.enum].labels for f in form.fields.values() if f.kind == "enum"}
        return {
            name: {"name": value.name, "size": len(value.data), "sha256": value.sha256}
            if isinstance(value, StoredFile)
            else enums[name][value]
            if name in enums
            else value
            for name, value in values.items()
            if value is not None and name != "Status-History"
        }

    def renderer(self, field: Field) -> Render | None:
        """How to write a stored value of this field as JSON; none when it goes out as it is.

        The renderer takes the value and the entry's own address.
        """
        match field.kind:
            case "enum":
                labels = self.enums[field.enum].labels
                return lambda value, _: labels[value]
            case "date":
                return lambda value, _: iso(value)
            case "history":
                statuses = self.enums["Status"].labels
                return lambda value, _: {
                    statuses[status]: {"user": user, "timestamp": iso(at)} for status, (user, at) in value.items()
                }
            case "attachment":
                return lambda value, href: {
                    "name": value.name,
                    "sizeBytes": len(value.data),
                    "href": f"{href}/attach/{field.name.replace(' ', '%20')}",
                }
        return None
