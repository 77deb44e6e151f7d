"""The REST interface: logins, searches with day resolution, and writes whose refusals look like success."""

from __future__ import annotations

import base64
import binascii
from hashlib import sha256
from typing import Final
from urllib.parse import parse_qsl

import jwt
import msgspec

from hub.simulators.kit import BaseSimulator, Call, FaultRule, Reply
from hub.simulators.rightanswers import drift
from hub.simulators.rightanswers.find import search
from hub.simulators.rightanswers.options import Options, Seeds, Solution
from hub.simulators.rightanswers.replies import text
from hub.simulators.rightanswers.state import Editor, State, StoredSolution

_KEY: Final = "simulated-signing-key-of-the-tenant"
_STATUSES: Final = {
    "approved": "Published",
    "noapproved": "Not Approved",
    "draft": "Draft",
    "review": "In Review",
    "archived": "Archived",
}


class RightAnswers(BaseSimulator[Options, Seeds]):
    """One simulated tenant in memory; tests may use `state`, `ledger`, `faults`, `clock` and `editor`."""

    options_type, seeds_type = Options, Seeds
    own_faults = drift

    def _start(self) -> None:
        self.state = State(self.seeds, self.clock, self.ledger)
        self.staff = self.editor = Editor(self.state)
        self._good_from = 0.0
        self._logins = 0

    def account(self, url: str) -> dict[str, object]:
        """The account settings that fit it at its address."""
        user, password = next(iter(self.seeds.users.items()))
        languages = dict.fromkeys(solution.language for solution in self.seeds.solutions) or {"English": None}
        return {
            "platform": "knowledge",
            "base_url": f"{url}/portal",
            "company_code": self.seeds.company,
            "username": user,
            "password": password,
            "languages": tuple(languages),
        }

    def expire_logins(self) -> None:
        """Refuse every token issued so far."""
        self._logins += 1

    def classify(self, call: Call) -> None:
        """Name the operation."""
        kinds = {
            "login": "login",
            "search": "articles",
            "solution": "article",
            "comments": "note",
            "log": "note",
            "manageSolution": "create",
            "addToKb": "create",
        }
        if call.parts[:3] == ["portal", "api", "rest"] and len(call.parts) > 3:
            call.operation = kinds.get(call.parts[3], "other")

    def answer(self, call: Call) -> Reply:
        """Carry out the call."""
        if not self.options.licensed or "unlicensed" in call.faults:
            return self._unlicensed()
        if call.parts[:3] != ["portal", "api", "rest"] or len(call.parts) < 4:
            return Reply(404, b"<html><body>Not found</body></html>", {"Content-Type": "text/html"})
        what, rest = call.parts[3], [part for part in call.parts[4:] if part]
        if call.query.get("companyCode") != self.seeds.company:
            return Reply.json({"error": "Unknown company"}, 400)
        if what != "templates" and call.query.get("appInterface") not in {"sa", "ss", "admin"}:
            return Reply.json({"error": "Unknown interface"}, 400)
        if what == "login":
            return self._login(call)
        if "token_dropped" in call.faults:
            self.expire_logins()
        if not self._is_authenticated(call):
            return Reply.json({"error": "Invalid username or password"}, 401)
        return self._on(call, what, rest)

    def _on(self, call: Call, what: str, rest: list[str]) -> Reply:
        match call.method, what, rest:
            case "GET", "search", []:
                shown = [
                    solution for solution in self.state.solutions.values() if solution.visible_from <= self.clock.now()
                ]
                return Reply.json(search(shown, call.query, verbose=self.options.verbose))
            case "GET", "solution", [ident]:
                solution = self._visible(ident)
                return Reply.json(solution.document()) if solution else text("Solution not found", 404)
            case "GET", "solution", [ident, "exists"]:
                return Reply.json(self._visible(ident) is not None)
            case "GET", "collections", []:
                return Reply.json([{"code": code, "displayName": name} for code, name in self.seeds.collections])
            case "GET", "templates", []:
                return Reply.json({"templates": list(self.seeds.templates)})
            case "POST", "log", ["solution", ident]:
                return self._log(call, ident)
            case "POST", "comments", [ident]:
                return self._comment(call, ident)
            case "POST", "manageSolution", []:
                return self._manage(call)
        return text("Not found", 404)

    def refuse(self, rule: FaultRule) -> Reply:
        """The refusal that a fault calls for; one of them names the company."""
        return self._unlicensed() if rule.kind == "unlicensed" else super().refuse(rule)

    def _unlicensed(self) -> Reply:
        return Reply.json({"error": f"Company '{self.seeds.company}' is not licensed for web services"}, 403)

    def _login(self, call: Call) -> Reply:
        if call.method != "GET":
            return text("Internal error", 500)
        user = self._basic(call)
        if user is None:
            return Reply.json({"error": "Invalid username or password"}, 401)
        now = int(self.clock.now())
        claims = {"iss": user, "iat": now, "exp": now + self.options.token_seconds, "jti": str(self._logins)}
        token = jwt.encode(claims, _KEY, algorithm="HS256")
        return text(token) if self.options.bare_token else Reply.json({"jwtoken": token})

    def _basic(self, call: Call) -> str | None:
        kind, _, value = call.headers.get("Authorization", "").partition(" ")
        try:
            user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return user if kind == "Basic" and password and self.seeds.users.get(user) == password else None

    def _is_authenticated(self, call: Call) -> bool:
        kind, _, value = call.headers.get("Authorization", "").partition(" ")
        if kind != "Bearer":
            return self._basic(call) is not None
        try:
            claims = jwt.decode(value, _KEY, algorithms=["HS256"], options={"verify_exp": False, "verify_iat": False})
        except jwt.InvalidTokenError:
            return False
        return bool(claims["exp"] > self.clock.now() and claims["jti"] == str(self._logins))

    def _visible(self, ident: str) -> StoredSolution | None:
        solution = self.state.solutions.get(ident)
        return solution if solution is not None and solution.visible_from <= self.clock.now() else None

    def _log(self, call: Call, ident: str) -> Reply:
        solution = self._visible(ident)
        if solution is None or call.query.get("action") != "SOLVED":
            return text("Solution not found", 404)
        solution.solved += 1
        self._stored(call, "feedback", ident, "SOLVED", public=False)
        return Reply.json(True)

    def _comment(self, call: Call, ident: str) -> Reply:
        if self._visible(ident) is None:
            return text("Solution not found", 404)
        form = dict(parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True)) | call.query
        if not form.get("comments"):
            return text("Comment must not be blank")
        public = form.get("hiddenFromSS", "true") == "false"
        self._stored(call, "feedback", ident, form["comments"], public=public)
        return text("Comment added")

    def _manage(self, call: Call) -> Reply:
        query = call.query
        if not query.get("title"):
            return text("Solution title must not be blank")
        if not self.options.may_write:
            return text("Could not save solution.User does not have access to add solutions")
        if query.get("templateName") not in self.seeds.templates or query.get("status") not in _STATUSES:
            return text("Could not save solution.Template or status not found")
        try:
            given = msgspec.json.decode(call.body, type=list[dict[str, str]])
        except (msgspec.DecodeError, msgspec.ValidationError):
            return text("Could not save solution", 400)
        fields = tuple((field.get("fieldName", ""), field.get("fieldValue", "")) for field in given)
        made = Solution(
            title=query["title"],
            summary=query.get("summary", ""),
            fields=fields,
            template=query["templateName"],
            language=query.get("language", "English"),
            collection=query.get("collections", "") or "custom_SS",
            status=_STATUSES[query["status"]],
            keywords=query.get("keywords", ""),
        )
        solution = self.state.add(
            made, by="rjr_hub", lag=self.options.lag_seconds, sha256=sha256(call.body).hexdigest()
        )
        return text(f"Successfully created solution with ID: {solution.id}")

    def _stored(self, call: Call, kind: str, ident: str, text: str, *, public: bool) -> None:
        self.ledger.store(
            kind,
            f"{ident}/{len(self.ledger.entries)}",
            at=self.clock.now(),
            by="rjr_hub",
            parent=ident,
            text=text,
            public=public,
            sha256=sha256(call.body).hexdigest(),
        )
