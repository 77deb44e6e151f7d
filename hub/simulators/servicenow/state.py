"""The state of the simulated instance in memory; every scalar is a string."""

from __future__ import annotations

import hashlib
from collections import Counter
from time import gmtime, strftime

from hub.simulators.kit import Clock, Ledger
from hub.simulators.servicenow.options import ACCOUNT, CONTACT, Options, Seeds
from hub.simulators.servicenow.query import Row

CASES = "sn_customerservice_case"
USER = "0d2e44d2db6f0010c5e3a1f2ca961900"
ENGINEER = "da4144d2db6f0010c5e3a1f2ca961901"
MACHINE = "5a5744d2db6f0010c5e3a1f2ca961902"
CASE_FIELDS = (
    "sys_id",
    "number",
    "short_description",
    "description",
    "state",
    "priority",
    "impact",
    "urgency",
    "escalation",
    "active",
    "category",
    "contact_type",
    "account",
    "contact",
    "consumer",
    "partner",
    "partner_contact",
    "product",
    "asset",
    "assigned_to",
    "assignment_group",
    "comments",
    "work_notes",
    "close_notes",
    "resolution_code",
    "cause",
    "correlation_id",
    "correlation_display",
    "opened_at",
    "resolved_at",
    "closed_at",
    "sys_created_on",
    "sys_updated_on",
    "sys_created_by",
    "sys_updated_by",
    "sys_mod_count",
    "sys_class_name",
)
_DEFAULTS = {
    "state": "1",
    "priority": "4",
    "impact": "3",
    "urgency": "3",
    "escalation": "0",
    "active": "true",
    "category": "1",
    "account": ACCOUNT,
    "contact": CONTACT,
    "sys_class_name": CASES,
}


class State:
    """Tables, counters, clock and ledger of one instance."""

    def __init__(self, options: Options, seeds: Seeds, clock: Clock, ledger: Ledger) -> None:
        self.options, self.seeds, self.clock, self.ledger = options, seeds, clock, ledger
        self.cases: dict[str, Row] = {}
        self.numbers: dict[str, str] = {}
        self.journal: dict[str, list[Row]] = {}
        """Entries of a case by its sys_id, oldest first."""
        self.files: dict[str, Row] = {}
        self.bytes: dict[str, bytes] = {}
        self.articles: dict[str, Row] = {}
        self.hidden: set[str] = set()
        """Cases that row-level access removes after the limit."""
        self.made: Counter[str] = Counter()

    def now(self) -> str:
        """The instance's time."""
        return stamp(self.clock.now())

    def new_id(self) -> str:
        """The next sys_id."""
        self.made["id"] += 1
        return hashlib.blake2b(str(self.made["id"]).encode(), digest_size=16).hexdigest()

    def number(self, prefix: str) -> str:
        """The next number that people see."""
        self.made[prefix] += 1
        return f"{prefix}{1000 + self.made[prefix]:07d}"

    def case(self, name: str) -> Row:
        """The case with this number, sys_id or key; LookupError when there is none."""
        row = self.cases.get(self.numbers.get(name, name))
        if row is None:
            row = next((row for row in self.cases.values() if key(row) == name), None)
        if row is None:
            raise LookupError(f"there is no case {name}; give its number")
        return row

    def add_case(self, values: Row, by: str, at: str = "") -> Row:
        """Store a case with its system fields."""
        now, ident = at or self.now(), self.new_id()
        number = self.number("CS")
        row = dict.fromkeys(CASE_FIELDS, "") | _DEFAULTS | values
        row |= {
            "sys_id": ident,
            "number": number,
            "opened_at": now,
            "sys_created_on": now,
            "sys_updated_on": now,
            "sys_created_by": by,
            "sys_updated_by": by,
            "sys_mod_count": "0",
        }
        self.cases[ident] = row
        self.numbers[number] = ident
        return row

    def change_case(self, row: Row, values: Row, by: str) -> None:
        """Change a case and its stamps."""
        row.update(values)
        row["sys_updated_on"], row["sys_updated_by"] = self.now(), by
        row["sys_mod_count"] = str(int(row["sys_mod_count"]) + 1)

    def add_entry(self, row: Row, element: str, text: str, who: tuple[str, str]) -> str:
        """Add an entry to a case's journal; its sys_id."""
        ident = self.new_id()
        entry = {
            "sys_id": ident,
            "element": element,
            "value": text,
            "name": who[1],
            "login_name": who[1],
            "user_sys_id": who[0],
            "sys_created_on": self.now(),
            "element_id": row["sys_id"],
        }
        self.journal.setdefault(row["sys_id"], []).append(entry)
        return ident


def key(row: Row) -> str:
    """The bond's key that a case carries: in its field, or at the head of its title."""
    title = row["short_description"]
    in_title = title[1:].partition("]")[0] if title.startswith("[") else ""
    return row["correlation_id"] or in_title


def stamp(seconds: float) -> str:
    """A time as the API writes it, UTC."""
    return strftime("%Y-%m-%d %H:%M:%S", gmtime(seconds))
