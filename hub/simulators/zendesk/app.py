"""The server of a simulated account: finds out what a call wants, checks who asks and how often, and answers."""

from __future__ import annotations

import base64
import hmac
from email.utils import formatdate
from typing import Any

import msgspec

from hub.simulators.kit import Call, Clock, Faults, Ledger, Push, Reply, Rule
from hub.simulators.zendesk import agents, auth, center, drift, engineer, files, lists, requests
from hub.simulators.zendesk.options import Options, Seeds
from hub.simulators.zendesk.replies import Refused, document, forbidden, no_such_path, too_many
from hub.simulators.zendesk.state import ANYBODY, MACHINE, State, User

_UNSIGNED = {
    "X-Zendesk-Account-Id": "21780001", "X-Zendesk-Webhook-Id": "01HVQ5Z3K8M2N4P6R8T0V2X4Z6",
    "X-Zendesk-Webhook-Invocation-Id": "01HVQ60000000000000000000",
}  # fmt: skip


class Zendesk:
    """One simulated account in memory; `state`, `ledger`, `faults`, `clock`, `engineer` are open to tests."""

    reads_bodies_first = True

    def __init__(self, *, seed: int = 0, seeds: Seeds | None = None, options: Options | None = None) -> None:
        self.options, self.seeds = options or Options(), seeds or Seeds()
        self.clock, self.latency = Clock(), self.options.latency
        self.ledger = Ledger(lean=self.options.lean_ledger)
        self.faults = Faults(drift.KINDS, seed=seed)
        self._start()

    def reset(self) -> None:
        """Forget all but the seeds."""
        self.clock.reset()
        self.ledger.reset()
        self.faults.reset()
        self._start()

    def _start(self) -> None:
        self.state = State(self.options, self.seeds, self.clock, self.ledger)
        self.engineer = engineer.Engineer(self.state)
        self.logins = auth.Logins(self.state)
        self.minute, self.used = self.clock.now(), {"all": 0, "export": 0}
        for one in self.seeds.articles:
            center.store(self.state, one)

    # --- what tests, demo and chaos ask ---

    def account(self, url: str) -> dict[str, object]:
        """The settings that reach this account."""
        return {
            "base_url": f"{url}/api/v2", "profile": self.options.profile, "email": self.state.ours().email,
            "api_token": self.seeds.api_token, "webhook_secret": self.seeds.webhook_secret,
            "machine_authors": (MACHINE.name,),
        }  # fmt: skip

    def fill(self, count: int, *, run: int = 1, first: str = "") -> list[str]:
        """Store many tickets, `run` of them with one time, out of the ledger; their ids in order of change."""
        began, made, ours = self.clock.now() - 3600, list[str](), self.state.ours()
        for at in range(count):
            key = first if at == 0 else ""
            values: dict[str, Any] = {"subject": f"Ticket {at}", "priority": "normal", "status": "open"}
            values |= {"requester_id": ours.id, "submitter_id": ours.id, "description": f"Ticket {at}"}
            if self.options.profile == "agent":
                values["external_id"] = key or None
            elif key:
                values["subject"] = f"[{key}] Ticket {at}"
            row = self.state.add_ticket(values, began + at // run)
            audit = self.state.audit(row, ours, "web", {}) | {"created_at": row.values["created_at"]}
            self.state.say(row, audit, f"Ticket {at}", public=True, files=[])
            made.append(row.key)
        return made

    def touch(self, number: str) -> None:
        """Change a ticket a little, so that it moves to the end of the order of change."""
        row = self.state.ticket(number)
        self.state.change(row, {"subject": f"{row.values['subject']}."})

    def expire_logins(self) -> None:
        """End all tokens of OAuth; an API token has no session."""
        self.logins.access.clear()

    def push(self, number: str) -> Push:
        """The webhook of an event, signed with its time."""
        values, time = self.state.ticket(number).values, self.state.now()
        said = {
            "type": "zen:event-type:ticket.updated", "id": self.state.secret("event"), "time": time,
            "detail": {"id": str(values["id"]), "status": values["status"].upper(), "updated_at": values["updated_at"]},
        }  # fmt: skip
        body = msgspec.json.encode(said)
        proof = hmac.digest(self.seeds.webhook_secret.encode(), time.encode() + body, "sha256")
        signed = {
            "X-Zendesk-Webhook-Signature": base64.b64encode(proof).decode(),
            "X-Zendesk-Webhook-Signature-Timestamp": time,
        }
        plain = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Zendesk Webhook"}
        unsigned = frozenset(name.lower() for name in _UNSIGNED)
        return Push("", body, plain | signed | _UNSIGNED, unsigned=unsigned)

    def tell(self, action: str, arguments: dict[str, Any]) -> object:
        """Have the engineer or the editor act."""
        return engineer.tell(self.engineer, action, arguments)

    # --- what the server asks ---

    def classify(self, call: Call) -> None:
        """Name the operation; whether an update is a comment stands in its body."""
        call.user = "api"
        match call.method, _place(call):
            case _, ["oauth", *_]:
                call.operation = "login"
            case "GET", ["attachments", *_]:
                call.operation = "download"
            case "POST", ["tickets" | "requests"]:
                call.operation = "create"
            case "POST", ["uploads"]:
                call.operation = "attach"
            case "PUT", ["tickets" | "requests", _]:
                call.operation = "note" if _only_speaks(call.body) else "update"
            case "GET", ["requests", "search"]:
                call.operation = "find"
            case "GET", ["tickets" | "requests", _]:
                call.operation = "read"
            case "GET", ["tickets" | "requests", _, _]:
                call.operation = "notes"
            case "GET", ["tickets"]:
                call.operation = "find"
            case "GET", ["requests"]:
                call.operation = "find" if call.query.get("sort_by") == "created_at" else "query"
            case "GET", ["incremental", *_]:
                call.operation = "query"
            case "GET", ["help_center", *rest]:
                call.operation = "article" if rest[-1].isdigit() else "articles"

    def admit(self, call: Call) -> Reply | None:  # noqa: ARG002 - refuses nobody before it has read a call
        """Let each call pass."""
        return None

    def answer(self, call: Call) -> Reply:
        """Do what was asked."""
        left = 0
        try:
            left = self._spend(call)
            reply = self._route(call, _place(call))
        except Refused as refusal:
            reply = refusal.reply()
        limit = self.options.requests_a_minute
        if limit:
            reset = str(int(self.minute + 60 - self.clock.now()))
            names = {"X-Rate-Limit": str(limit), "X-Rate-Limit-Remaining": str(left)}
            reply.headers |= names | {"ratelimit-reset": reset, "rate-limit-reset": reset}
        reply.headers["Date"] = formatdate(self.clock.now(), usegmt=True)
        reply.headers["x-zendesk-api-version"] = "v2"
        return reply

    def refuse(self, rule: Rule) -> Reply:
        """The refusal that a fault calls for."""
        return drift.refuse(rule)

    def reshape(self, rule: Rule, reply: Reply) -> Reply:
        """A reply bent by a fault."""
        return drift.reshape(rule, reply)

    def _spend(self, call: Call) -> int:
        """Count a call against its limits, those of refused ones too; what is left of the minute."""
        if self.clock.now() >= self.minute + 60:
            self.minute, self.used = self.clock.now(), {"all": 0, "export": 0}
        pools = {"all": self.options.requests_a_minute}
        if _place(call)[:1] == ["incremental"]:
            pools["export"] = self.options.exports_a_minute
        for pool, limit in pools.items():
            self.used[pool] += 1
            if limit and self.used[pool] > limit:
                raise too_many(max(1, int(self.minute + 60 - self.clock.now())))
        return max(0, self.options.requests_a_minute - self.used["all"])

    def _route(self, call: Call, place: list[str]) -> Reply:
        if place == ["oauth", "tokens"] and call.method == "POST":
            return self.logins.grant(call)
        by = self.logins.who(call)
        match call.method, place:
            case "GET", ["attachments", "token", *_]:
                return files.fetch(self.state, call, known=by is not None)
            case "GET", ["users", "me"]:
                return document({"user": _told(by or ANYBODY)})
            case "GET", ["help_center", *rest]:
                return center.answer(self.state, call, by, list(rest))
        if by is None:
            raise Refused(401, "Couldn't authenticate you")
        match place:
            case ["uploads"] if call.method == "POST":
                return files.upload(self.state, call)
            case ["requests", *rest]:
                return self._request(call, by, list(rest))
            case ["tickets" | "incremental", *_] if by.role == "end-user":
                raise forbidden()
            case ["incremental", "tickets", *rest] if call.method == "GET":
                if by.role != "admin":
                    raise forbidden()
                return document(
                    lists.export(self.state, call) if rest == ["cursor"] else lists.timed(self.state, call)
                )
            case ["tickets", *rest]:
                return agents.answer(self.state, call, by, list(rest))
        raise no_such_path()

    def _request(self, call: Call, by: User, rest: list[str]) -> Reply:
        state, host = self.state, call.headers.get("Host", "")
        match call.method, rest:
            case "POST", []:
                row = requests.create(state, call, by)
                return document({"request": requests.shown(state, row, host)}, 201)
            case "GET", []:
                return document(lists.mine(state, call, by))
            case "GET", ["search"]:
                return document(lists.search(state, call, by))
            case "GET", [ident]:
                return document({"request": requests.shown(state, requests.mine(state, ident, by), host)})
            case "PUT", [ident]:
                row = requests.mine(state, ident, by)
                requests.update(state, row, call, by)
                return document({"request": requests.shown(state, row, host)})
            case "GET", [ident, "comments"]:
                row = requests.mine(state, ident, by)
                return document(lists.comments(state, call, row, public_only=True))
        raise no_such_path()


def _place(call: Call) -> list[str]:
    """The parts of the address below the API's root, without the suffix that may stand at its end."""
    parts = call.parts[2:] if call.parts[:2] == ["api", "v2"] else call.parts
    return [*parts[:-1], parts[-1].removesuffix(".json")] if parts else []


def _only_speaks(body: bytes) -> bool:
    """Whether an update holds a comment and changes nothing else."""
    try:
        told = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return False
    given: Any = (told.get("ticket") or told.get("request")) if isinstance(told, dict) else None
    return isinstance(given, dict) and "comment" in given and set(given) <= {"comment", "metadata"}


def _told(by: User) -> dict[str, Any]:
    return {"id": by.id or None, "name": by.name, "email": by.email, "role": by.role, "active": True}
