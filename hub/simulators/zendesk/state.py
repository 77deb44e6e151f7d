"""All that the simulated account holds in memory: tickets with comments and audits, files and articles."""

from __future__ import annotations

import hashlib
from collections import Counter
from html import escape
from time import gmtime, strftime
from typing import Any, NamedTuple

from hub.simulators.kit import Clock, Ledger, Row, Table
from hub.simulators.zendesk.options import Options, Seeds

CLOSED, DELETED = "closed", "deleted"
ORGANIZATION = 6130869157658


class User(NamedTuple):
    """Somebody who writes."""

    id: int
    name: str
    email: str
    role: str


ENGINEER = User(6130907990001, "Jane Okafor", "jane@desk.example", "agent")
MACHINE = User(6130907990009, "Acknowledgements", "noreply@desk.example", "agent")
ANYBODY = User(0, "Anonymous user", "", "end-user")

_BLANK: dict[str, Any] = {
    "external_id": None, "type": None, "subject": "", "description": "", "priority": None, "status": "new",
    "recipient": None, "assignee_id": None, "organization_id": ORGANIZATION, "group_id": None, "collaborator_ids": [],
    "follower_ids": [], "email_cc_ids": [], "forum_topic_id": None, "problem_id": None, "has_incidents": False,
    "is_public": True, "due_at": None, "tags": [], "custom_fields": [], "satisfaction_rating": None,
    "sharing_agreement_ids": [], "custom_status_id": 6130830355738, "followup_ids": [], "ticket_form_id": 6130830344474,
    "brand_id": 6130830354842, "allow_channelback": False, "allow_attachments": True, "from_messaging_channel": False,
}  # fmt: skip


