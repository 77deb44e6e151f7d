"""The state of the simulated account in memory: users, tickets, comments, audits, files and articles."""

from __future__ import annotations

import hashlib
from html import escape
from time import gmtime, strftime
from typing import Any

from hub.simulators.kit import Clock, Ledger, Row, Table
from hub.simulators.zendesk.options import Options, Seeds

ME, ENGINEER, MACHINE, ORGANIZATION = 6130907993114, 6130907993115, 6130907993199, 6130869157658
"""The account's own user, the vendor's engineer, an automation, and the customer's organization."""
VIA: dict[str, Any] = {"channel": "api", "source": {"from": {}, "to": {}, "rel": None}}
_CHANNELS = {ENGINEER: "web", MACHINE: "rule"}
"""The channel of each of them; all others use the API."""

_BLANK: dict[str, Any] = {
    "external_id": None,
    "via": VIA,
    "type": None,
    "subject": "",
    "raw_subject": "",
    "description": "",
    "priority": None,
    "status": "new",
    "recipient": None,
    "requester_id": ME,
    "submitter_id": ME,
    "assignee_id": None,
    "organization_id": ORGANIZATION,
    "group_id": None,
    "collaborator_ids": [],
    "follower_ids": [],
    "email_cc_ids": [],
    "forum_topic_id": None,
    "problem_id": None,
    "has_incidents": False,
    "is_public": True,
    "due_at": None,
    "tags": [],
    "custom_fields": [],
    "satisfaction_rating": None,
    "sharing_agreement_ids": [],
    "custom_status_id": 6130830355738,
    "fields": [],
    "followup_ids": [],
    "ticket_form_id": 6130830344474,
    "brand_id": 6130830354842,
    "allow_channelback": False,
    "allow_attachments": True,
    "from_messaging_channel": False,
}


