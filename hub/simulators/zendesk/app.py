"""The server of a simulated account: classifies, authenticates, rate-limits and answers each call."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import msgspec

from hub.simulators.kit import BaseSimulator, Call, Push, Reply, Row
from hub.simulators.zendesk import (
    auth,
    drift,
    engineer,
    exports,
    helpcenter,
    limits,
    query,
    requests,
    shapes,
    tickets,
    uploads,
)
from hub.simulators.zendesk.options import Options, Seeds
from hub.simulators.zendesk.paging import paged
from hub.simulators.zendesk.replies import Refused, document, forbidden, missing, no_path, unknown_caller
from hub.simulators.zendesk.state import MACHINE, State

_ROOT = ["api", "v2"]
_MANY = 100


class Zendesk(BaseSimulator[Options, Seeds]):
    """One simulated account in memory; tests may use `state`, `ledger`, `faults`, `clock` and `engineer`."""

    reads_bodies_first = True

    options_type, seeds_type = Options, Seeds
    own_faults = drift

    def _start(self) -> None:
        self.state = State(self.options, self.seeds, self.clock, self.ledger)
        self.staff = self.engineer = engineer.Engineer(self.state)
        self.logins = auth.Logins(self.state)
        self.limits = limits.Limits(self.options, self.clock)
        self._keys: dict[str, tuple[float, str, Reply]] = {}
        for article in self.seeds.articles:
            where = helpcenter.section(self.state, article.section, article.category)
            helpcenter.store(
                self.state,
                where,
                article.title,
                article.body,
                locale=article.locale,
                labels=article.labels,
                draft=article.draft,
                segment=article.segment,
                age=article.age_seconds,
            )

    # --- for tests, demo and chaos runs ---

    def account(self, url: str) -> dict[str, object]:
        """The settings that reach this account."""
        return {
            "base_url": f"{url}/api/v2",
            "profile": self.options.profile,
            "email": self.seeds.email,
            "api_token": self.seeds.api_token,
            "webhook_secret": self.seeds.webhook_secret,
            "machine_authors": (str(MACHINE),),
        }

    def fill(self, count: int, *, run: int = 1, first: str = "") -> list[str]:
        """Store many tickets without ledger entries, each `run` at the same time; returns their ids in order."""
        began, made, agent = self.clock.now() - 3600, [], self.options.profile == "agent"
        for at in range(count):
            keyed = bool(first) and at == 0
            values: dict[str, Any] = {"subject": f"[{first}] Ticket" if keyed and not agent else f"Ticket {at}"}
            if keyed and agent:
                values["external_id"] = first
            row = self.state.add_ticket(values, float(int(began) + at // run))
            self.state.describe(row, "As told on the telephone.")
            made.append(row.key)
        return made

    def touch(self, number: str) -> None:
        """Change a ticket slightly, so that it becomes the last in order of change."""
        row = self.state.ticket(number)
        self.state.change(row, {"subject": f"{row.values['subject']}."})

    def expire_logins(self) -> None:
        """End all OAuth tokens; an API token has no session."""
        self.logins.expire()

    def push(self, number: str) -> Push:
        """The signed webhook for a change of this ticket."""
        values, at = self.state.ticket(number).values, self.state.now()
        said = {
            "type": "zen:event-type:ticket.status_changed",
            "account_id": 26155588,
            "id": self.state.new_token(),
            "time": at,
            "zendesk_event_version": "2022-11-06",
            "subject": f"zen:ticket:{number}",
            "detail": {
                "id": str(number),
                "status": values["status"].upper(),
                "external_id": values["external_id"],
                "subject": values["subject"],
                "updated_at": values["updated_at"],
            },
            "event": {"current": values["status"].upper()},
        }
        body = msgspec.json.encode(said)
        proof = hmac.new(self.seeds.webhook_secret.encode(), at.encode() + body, hashlib.sha256).digest()
        plain = {
            "Content-Type": "application/json",
            "User-Agent": "Zendesk Webhook",
            "X-Zendesk-Account-Id": "26155588",
            "X-Zendesk-Webhook-Id": "01HBNK8Z3JX0J4T6W5K9V2Q7RM",
            "X-Zendesk-Webhook-Invocation-Id": self.state.new_token(),
        }
        signed = {
            "X-Zendesk-Webhook-Signature": base64.b64encode(proof).decode(),
            "X-Zendesk-Webhook-Signature-Timestamp": at,
        }
        return Push("", body, plain | signed, frozenset(name.lower() for name in plain))

    # --- for the server ---

    def classify(self, call: Call) -> None:
        """Name the operation; a trailing .json is ignored, and the body shows whether an update is only a comment."""
        if call.parts[0] not in {"attachments", "cdn"}:
            call.parts[-1] = call.parts[-1].removesuffix(".json")
        call.user = "account"
        match call.method, call.parts[2:] if call.parts[:2] == _ROOT else call.parts:
            case _, ["oauth", *_]:
                call.operation = "login"
            case "GET", ["attachments" | "cdn", *_]:
                call.operation = "download"
            case "POST", ["tickets" | "requests"]:
                call.operation = "create"
            case "POST", ["uploads"]:
                call.operation = "attach"
            case "PUT" | "DELETE", ["tickets" | "requests", *_]:
                call.operation = "note" if tickets.only_comments(call.body) else "update"
            case "GET", ["tickets" | "requests", _, "comments" | "audits"]:
                call.operation = "notes"
            case "GET", ["tickets"] if "external_id" in call.query:
                call.operation = "find"
            case "GET", ["requests" | "tickets" | "incremental" | "search", *rest]:
                searched = rest == ["search"] or call.parts[2] == "search"
                single = len(rest) == 1 and call.parts[2] in {"requests", "tickets"} and rest[0].isdigit()
                call.operation = "find" if searched else "read" if single else "query"
            case "GET", ["help_center", *rest]:
                call.operation = "article" if rest and rest[-1].isdigit() else "articles"

    def answer(self, call: Call) -> Reply:
        """Carry out the call."""
        rest = call.parts[2:] if call.parts[:2] == _ROOT else []
        try:
            if "session_dropped" in call.faults:
                self.expire_logins()
            self.limits.spend(call, rest)
            reply = self._route(call, rest)
        except Refused as refusal:
            reply = refusal.reply()
        self.limits.add_headers(reply, rest)
        reply.headers["x-zendesk-api-version"] = "v2"
        return reply

    def _route(self, call: Call, rest: list[str]) -> Reply:
        if (call.method, call.parts) == ("POST", ["oauth", "tokens"]):
            return self.logins.token(call)
        if call.parts[0] == "cdn":
            return uploads.stored(self.state, call)
        by = self.logins.caller(call)
        if call.parts[:2] == ["attachments", "token"] and len(call.parts) > 2:
            return uploads.fetch(self.state, call, logged_in=bool(by))
        role = self.state.users[by]["role"] if by else "anonymous"
        agent = role in {"admin", "agent"}
        match call.method, rest:
            case "GET", ["users", "me"]:
                nobody = {"id": None, "name": "Anonymous user", "email": "invalid@example.com", "role": "end-user"}
                return document({"user": self.state.users[by] if by else nobody})
            case "GET", ["help_center", *more]:
                return helpcenter.answer(self.state, call, more, agent=agent)
            case _, ["requests", *more]:
                return requests.answer(self.state, call, more, by)
            case _ if not rest:
                raise no_path()
        if not by:
            raise unknown_caller()
        match call.method, rest:
            case "GET", ["oauth", "tokens", "current"]:
                return self.logins.current(call)
            case "POST", ["uploads"]:
                return uploads.upload(self.state, call)
            case "DELETE", ["uploads", token]:
                return uploads.drop(self.state, token)
            case "GET", ["attachments", ident]:
                return uploads.attachment(self.state, call, ident)
        if not agent or (rest[0] == "incremental" and role != "admin"):
            raise forbidden(nested=self.options.nested_forbidden)
        return self._for_agents(call, rest, by)

    def _for_agents(self, call: Call, rest: list[str], by: int) -> Reply:
        match call.method, rest:
            case "GET", ["tickets"]:
                return self._list(call)
            case "POST", ["tickets"]:
                return tickets.create_once(self.state, call, by, self._keys)
            case "GET", ["tickets", "show_many"]:
                return self._many(call)
            case "GET", ["incremental", "tickets", "cursor"]:
                return exports.by_cursor(self.state, call)
            case "GET", ["incremental", "tickets"]:
                return exports.by_time(self.state, call)
            case "GET", ["incremental", "tickets", "sample"]:
                return exports.sample(self.state, call)
            case "GET", ["search"]:
                return query.tickets(self.state, call)
            case "GET", ["search", "export"]:
                return query.export(self.state, call)
            case _, ["tickets", ident, *more]:
                return self._ticket(call, ident, more, by)
            case "GET", ["users", ident] if ident.isdigit() and int(ident) in self.state.users:
                return document({"user": self.state.users[int(ident)]})
        raise no_path()

    def _list(self, call: Call) -> Reply:
        key = call.query.get("external_id")
        rows = list(self.state.tickets) if key is None else self.state.tickets.where("external_id", key)
        live = [row for row in rows if row.values["status"] != "deleted"]
        return paged(call, "tickets", live, lambda row: shapes.ticket(call, row), lambda row: [row.number])

    def _many(self, call: Call) -> Reply:
        wanted = [part for part in call.query.get("ids", "").split(",") if part]
        if len(wanted) > _MANY:
            raise Refused(400, "TooManyValues", "Too many values", max_count=_MANY)
        rows = [row for ident in wanted if (row := self._live(ident)) is not None]
        shown = [shapes.ticket(call, row) for row in rows]
        return document({"tickets": shown, "count": len(shown), "next_page": None, "previous_page": None})

    def _live(self, ident: str) -> Row | None:
        row = self.state.tickets.get(ident)
        return None if row is None or row.values["status"] == "deleted" else row

    def _ticket(self, call: Call, ident: str, rest: list[str], by: int) -> Reply:
        row = self._live(ident)
        if row is None:
            raise missing()
        match call.method, rest:
            case "GET", []:
                return document({"ticket": shapes.ticket(call, row)})
            case "PUT", []:
                return tickets.update(self.state, row, call, by)
            case "DELETE", []:
                self.engineer.delete(row.key)
                return Reply(204)
            case "GET", ["comments" | "audits" as kind]:
                return self._entries_page(call, row, kind)
            case "PUT", ["comments", comment, "make_private"]:
                tickets.may_change(row)
                self.engineer.make_private(row.key, comment)
                return Reply(200)
        raise no_path()

    def _entries_page(self, call: Call, row: Row, kind: str) -> Reply:
        entries = list(getattr(self.state, kind).get(row.key, []))
        if call.query.get("sort", "").startswith("-") or call.query.get("sort_order") == "desc":
            entries.reverse()
        show = shapes.comment if kind == "comments" else shapes.audit
        beside: dict[str, Any] = {}
        if "users" in call.query.get("include", "").split(","):
            ids = sorted({entry["author_id"] for entry in entries})
            beside["users"] = [shapes.author(self.state, ident) for ident in ids]
        return paged(call, kind, entries, lambda entry: show(call, entry), lambda entry: [entry["id"]], **beside)