class State:
    """Tables, counters, clock and ledger of one account."""

    def __init__(self, options: Options, seeds: Seeds, clock: Clock, ledger: Ledger) -> None:
        self.options, self.seeds, self.clock, self.ledger = options, seeds, clock, ledger
        self.users = [
            User(6130907993114, "RjR Hub", seeds.admin, "admin"),
            User(6130907993115, "RjR Agent", seeds.agent, "agent"),
            User(6130907993116, "RjR Level 1", seeds.customer, "end-user"),
            ENGINEER,
            MACHINE,
        ]
        self.tickets = Table(equal=("external_id",), ordered=("_generated", "_updated", "_created"))
        """Deleted ones too; times beginning with _ are epoch seconds."""
        self.comments: dict[str, list[dict[str, Any]]] = {}
        self.audits: dict[str, list[dict[str, Any]]] = {}
        self.files: dict[str, tuple[dict[str, Any], bytes]] = {}
        """By the secret of their address."""
        self.uploads: dict[str, tuple[float, list[str]]] = {}
        """Until when a token is good, and the secrets of its files."""
        self.articles: dict[str, dict[str, Any]] = {}
        self.answered: dict[str, tuple[float, str, Any]] = {}
        """By idempotency key: until when it is kept, the fingerprint of the parameters, and the first answer."""
        self.written: dict[str, list[float]] = {}
        """Times of the last updates of each ticket."""
        self.made: Counter[str] = Counter()

    def now(self) -> str:
        """The account's time."""
        return stamp(self.clock.now())

    def new_id(self, kind: str, first: int) -> int:
        """The next id of its kind."""
        self.made[kind] += 1
        return first + self.made[kind]

    def secret(self, kind: str) -> str:
        """A name that nobody guesses, the same in every run."""
        return hashlib.blake2b(
            f"{kind}{self.new_id(kind, 0)}".encode(), key=b"zd", digest_size=12
        ).hexdigest()

    def user(self, email: str) -> User | None:
        """The user with this address."""
        return next((one for one in self.users if one.email == email), None)

    def requester(self, name: str, email: str) -> User:
        """The user with this address, made if there is none yet."""
        found = self.user(email)
        if found is None:
            found = User(self.new_id("user", 6130907995000), name or email, email, "end-user")
            self.users.append(found)
        return found

    def ours(self) -> User:
        """The user whose login `account` gives."""
        found = self.user(self.seeds.admin if self.options.profile == "agent" else self.seeds.customer)
        assert found is not None
        return found

    def ticket(self, number: str) -> Row:
        """A ticket that is not deleted; LookupError when there is none."""
        row = self.tickets.get(str(number))
        if row is None or row.values["status"] == DELETED:
            raise LookupError(f"there is no ticket {number}; give its id")
        return row

    def key_of(self, values: dict[str, Any]) -> str:
        """The bond's key that a ticket carries: in external_id, or in brackets at the head of its subject."""
        subject = values["subject"]
        return values["external_id"] or (subject[1:].partition("]")[0] if subject.startswith("[") else "")

    def add_ticket(self, values: dict[str, Any], at: float | None = None) -> Row:
        """Store a ticket; `at` is its time of creation and change."""
        moment = self.clock.now() if at is None else at
        ident = self.new_id("ticket", 4013)
        row = {"id": ident, "via": via("api"), **_BLANK, **values}
        row |= {"created_at": stamp(moment), "updated_at": stamp(moment), "_created": int(moment)}
        row |= {"_updated": int(moment), "_generated": int(moment)}
        made = self.tickets.add(str(ident), row)
        made.hidden_until = self.clock.now() + self.options.index_seconds
        return made

    def change(self, row: Row, values: dict[str, Any]) -> None:
        """Change a ticket and its time of change."""
        now = self.clock.now()
        self.tickets.change(
            row, {**values, "updated_at": stamp(now), "_updated": int(now), "_generated": int(now)}
        )
        row.hidden_until = now + self.options.index_seconds

    def regenerate(self, row: Row) -> None:
        """Let the system rewrite a ticket, which moves it in exports and leaves its time of change."""
        self.tickets.change(row, {"_generated": int(self.clock.now())})

    def audit(self, row: Row, by: User, channel: str, custom: dict[str, Any]) -> dict[str, Any]:
        """Begin an audit; its events are to be added."""
        made = {
            "id": self.new_id("audit", 6164039218000), "ticket_id": row.values["id"], "created_at": self.now(),
            "author_id": by.id, "metadata": {"system": {}, "custom": dict(custom)}, "events": [], "via": via(channel),
        }  # fmt: skip
        self.audits.setdefault(row.key, []).append(made)
        return made

    def say(
        self, row: Row, audit: dict[str, Any], body: str, *, public: bool, files: list[dict[str, Any]]
    ) -> dict[str, Any]:
        """Add a comment to a ticket, as an event of the audit."""
        html = "".join(f'<p dir="auto">{escape(line, quote=False)}</p>' for line in body.split("\n"))
        said = {
            "id": self.new_id("event", 6164039300000), "type": "Comment", "author_id": audit["author_id"], "body": body,
            "html_body": f'<div class="zd-comment" dir="auto">{html}</div>', "plain_body": body, "public": public,
            "attachments": files, "audit_id": audit["id"],
        }  # fmt: skip
        audit["events"].append(said)
        more = {"via": audit["via"], "created_at": audit["created_at"], "metadata": audit["metadata"]}
        entry = said | more
        self.comments.setdefault(row.key, []).append(entry)
        return entry

    def record_file(self, secret: str, number: str, *, by: User, public: bool, sha: str = "") -> None:
        """Write a file that a comment brought into the ledger."""
        about, data = self.files[secret]
        digest = hashlib.sha256(data).hexdigest()
        self.ledger.store(
            "attachment", str(about["id"]), at=self.clock.now(), by=by.email, parent=number, size=len(data),
            public=public, sha256=sha or digest,
            values={"name": about["file_name"], "size": len(data), "sha256": digest},
        )  # fmt: skip


def stamp(seconds: float) -> str:
    """A time as the API writes it."""
    return strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(seconds))


def via(channel: str) -> dict[str, Any]:
    """By which way something came."""
    return {
        "channel": channel,
        "source": {"from": {}, "to": {}, "rel": "trigger" if channel == "rule" else None},
    }
