"""Reads customers and their contracts from a file: CSV with a row for each contract or contact, TOML or JSON."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from hub.desk.customer_fields import CONTACT, CONTRACT, CUSTOMER, InvalidText, Plans, parse_field
from hub.desk.layout import FileOptions, detect_layout
from hub.desk.rows import BadRow, open_rows
from hub.errors import BadInput
from hub.model import Contact, Contract, Customer

COLUMNS = {
    "customer": {name: name for name in CUSTOMER},
    "contact": {name: f"contact_{name}" for name in CONTACT},
    "contract": {name: "contract" if name == "number" else name for name in CONTRACT},
}
"""The columns of a CSV file by part and field; all but the customer's number and name are optional."""

SHOWN = 20
"""The most faults that one error lists."""


class _Part(NamedTuple):
    """The text of a customer, contact or contract."""

    where: Callable[[str], str]
    """The location of a field, for messages."""
    cells: Mapping[str, str]


class _Record(NamedTuple):
    """A customer, or more contacts and contracts of an earlier one."""

    customer: _Part
    contacts: Sequence[_Part]
    contracts: Sequence[_Part]


class _InvalidRecord(Exception):
    """A record is not a customer."""


def read_customers(path: Path, plans: Plans) -> list[Customer]:
    """The customers of a file, in its order.

    Raises BadInput that lists the faults with row and column; then nothing of the file may be stored.
    """
    reader = _CustomerReader(plans)
    records = _nested(path) if path.suffix.lower() in {".toml", ".json"} else _csv(path)
    try:
        for record in records:
            reader.add(record)
    except (OSError, ValueError, RecursionError) as error:  # decoders raise subclasses of ValueError
        raise BadInput(f"{path.name} can't be read: {error}") from None
    if reader.faults:
        more = len(reader.faults) - SHOWN
        shown = [*reader.faults[:SHOWN], *([f"and {more} more"] if more > 0 else [])]
        raise BadInput(
            f"nothing was imported from {path.name}:\n" + "\n".join(shown),
            next_step="correct the file and import it again",
        )
    if not reader.customers:
        raise BadInput(f"{path.name} contains no customers")
    return reader.all()


class _CustomerReader:
    """The customers read so far, and the faults found."""

    def __init__(self, plans: Plans) -> None:
        self.faults: list[str] = []
        self.customers: dict[str, dict[str, Any]] = {}
        self._contacts: dict[str, list[Contact]] = {}
        self._contracts: dict[str, Contract] = {}
        self._plans = plans

    def all(self) -> list[Customer]:
        """The customers with their contacts and contracts."""
        contracts: dict[str, list[Contract]] = {number: [] for number in self.customers}
        for contract in self._contracts.values():
            contracts[contract.customer].append(contract)
        return [
            Customer(**fields, contacts=tuple(self._contacts[number]), contracts=tuple(contracts[number]))
            for number, fields in self.customers.items()
        ]

    def add(self, record: _Record | str) -> None:
        """Add a record, or the fault of a record that can't be read."""
        if isinstance(record, str):
            self.faults.append(record)
            return
        customer = record.customer
        before = self.customers.get(customer.cells.get("number", "").strip(), {})
        fields = self._values(customer, CUSTOMER, ("number",) if before else ("number", "name"))
        if fields is None:
            return
        for name in fields:
            if name in before and before[name] != fields[name]:
                self.faults.append(f"{customer.where(name)}: {fields[name]!r}, but {before[name]!r} before")
        number = fields["number"]
        self.customers[number] = before | fields
        contacts = self._contacts.setdefault(number, [])
        for part in record.contacts:
            values = self._values(part, CONTACT, ())
            if values and (contact := Contact(**values)) not in contacts:
                contacts.append(contact)
        for part in record.contracts:
            self._contract(part, number)

    def _contract(self, part: _Part, customer: str) -> None:
        fields = self._values(part, CONTRACT, ("number", "plan", "starts_on"))
        if fields is None:
            return
        contract = Contract(customer=customer, **fields)
        if self._contracts.setdefault(contract.number, contract) != contract:
            self.faults.append(f"{part.where('number')}: {contract.number} appears twice with different values")
        elif contract.ends_on is not None and contract.ends_on < contract.starts_on:
            self.faults.append(f"{part.where('ends_on')}: {contract.ends_on} is before {contract.starts_on}")

    def _values(self, part: _Part, fields: Sequence[str], required: Sequence[str]) -> dict[str, Any] | None:
        """The given fields; None when one is not valid."""
        values: dict[str, Any] = {}
        faults = len(self.faults)
        for name in fields:
            text = part.cells.get(name, "")
            if not text.strip() and name not in required:
                continue
            try:
                values[name] = parse_field(name, text, self._plans)
            except InvalidText as error:
                self.faults.append(f"{part.where(name)}: {error}")
        return values if len(self.faults) == faults else None


