"""The state of the simulated account in memory: tickets, conversations, files and solutions."""

from __future__ import annotations

import hashlib
from collections import Counter
from time import gmtime, strftime
from typing import Any

from hub.simulators.freshdesk.markup import text_of
from hub.simulators.freshdesk.options import STATUSES, Options, Seeds
from hub.simulators.kit import Clock, Ledger, Row, Table

AGENT, ENGINEER, MACHINE, REQUESTER = 6010396333, 6010396334, 6010396399, 6012691534
"""The key's owner, the vendor's engineer, an automation, and the customer."""
CLOSED = 5

_BLANK: dict[str, Any] = {
    "cc_emails": [],
    "fwd_emails": [],
    "reply_cc_emails": [],
    "ticket_cc_emails": [],
    "fr_escalated": False,
    "spam": False,
    "email_config_id": None,
    "group_id": None,
    "priority": 1,
    "requester_id": REQUESTER,
    "responder_id": None,
    "source": 2,
    "company_id": None,
    "status": 2,
    "subject": "",
    "to_emails": None,
    "product_id": None,
    "type": None,
    "is_escalated": False,
    "description": "",
    "description_text": "",
    "tags": [],
    "attachments": [],
}


class State:
    """Tables, counters, clock and ledger of one account."""

    def __init__(self, options: Options, seeds: Seeds, clock: Clock, ledger: Ledger) -> None:
        self.options, self.seeds, self.clock, self.ledger = options, seeds, clock, ledger
        self.tickets = Table(ordered=("_updated", "_created", "_due", "status"))
        """Those that lists show; times beginning with _ are epoch seconds."""
        self.aside: dict[str, Row] = {}
        """Deleted ones and spam, by id."""
        self.conversations: dict[str, list[dict[str, Any]]] = {}
        """Notes and replies of a ticket by its id, oldest first."""
        self.files: dict[str, tuple[dict[str, Any], bytes]] = {}
        self.categories: dict[str, dict[str, Any]] = {}
        self.folders: dict[str, dict[str, Any]] = {}
        self.articles: dict[str, dict[str, Any]] = {}
        self.made: Counter[str] = Counter()
        self.statuses = STATUSES | dict(seeds.statuses)

    def now(self) -> str:
        """The account's time."""
        return stamp(self.clock.now())

    def new_id(self, kind: str, first: int = 0) -> int:
        """The next id of its kind."""
        self.made[kind] += 1
        return first + self.made[kind]

    def ticket(self, number: str) -> Row:
        """A ticket that lists show; LookupError when there is none."""
        row = self.tickets.get(str(number))
        if row is None:
            raise LookupError(f"there is no ticket {number}; give its id")
        return row

    def key_of(self, row: Row) -> str:
        """The bond's key that a ticket carries: in its field, or in brackets at the head of its subject."""
        stored = row.values["custom_fields"].get(self.seeds.external_field)
        subject = row.values["subject"]
        return stored or (subject[1:].partition("]")[0] if subject.startswith("[") else "")

    def add_ticket(self, values: dict[str, Any], at: float | None = None) -> Row:
        """Store a ticket; `at` is its time of creation and change."""
        moment = self.clock.now() if at is None else at
        ident, due = self.new_id("ticket", 5000), moment + 2 * 86_400
        custom = dict.fromkeys(self.seeds.custom_fields) | values.get("custom_fields", {})
        row = _BLANK | values | {"id": ident, "custom_fields": custom}
        row |= {
            "created_at": stamp(moment),
            "updated_at": stamp(moment),
            "due_by": stamp(due),
            "fr_due_by": stamp(due),
            "_created": int(moment),
            "_updated": int(moment),
            "_due": int(due),
        }
        if row["description"] and not row["description_text"]:
            row["description_text"] = text_of(row["description"])
        made = self.tickets.add(str(ident), row)
        made.hidden_until = self.clock.now() + self.options.index_seconds
        return made

    def change(self, row: Row, values: dict[str, Any]) -> None:
        """Change a ticket and its time of change."""
        now = self.clock.now()
        self.tickets.change(row, {**values, "updated_at": stamp(now), "_updated": int(now)})
        row.hidden_until = now + self.options.index_seconds

    def set_aside(self, row: Row, mark: str) -> None:
        """Remove a ticket from all lists except the list of deleted tickets or of spam."""
        self.change(row, {mark: True})
        self.tickets.remove(row)
        self.aside[row.key] = row

    def restore(self, row: Row) -> None:
        """Show a deleted ticket again."""
        del self.aside[row.key]
        values = {name: value for name, value in row.values.items() if name != "deleted"}
        self.tickets.add(row.key, values)
        self.change(self.tickets.rows[row.key], {})

    def add_comment(
        self, row: Row, body: str, *, private: bool, by: int, source: int = 2, files: list[dict[str, Any]] | None = None
    ) -> dict[str, Any]:
        """Add a note (source 2) or a reply (source 0) to a ticket."""
        now = self.now()
        entry = {
            "body": body,
            "body_text": text_of(body),
            "id": self.new_id("conversation", 6000),
            "incoming": False,
            "private": private,
            "user_id": by,
            "support_email": None,
            "source": source,
            "category": 2,
            "ticket_id": row.values["id"],
            "to_emails": [self.seeds.requester] if source == 0 else [],
            "from_email": "support@desk.example" if source == 0 else None,
            "cc_emails": [] if source == 0 else None,
            "bcc_emails": [] if source == 0 else None,
            "created_at": now,
            "updated_at": now,
            "attachments": files or [],
        }
        self.conversations.setdefault(row.key, []).append(entry)
        self.change(row, {})
        return entry

    def keep_file(self, name: str, media: str, data: bytes) -> dict[str, Any]:
        """Store a file's bytes; returns its description without an address."""
        ident = self.new_id("file", 44_000)
        about = {
            "id": ident,
            "name": name,
            "content_type": media,
            self.options.size_name: len(data),
            "created_at": self.now(),
            "updated_at": self.now(),
        }
        self.files[str(ident)] = (about, data)
        return about

    def record_file(self, about: dict[str, Any], number: str, *, by: str, public: bool, sha: str = "") -> None:
        """Write a stored file into the ledger."""
        data = self.files[str(about["id"])][1]
        digest = hashlib.sha256(data).hexdigest()
        self.ledger.store(
            "attachment",
            str(about["id"]),
            at=self.clock.now(),
            by=by,
            parent=number,
            size=len(data),
            public=public,
            values={"name": about["name"], "size": len(data), "sha256": digest},
            sha256=sha or digest,
        )


def stamp(seconds: float) -> str:
    """A time as the API writes it."""
    return strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(seconds))
