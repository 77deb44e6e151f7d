"""Reads customers and their contracts out of a file: CSV with a row for each contract or contact, TOML or JSON."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from hub.desk.customer_fields import CONTACT, CONTRACT, CUSTOMER, Plans, UnfitText, value
from hub.desk.layout import FileOptions, look
from hub.desk.rows import BadRow, open_rows
from hub.errors import BadInput
from hub.model import Contact, Contract, Customer

COLUMNS = {
    "customer": {name: name for name in CUSTOMER},
    "contact": {name: f"contact_{name}" for name in CONTACT},
    "contract": {name: "contract" if name == "number" else name for name in CONTRACT},
}
"""The columns of a CSV file for each part's fields; all but the customer's number and name may be left out."""

SHOWN = 20
"""Faults that one error names."""


class _Part(NamedTuple):
    """A customer, contact or contract as it is written."""

    where: Callable[[str], str]
    """The place of a field, for people."""
    cells: Mapping[str, str]


class _Record(NamedTuple):
    """A customer, or more of one that was told of before."""

    customer: _Part
    contacts: Sequence[_Part]
    contracts: Sequence[_Part]


class _Fault(Exception):
    """A record that is no customer."""


def read_customers(path: Path, plans: Plans) -> list[Customer]:
    """The customers of a file, in its order.

    Raises BadInput that names every fault with its row and column; then nothing of the file is to be stored.
    """
    read = _Read(plans)
    records = _nested(path) if path.suffix.lower() in {".toml", ".json"} else _csv(path)
    try:
        for record in records:
            read.take(record)
    except (OSError, ValueError, RecursionError) as error:  # what decoders raise is a ValueError
        raise BadInput(f"{path.name} can't be read: {error}") from None
    if read.faults:
        more = len(read.faults) - SHOWN
        told = [*read.faults[:SHOWN], *([f"and {more} more"] if more > 0 else [])]
        raise BadInput(
            f"nothing of {path.name} was imported:\n" + "\n".join(told), next_step="mend the file and import it again"
        )
    if not read.customers:
        raise BadInput(f"{path.name} holds no customer")
    return read.all()


class _Read:
    """What was read so far, and what is wrong with it."""

    def __init__(self, plans: Plans) -> None:
        self.faults: list[str] = []
        self.customers: dict[str, dict[str, Any]] = {}
        self._contacts: dict[str, list[Contact]] = {}
        self._contracts: dict[str, Contract] = {}
        self._plans = plans

    def all(self) -> list[Customer]:
        """The customers with all that belongs to them."""
        contracts: dict[str, list[Contract]] = {number: [] for number in self.customers}
        for one in self._contracts.values():
            contracts[one.customer].append(one)
        return [
            Customer(**fields, contacts=tuple(self._contacts[number]), contracts=tuple(contracts[number]))
            for number, fields in self.customers.items()
        ]

    def take(self, record: _Record | str) -> None:
        """Keep a record, or the fault that it has as a whole."""
        if isinstance(record, str):
            self.faults.append(record)
            return
        customer = record.customer
        before = self.customers.get(customer.cells.get("number", "").strip(), {})
        told = self._values(customer, CUSTOMER, ("number",) if before else ("number", "name"))
        if told is None:
            return
        for name in told:
            if name in before and before[name] != told[name]:
                self.faults.append(f"{customer.where(name)}: {told[name]!r}, but {before[name]!r} before")
        number = told["number"]
        self.customers[number] = before | told
        known = self._contacts.setdefault(number, [])
        for part in record.contacts:
            fields = self._values(part, CONTACT, ())
            if fields and (one := Contact(**fields)) not in known:
                known.append(one)
        for part in record.contracts:
            self._contract(part, number)

    def _contract(self, part: _Part, customer: str) -> None:
        told = self._values(part, CONTRACT, ("number", "plan", "starts_on"))
        if told is None:
            return
        one = Contract(customer=customer, **told)
        if self._contracts.setdefault(one.number, one) != one:
            self.faults.append(f"{part.where('number')}: {one.number} stands twice, with something else beside it")
        elif one.ends_on is not None and one.ends_on < one.starts_on:
            self.faults.append(f"{part.where('ends_on')}: {one.ends_on} is before {one.starts_on}")

    def _values(self, part: _Part, fields: Sequence[str], required: Sequence[str]) -> dict[str, Any] | None:
        """The fields that are told; None when one is at fault."""
        told: dict[str, Any] = {}
        faults = len(self.faults)
        for name in fields:
            text = part.cells.get(name, "")
            if not text.strip() and name not in required:
                continue
            try:
                told[name] = value(name, text, self._plans)
            except UnfitText as error:
                self.faults.append(f"{part.where(name)}: {error}")
        return told if len(self.faults) == faults else None


def _csv(path: Path) -> Iterator[_Record | str]:
    known = {column for columns in COLUMNS.values() for column in columns.values()}
    with open_rows(path, look(path, FileOptions(format="csv"))) as rows:
        if unknown := [name for name in rows.columns if name not in known]:
            raise BadInput(
                f"{path.name} has columns that customers don't have: {', '.join(unknown)}",
                next_step=f"the columns are: {', '.join(sorted(known))}",
            )
        if lacking := sorted({"number", "name"} - set(rows.columns)):
            raise BadInput(f"{path.name} has no column {' and no column '.join(lacking)}")
        for row in rows:
            if isinstance(row, BadRow):
                yield f"line {row.line}: {row.reason}"
                continue
            parts = {name: _cut(row.line, columns, row.values) for name, columns in COLUMNS.items()}
            yield _Record(
                parts["customer"],
                [parts["contact"]] if any(parts["contact"].cells.values()) else [],
                [parts["contract"]] if any(parts["contract"].cells.values()) else [],
            )


def _cut(line: int, columns: Mapping[str, str], values: Mapping[str, str]) -> _Part:
    cells = {name: values.get(column, "").strip() for name, column in columns.items()}
    return _Part(lambda name: f"line {line}, column {columns[name]}", cells)


def _nested(path: Path) -> Iterator[_Record | str]:
    text = path.read_text("utf-8-sig")
    told = tomllib.loads(text) if path.suffix.lower() == ".toml" else json.loads(text)
    if not isinstance(told, dict) or set(told) != {"customers"} or not isinstance(told["customers"], list):
        raise BadInput(f"{path.name} has to hold one list, `customers`, and nothing beside it")
    for number, one in enumerate(told["customers"], 1):
        place = f"customer {number}"
        try:
            customer = _part(place, one, CUSTOMER, inner=("contacts", "contracts"))
            yield _Record(
                customer,
                [_part(*found, CONTACT) for found in _inner(place, one, "contact")],
                [_part(*found, CONTRACT) for found in _inner(place, one, "contract")],
            )
        except _Fault as error:
            yield str(error)


def _inner(place: str, told: Mapping[str, Any], name: str) -> Iterator[tuple[str, Any]]:
    found = told.get(f"{name}s", [])
    if not isinstance(found, list):
        raise _Fault(f"{place}, {name}s: it has to be a list")
    return ((f"{place}, {name} {number}", one) for number, one in enumerate(found, 1))


def _part(place: str, told: Any, fields: Sequence[str], inner: Sequence[str] = ()) -> _Part:
    if not isinstance(told, dict):
        raise _Fault(f"{place}: it has to be a table of fields")
    cells: dict[str, str] = {}
    for name, one in told.items():
        if name in inner:
            continue
        if name not in fields:
            raise _Fault(f"{place}, {name}: there is no such field; there are: {', '.join((*fields, *inner))}")
        if isinstance(one, dict) or (isinstance(one, list) and name != "products"):
            raise _Fault(f"{place}, {name}: it has to be a text")
        cells[name] = ";".join(map(str, one)) if isinstance(one, list) else "" if one is None else str(one)
    return _Part(lambda name: f"{place}, {name}", cells)
