"""The REST server of a simulated org: classifies, authenticates and answers each call."""

from __future__ import annotations

from hub.simulators.kit import BaseSimulator, Call, Reply
from hub.simulators.salesforce import drift, engineer, knowledge, records, search
from hub.simulators.salesforce.auth import Sessions
from hub.simulators.salesforce.errors import LoginError, SfError, document, not_found, session_invalid
from hub.simulators.salesforce.keys import public_key
from hub.simulators.salesforce.options import Options, Seeds
from hub.simulators.salesforce.query import Queries
from hub.simulators.salesforce.sobjects import SObjects
from hub.simulators.salesforce.state import State

_WRITES = {"case": ("create", "update"), "casecomment": ("note", "note"), "contentversion": ("attach", "attach")}
_QUERIES = {
    "casecomment": "notes",
    "knowledge__kav": "articles",
    "patch__c": "articles",
    "contentdocumentlink": "files",
}


class Salesforce(BaseSimulator[Options, Seeds]):
    """One simulated org in memory; tests may use `state`, `ledger`, `faults`, `clock` and `engineer`."""

    options_type, seeds_type = Options, Seeds
    own_faults = drift

    def _start(self) -> None:
        self.state = state = State(self.options, self.seeds, self.clock, self.ledger)
        self.sessions = Sessions(self.seeds, self.options, self.clock, public_key())
        self.queries = Queries(state)
        self.sobjects = SObjects(state)
        self.staff = self.engineer = engineer.Engineer(state)
        for ident, name in engineer.PEOPLE.items():
            state.add(state.objects["user"], {"Id": ident, "Name": name, "Username": self.seeds.user}, ident)
        for at, (name, closed) in enumerate(self.seeds.statuses.items(), 1):
            values = {"ApiName": name, "MasterLabel": name, "IsClosed": closed, "IsDefault": at == 1, "SortOrder": at}
            state.add(state.objects["casestatus"], values, records.USER)
        for article in self.seeds.articles:
            knowledge.store_article(state, article)
        for patch in self.seeds.patches:
            knowledge.store_patch(state, patch)
        self.ledger.reset()

    def account(self, url: str) -> dict[str, object]:
        """The minimal settings that reach this org: address and client credentials."""
        return {
            "base_url": url,
            "token_flow": "client_credentials",
            "consumer_key": self.seeds.consumer_key,
            "consumer_secret": self.seeds.consumer_secret,
        }

    def fill(self, count: int, *, run: int = 1, first: str = "") -> list[str]:
        """Store many cases without ledger entries, each `run` at the same time; returns their numbers in order."""
        now, made, kind = self.state.now(), [], self.state.objects["case"]
        status = next(iter(self.seeds.statuses))
        for at in range(count):
            number = self.state.number("case number", 8, 1000)
            values = {
                "CaseNumber": number,
                "Subject": f"Case {at}",
                "Status": status,
                "Priority": "Medium",
                "IsClosed": False,
                "OwnerId": records.USER,
                "IsEscalated": False,
                self.seeds.key_field: (first or None) if at == 0 else None,
            }
            self.state.add(kind, values, records.USER, at=now - 3600 + at // run)
            made.append(number)
        return made

    def touch(self, number: str) -> None:
        """Change a case slightly, so that it becomes the last in order of change."""
        row = self.state.case(number)
        self.state.change(self.state.objects["case"], row, {"Subject": f"{row.values['Subject']}."}, records.USER)

    def expire_logins(self) -> None:
        """End all sessions."""
        self.sessions.open.clear()

    def classify(self, call: Call) -> None:
        """Name the operation and the user from the request's head."""
        parts = call.parts
        if parts[-1:] == ["token"] and parts[:2] == ["services", "oauth2"]:
            call.operation = "login"
            return
        session = self.sessions.session(call)
        call.user = session.user if session else ""
        match parts[3:]:
            case ["query" | "queryAll", *rest]:
                text = call.query.get("q", "").lower()
                source = text.rpartition(" from ")[2].split(" ")[0] if not rest else ""
                keyed = source == "case" and " limit 2" in text and f"{self.seeds.key_field.lower()} = " in text
                single = source == "case" and (" where id = " in text or " where casenumber = " in text)
                kind = "read" if single else _QUERIES.get(source, "query")
                call.operation = "find" if keyed else kind
            case ["sobjects", kind, "describe", *_] if kind:
                call.operation = "describe"
            case ["sobjects", kind, _, "VersionData" | "Body"] if kind:
                call.operation = "download"
            case ["sobjects", kind, *_] if call.method in ("POST", "PATCH"):
                creates = call.method == "POST" or len(parts) == 7
                call.operation = _WRITES.get(kind.lower(), ("other", "other"))[0 if creates else 1]
            case ["sobjects", "Case", field, _] if call.method == "GET" and field:
                call.operation = "find"
            case ["sobjects", kind, *_] if call.method == "GET":
                call.operation = "article" if kind == "Knowledge__kav" else "read"
            case ["search" | "parameterizedSearch", *_]:
                call.operation = "articles"

    def answer(self, call: Call) -> Reply:
        """Carry out the call; refusals are replied as an error array, those of the token endpoint as an object."""
        try:
            if call.operation == "login":
                return self.sessions.login(call)
            if call.parts[:2] != ["services", "data"]:
                return Reply(404, b"<html><body>URL No Longer Exists</body></html>", {"Content-Type": "text/html"})
            if len(call.parts) == 2:
                return document([_version(version) for version in self.options.versions])
            reply = self._admitted(call)
        except (LoginError, SfError) as refusal:
            reply = refusal.reply()
        used = f"api-usage={self.state.calls}/{self.options.daily_calls}"
        reply.headers["Sforce-Limit-Info"] = used
        return reply

    def _admitted(self, call: Call) -> Reply:
        if "session_dropped" in call.faults:
            self.expire_logins()
        session = self.sessions.session(call)
        if session is None:
            raise session_invalid()
        self.sessions.touch(session)
        self.state.calls += 1
        if self.state.calls > self.options.daily_calls:
            raise SfError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        version = call.parts[2].removeprefix("v")
        if version not in self.options.versions:
            raise not_found()
        return self._route(call, version, [part for part in call.parts[3:] if part])

    def _route(self, call: Call, version: str, rest: list[str]) -> Reply:
        if rest[:1] == ["sobjects"] and len(rest) > 1:
            kind = self.state.object(rest[1])
            if kind is None:
                raise not_found()
            return self.sobjects.answer(call, version, kind, rest[2:])
        if call.method != "GET":
            raise SfError(405, "METHOD_NOT_ALLOWED", f"HTTP Method '{call.method}' not allowed.")
        root = f"/services/data/v{version}"
        match rest:
            case []:
                return document({name: f"{root}/{name}" for name in ("sobjects", "query", "search", "limits")})
            case ["limits"]:
                left = self.options.daily_calls - self.state.calls
                return document({"DailyApiRequests": {"Max": self.options.daily_calls, "Remaining": max(0, left)}})
            case ["sobjects"]:
                kinds = [{"name": kind.name, "keyPrefix": kind.prefix} for kind in self.state.objects.values()]
                return document({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": kinds})
            case ["query" | "queryAll" as verb]:
                return self.queries.start(call, version, deleted=verb == "queryAll")
            case ["query" | "queryAll", locator]:
                return self.queries.more(call, version, locator)
            case ["search"]:
                return search.sosl(self.state, call, version)
            case ["parameterizedSearch"]:
                return search.parameterized(self.state, call, version)
        raise not_found()


def _version(number: str) -> dict[str, str]:
    return {"label": f"Release {number}", "url": f"/services/data/v{number}", "version": number}
