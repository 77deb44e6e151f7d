"""The server of a simulated account: classifies, authenticates, rate-limits and answers each call."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import msgspec

from hub.simulators.freshdesk import bodies, drift, engineer, lists, search, solutions, storage, tickets
from hub.simulators.freshdesk.options import Options, Seeds
from hub.simulators.freshdesk.replies import Refused, document
from hub.simulators.freshdesk.state import AGENT, State
from hub.simulators.kit import BaseSimulator, Call, Push, Reply, Row

_ROOT = ["api", "v2"]
_BUSY = "You have exceeded the limit of requests per minute"


class Freshdesk(BaseSimulator[Options, Seeds]):
    """One simulated account in memory; tests may use `state`, `ledger`, `faults`, `clock` and `engineer`."""

    options_type, seeds_type = Options, Seeds
    own_faults = drift

    def _start(self) -> None:
        self.state = State(self.options, self.seeds, self.clock, self.ledger)
        self.staff = self.engineer = engineer.Engineer(self.state)
        self.minute, self.used, self.failed = self.clock.now(), 0, 0
        for folder in self.seeds.folders:
            where = solutions.folder(self.state, folder.name, folder.category, folder.visibility)
            for article in folder.articles:
                solutions.store(
                    self.state, where, article.title, article.body, published=article.published, age=article.age_seconds
                )

    # --- for tests, demo and chaos runs ---

    def account(self, url: str) -> dict[str, object]:
        """The settings that reach this account."""
        seeds = self.seeds
        return {
            "base_url": f"{url}/api/v2",
            "api_key": seeds.api_key,
            "requester_email": seeds.requester,
            "external_id_field": seeds.external_field,
            "machine_authors": ("6010396399",),
            "patch_folders": (engineer.RELEASES,),
            "webhook_secret": seeds.webhook_path,
            "webhook_user": seeds.webhook_user,
            "webhook_password": seeds.webhook_password,
        }

    def fill(self, count: int, *, run: int = 1, first: str = "") -> list[str]:
        """Store many tickets without ledger entries, each `run` at the same time; returns their ids in order."""
        began, made = self.clock.now() - 3600, []
        for at in range(count):
            custom = {self.seeds.external_field: first} if first and at == 0 and self.seeds.external_field else {}
            head = f"[{first}] " if first and at == 0 and not custom else ""
            values = {"subject": f"{head}Ticket {at}", "custom_fields": custom}
            made.append(self.state.add_ticket(values, began + at // run).key)
        return made

    def touch(self, number: str) -> None:
        """Change a ticket slightly, so that it becomes the last in order of change."""
        row = self.state.ticket(number)
        self.state.change(row, {"subject": f"{row.values['subject']}."})

    def push(self, number: str) -> Push:
        """The webhook of an automation rule, with a secret path and a password, and no signature."""
        values = self.state.ticket(number).values
        said = {"ticket_id": values["id"], "status": values["status"], "updated_at": values["updated_at"]}
        pair = f"{self.seeds.webhook_user}:{self.seeds.webhook_password}".encode()
        headers = {"Content-Type": "application/json", "Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        return Push(f"/{self.seeds.webhook_path}", msgspec.json.encode(said), headers)

    # --- for the server ---

    def classify(self, call: Call) -> None:
        """Name the operation from the request's head."""
        call.user = "agent"
        multipart = call.headers.get("Content-Type", "").startswith("multipart/")
        match call.method, call.parts[2:] if call.parts[:2] == _ROOT else call.parts:
            case "GET", ["storage", *_]:
                call.operation = "download"
            case "POST", ["tickets"]:
                call.operation = "create"
            case "GET", ["tickets"]:
                call.operation = "find" if call.query.get("order_by") == "created_at" else "query"
            case "GET", ["tickets", _]:
                call.operation = "read"
            case "PUT" | "DELETE", ["tickets", *_]:
                call.operation = "update"
            case "GET", ["tickets", _, "conversations"]:
                call.operation = "notes"
            case "POST", ["tickets", _, "notes" | "reply"]:
                call.operation = "attach" if multipart else "note"
            case "GET", ["search", "tickets"]:
                call.operation = "find"
            case "GET", ["solutions", "articles", _]:
                call.operation = "article"
            case "GET", ["solutions", *_] | ["search", "solutions"]:
                call.operation = "articles"

    def answer(self, call: Call) -> Reply:
        """Carry out the call."""
        if call.parts[0] == "storage" and len(call.parts) > 1:
            return storage.fetch(self.state, call)
        left = used = 0
        try:
            used, left = self._spend(call)
            self._prove(call)
            reply = self._route(call)
        except Refused as refusal:
            reply = refusal.reply()
        if self.options.credits_a_minute:
            reply.headers |= {
                "X-RateLimit-Total": str(self.options.credits_a_minute),
                "X-RateLimit-Remaining": str(left),
                "X-RateLimit-Used-CurrentRequest": str(used),
            }
        reply.headers["X-Freshdesk-API-Version"] = "latest=v2; requested=v2"
        return reply

    def _spend(self, call: Call) -> tuple[int, int]:
        """Count a call's credits, even if it is refused: each name in `include` costs two more."""
        if self.clock.now() >= self.minute + 60:
            self.minute, self.used = self.clock.now(), 0
        asked = [part for part in call.query.get("include", "").split(",") if part]
        cost = 1 + 2 * len(asked)
        self.used += cost
        limit = self.options.credits_a_minute
        if limit and self.used > limit:
            wait = max(1, int(self.minute + 60 - self.clock.now()))
            raise Refused(429, "", _BUSY, Retry_After=str(wait))
        return cost, max(0, limit - self.used)

    def _prove(self, call: Call) -> None:
        if self.options.lockout_after and self.failed >= self.options.lockout_after:
            raise Refused(403, "password_lockout", "Your account has been locked for too many failed logins.")
        kind, _, proof = call.headers.get("Authorization", "").partition(" ")
        try:
            key = base64.b64decode(proof).decode().partition(":")[0] if kind == "Basic" else ""
        except (binascii.Error, UnicodeDecodeError):
            key = ""
        if key != self.seeds.api_key:
            self.failed += 1
            raise drift.bad_key()
        self.failed = 0

    def _route(self, call: Call) -> Reply:
        if call.parts[:2] != _ROOT:
            raise Refused(404)
        match call.method, call.parts[2:]:
            case "GET", ["agents", "me"]:
                return document(_me())
            case "GET", ["ticket_fields"]:
                return document(self._fields(call.query.get("type", "")))
            case "GET", ["settings", "helpdesk"]:
                return document({"primary_language": "en", "supported_languages": [], "portal_languages": []})
            case "GET", ["tickets"]:
                return lists.tickets(self.state, call)
            case "POST", ["tickets"]:
                row = tickets.create(self.state, bodies.read(call, self.options.max_upload), call)
                return document(self._whole(call, row), 201, Location=f"/api/v2/tickets/{row.key}")
            case "GET", ["search", "tickets"]:
                return search.search(self.state, call)
            case "GET", ["search", "solutions"]:
                return solutions.search(self.state, call)
            case "GET", ["solutions", *rest]:
                return solutions.answer(self.state, call, rest)
            case _, ["tickets", ident, *rest]:
                return self._ticket(call, ident, rest)
        raise Refused(405 if call.parts[2:] in (["tickets"], ["ticket_fields"]) else 404)

    def _ticket(self, call: Call, ident: str, rest: list[str]) -> Reply:
        row = self.state.tickets.get(ident)
        gone = self.state.aside.get(ident)
        if row is None and gone is not None and self.options.deleted == "told" and call.method == "GET":
            row = gone
        if gone is not None and (call.method, rest) == ("PUT", ["restore"]):
            self.state.restore(gone)
            return Reply(204)
        if row is None:
            raise Refused(404)
        match call.method, rest:
            case "GET", []:
                return document(self._whole(call, row))
            case "PUT", []:
                tickets.update(self.state, row, bodies.read(call, self.options.max_upload), call)
                return document(self._whole(call, row))
            case "DELETE", []:
                self.engineer.delete(row.key)
                return Reply(204)
            case "GET", ["conversations"]:
                every = [self._shown(call, entry) for entry in self.state.conversations.get(row.key, [])]
                return lists.sliced(call, every)
            case "POST", ["notes" | "reply"]:
                given = bodies.read(call, self.options.max_upload)
                entry = tickets.comment(self.state, row, given, call, reply=rest == ["reply"])
                return document(self._shown(call, entry), 201)
        raise Refused(405)

    def _whole(self, call: Call, row: Row) -> dict[str, Any]:
        asked = lists.includes(call, ("conversations", "requester", "company", "stats")) if call.method == "GET" else []
        document = {name: value for name, value in row.values.items() if not name.startswith("_")}
        document |= lists.besides(self.state, row, asked)
        if "conversations" in asked:
            document["conversations"] = [
                self._shown(call, entry) for entry in self.state.conversations.get(row.key, [])[:10]
            ]
        return self._shown(call, document)

    def _shown(self, call: Call, entry: dict[str, Any]) -> dict[str, Any]:
        host = call.headers.get("Host", "")
        return entry | {"attachments": [storage.signed(self.state, file, host) for file in entry["attachments"]]}

    def _fields(self, kind: str) -> list[dict[str, Any]]:
        wanted = self.options.required_fields
        statuses = {str(number): list(names) for number, names in self.state.statuses.items()}
        fields = [
            _field("status", "Status", "default_status", statuses),
            _field("priority", "Priority", "default_priority", {"Low": 1, "Medium": 2, "High": 3, "Urgent": 4}),
            _field("ticket_type", "Type", "default_ticket_type", list(self.seeds.types)),
            *(
                _field(name, name[3:].replace("_", " ").capitalize(), "custom_text", [], needed=name in wanted)
                for name in self.seeds.custom_fields
            ),
        ]
        return [field for field in fields if kind in ("", field["type"])]


def _me() -> dict[str, Any]:
    contact = {"active": True, "email": "agent@desk.example", "name": "RjR Integration", "language": "en"}
    made = "2024-01-09T10:00:00Z"
    about = {"signature": None, "created_at": made, "updated_at": made, "type": "support_agent", "contact": contact}
    return {"id": AGENT, "available": True, "occasional": False, "ticket_scope": 1, **about}


def _field(name: str, label: str, kind: str, choices: Any, *, needed: bool = True) -> dict[str, Any]:
    made = "2024-01-09T10:00:00Z"
    return {
        "id": 6000 + sum(name.encode()),
        "name": name,
        "label": label,
        "description": label,
        "type": kind,
        "position": 1,
        "required_for_agents": needed,
        "required_for_closure": False,
        "required_for_customers": False,
        "label_for_customers": label,
        "customers_can_edit": False,
        "displayed_to_customers": True,
        "default": kind.startswith("default"),
        "choices": choices,
        "created_at": made,
        "updated_at": made,
    }