class State:
    """Tables, clock and ledger of one account."""

    def __init__(self, options: Options, seeds: Seeds, clock: Clock, ledger: Ledger) -> None:
        self.options, self.seeds, self.clock, self.ledger = options, seeds, clock, ledger
        self.tickets = Table(equal=("external_id",), ordered=("_updated", "_created", "_generated"))
        """All tickets, deleted ones included; names with a leading _ are internal, their times in epoch seconds."""
        self.comments: dict[str, list[dict[str, Any]]] = {}
        self.audits: dict[str, list[dict[str, Any]]] = {}
        self.files: dict[str, tuple[dict[str, Any], bytes]] = {}
        """The description and the bytes of a file, by the token in its address."""
        self.uploads: dict[str, tuple[float, list[str]]] = {}
        """When an upload was made, and its files, by the upload's token."""
        self.sections: dict[str, dict[str, Any]] = {}
        self.categories: dict[str, dict[str, Any]] = {}
        self.articles: dict[str, dict[str, Any]] = {}
        self.users: dict[int, dict[str, Any]] = {}
        self._last_id, self._last_ticket, self._generated = 6164039218000, 4000, 0.0
        role = options.role if options.profile == "agent" else "end-user"
        self.add_user(seeds.name, seeds.email, role, ME)
        self.add_user(seeds.engineer, "agent@desk.example", "agent", ENGINEER)
        self.add_user("Automation", "bot@desk.example", "agent", MACHINE)

    def now(self) -> str:
        """The account's time."""
        return stamp(self.clock.now())

    def new_id(self) -> int:
        """The next id of anything but a ticket."""
        self._last_id += 1
        return self._last_id

    def new_token(self) -> str:
        """A token that can't be guessed from another."""
        return hashlib.blake2b(str(self.new_id()).encode(), key=b"zendesk", digest_size=12).hexdigest()

    def add_user(self, name: str, email: str, role: str, ident: int = 0) -> int:
        """Store a user; returns the id."""
        made = ident or self.new_id()
        self.users[made] = {
            "id": made,
            "name": name,
            "email": email,
            "role": role,
            "verified": True,
            "active": True,
            "organization_id": ORGANIZATION if role == "end-user" else None,
            "locale": "en-US",
            "created_at": "2024-01-09T10:00:00Z",
            "updated_at": "2024-01-09T10:00:00Z",
        }
        return made

    def user_of(self, email: str, name: str = "") -> int:
        """The user with this address, made when there is none."""
        for user in self.users.values():
            if user["email"].lower() == email.lower():
                return int(user["id"])
        return self.add_user(name or email, email, "end-user")

    def ticket(self, number: str) -> Row:
        """A ticket that is not deleted; LookupError when there is none."""
        row = self.tickets.get(str(number))
        if row is None or row.values["status"] == "deleted":
            raise LookupError(f"there is no ticket {number}; give its id")
        return row

    def key_of(self, row: Row) -> str:
        """The key that a ticket carries, in its external id or at the head of its subject."""
        external_id, subject = row.values["external_id"], row.values["subject"]
        return external_id or (subject[1:].partition("]")[0] if subject.startswith("[") else "")

    def add_ticket(self, values: dict[str, Any], at: float | None = None) -> Row:
        """Store a ticket; `at` is its time of creation and change."""
        moment = self.clock.now() if at is None else at
        self._last_ticket += 1
        row = _BLANK | {"id": self._last_ticket} | values
        row |= {
            "raw_subject": row["subject"],
            "fields": row["custom_fields"],
            "created_at": stamp(moment),
            "updated_at": stamp(moment),
            "_created": int(moment),
            "_updated": int(moment),
            "_generated": self._moment() if at is None else at,
        }
        made = self.tickets.add(str(self._last_ticket), row)
        made.hidden_until = self.clock.now() + self.options.index_seconds
        return made

    def change(self, row: Row, values: dict[str, Any], *, silent: bool = False) -> None:
        """Change a ticket and its times; a silent change is exported again with the old time of change."""
        now = self.clock.now()
        times = {"_generated": self._moment()}
        visible = {} if silent else {"updated_at": stamp(now), "_updated": int(now)}
        self.tickets.change(row, {**values, **times, **visible})
        row.hidden_until = now + self.options.index_seconds

    def _moment(self) -> float:
        # Two changes never have the same export time, or a cursor could skip one of them.
        self._generated = max(round(self.clock.now(), 6), round(self._generated + 1e-6, 6))
        return self._generated

    def add_comment(
        self,
        row: Row,
        body: str,
        *,
        public: bool,
        by: int,
        files: list[dict[str, Any]] | None = None,
        audit: int = 0,
        html: str = "",
    ) -> dict[str, Any]:
        """Add a comment to a ticket; the caller sees to the ticket's time and to the audit."""
        inside = html or f'<p dir="auto">{escape(body, quote=False).replace(chr(10), "<br>")}</p>'
        entry = {
            "id": self.new_id(),
            "type": "Comment",
            "author_id": by,
            "body": body,
            "html_body": f'<div class="zd-comment" dir="auto">{inside}</div>',
            "plain_body": body,
            "public": public,
            "attachments": files or [],
            "audit_id": audit,
            "via": _via(by),
            "created_at": self.now(),
            "metadata": {"system": {}, "custom": {}},
        }
        self.comments.setdefault(row.key, []).append(entry)
        return entry

    def describe(self, row: Row, text: str) -> None:
        """Give a ticket that was not created by the API its description, which is its first comment."""
        row.values["description"] = text
        entry = self.add_comment(row, text, public=True, by=ME, audit=self.new_id())
        entry["created_at"] = row.values["created_at"]

    def audit(
        self, row: Row, events: list[dict[str, Any]], *, by: int, custom: dict[str, Any] | None = None, ident: int = 0
    ) -> dict[str, Any]:
        """Add an audit of a change of a ticket."""
        entry = {
            "id": ident or self.new_id(),
            "ticket_id": row.values["id"],
            "created_at": self.now(),
            "author_id": by,
            "metadata": {"system": {}, "custom": custom or {}},
            "events": events,
            "via": _via(by),
        }
        self.audits.setdefault(row.key, []).append(entry)
        return entry

    def keep_file(self, name: str, media: str, data: bytes) -> str:
        """Store a file's bytes; the token of its address."""
        token = self.new_token()
        about = {
            "id": self.new_id(),
            "file_name": name,
            "content_type": media,
            "size": len(data),
            "inline": False,
            "deleted": False,
            "malware_access_override": False,
            "malware_scan_result": "not_scanned",
            "thumbnails": [],
            "_token": token,
        }
        self.files[token] = (about, data)
        return token

    def record_file(self, token: str, number: str, *, by: int, public: bool, sha: str = "") -> None:
        """Write a file that a comment holds into the ledger."""
        about, data = self.files[token]
        digest = hashlib.sha256(data).hexdigest()
        self.ledger.store(
            "attachment",
            str(about["id"]),
            at=self.clock.now(),
            by=str(by),
            parent=number,
            size=len(data),
            public=public,
            sha256=sha or digest,
            values={"name": about["file_name"], "size": len(data), "sha256": digest},
        )


def stamp(seconds: float) -> str:
    """A time as the API writes it."""
    return strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(seconds))


def _via(by: int) -> dict[str, Any]:
    """The channel by which a user wrote."""
    return VIA | {"channel": _CHANNELS.get(by, "api")}