def _csv(path: Path) -> Iterator[_Record | str]:
    known_columns = {column for columns in COLUMNS.values() for column in columns.values()}
    with open_rows(path, detect_layout(path, FileOptions(format="csv"))) as rows:
        if unknown := [name for name in rows.columns if name not in known_columns]:
            raise BadInput(
                f"{path.name} has unknown columns: {', '.join(unknown)}",
                next_step=f"the columns are: {', '.join(sorted(known_columns))}",
            )
        if lacking := sorted({"number", "name"} - set(rows.columns)):
            raise BadInput(f"{path.name} has no column {' and no column '.join(lacking)}")
        for row in rows:
            if isinstance(row, BadRow):
                yield f"line {row.line}: {row.reason}"
                continue
            parts = {name: _row_part(row.line, columns, row.values) for name, columns in COLUMNS.items()}
            yield _Record(
                parts["customer"],
                [parts["contact"]] if any(parts["contact"].cells.values()) else [],
                [parts["contract"]] if any(parts["contract"].cells.values()) else [],
            )


def _row_part(line: int, columns: Mapping[str, str], values: Mapping[str, str]) -> _Part:
    cells = {name: values.get(column, "").strip() for name, column in columns.items()}
    return _Part(lambda name: f"line {line}, column {columns[name]}", cells)


def _nested(path: Path) -> Iterator[_Record | str]:
    text = path.read_text("utf-8-sig")
    content = tomllib.loads(text) if path.suffix.lower() == ".toml" else json.loads(text)
    if not isinstance(content, dict) or set(content) != {"customers"} or not isinstance(content["customers"], list):
        raise BadInput(f"{path.name} must contain one list, `customers`, and nothing else")
    for number, entry in enumerate(content["customers"], 1):
        place = f"customer {number}"
        try:
            customer = _part(place, entry, CUSTOMER, inner=("contacts", "contracts"))
            yield _Record(
                customer,
                [_part(*contact, CONTACT) for contact in _inner(place, entry, "contact")],
                [_part(*contract, CONTRACT) for contract in _inner(place, entry, "contract")],
            )
        except _InvalidRecord as error:
            yield str(error)


def _inner(place: str, entry: Mapping[str, Any], name: str) -> Iterator[tuple[str, Any]]:
    items = entry.get(f"{name}s", [])
    if not isinstance(items, list):
        raise _InvalidRecord(f"{place}, {name}s: must be a list")
    return ((f"{place}, {name} {number}", item) for number, item in enumerate(items, 1))


def _part(place: str, entry: Any, fields: Sequence[str], inner: Sequence[str] = ()) -> _Part:
    if not isinstance(entry, dict):
        raise _InvalidRecord(f"{place}: must be a table of fields")
    cells: dict[str, str] = {}
    for name, item in entry.items():
        if name in inner:
            continue
        if name not in fields:
            raise _InvalidRecord(f"{place}, {name}: unknown field; known fields: {', '.join((*fields, *inner))}")
        if isinstance(item, dict) or (isinstance(item, list) and name != "products"):
            raise _InvalidRecord(f"{place}, {name}: must be a text")
        cells[name] = ";".join(map(str, item)) if isinstance(item, list) else "" if item is None else str(item)
    return _Part(lambda name: f"{place}, {name}", cells)
