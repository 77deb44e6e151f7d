"""The REST interface over HTTP: logins, searches by the day, and writes whose refusals look like success."""

from __future__ import annotations

import base64
import binascii
from hashlib import sha256
from typing import Any, Final
from urllib.parse import parse_qsl

import jwt
import msgspec

from hub.simulators.kit import Call, Clock, Faults, Kind, Ledger, Reply, Rule, actions_of, carry_out
from hub.simulators.rightanswers.find import search
from hub.simulators.rightanswers.options import Options, Seeds, Solution
from hub.simulators.rightanswers.state import Editor, State, Stored

KINDS: Final = (
    Kind("token_dropped", "vendor", "all tokens are refused from now on"),
    Kind("unlicensed", "instead", "the company is not licensed for web services"),
    Kind("html_503", "instead", "503 with a page"),
    Kind("text_failure", "instead", "200 with a text that says it failed"),
    Kind("no_id", "shape", "a text of success without the id"),
    Kind("missing_field", "shape", "`field` is gone"),
    Kind("changed_type", "shape", "`field` holds `value`"),
    Kind("extra_field", "shape", "a field nobody knows"),
)
_KEY: Final = "simulated-signing-key-of-the-tenant"
_STATUSES: Final = {
    "approved": "Published",
    "noapproved": "Not Approved",
    "draft": "Draft",
    "review": "In Review",
    "archived": "Archived",
}


class RightAnswers:
    """One simulated tenant in memory; `state`, `ledger`, `faults`, `clock`, `editor` are open to tests."""

    def __init__(self, *, seed: int = 0, seeds: Seeds | None = None, options: Options | None = None) -> None:
        self.options, self.seeds = options or Options(), seeds or Seeds()
        self.clock, self.ledger = Clock(), Ledger()
        self.faults, self.latency = Faults(KINDS, seed=seed), self.options.latency
        self._start()

    def reset(self) -> None:
        """Forget all but the seeds."""
        self.clock.reset()
        self.ledger.reset()
        self.faults.reset()
        self._start()

    def _start(self) -> None:
        self.state = State(self.seeds, self.clock, self.ledger)
        self.editor = Editor(self.state)
        self._good_from = 0.0
        self._logins = 0

    def account(self, url: str) -> dict[str, object]:
        """The account settings that fit it at its address."""
        user, password = next(iter(self.seeds.users.items()))
        languages = dict.fromkeys(one.language for one in self.seeds.solutions) or {"English": None}
        return {
            "platform": "knowledge",
            "base_url": f"{url}/portal",
            "company_code": self.seeds.company,
            "username": user,
            "password": password,
            "languages": tuple(languages),
        }

    def tell(self, action: str, arguments: dict[str, Any]) -> object:
        """Have the editor act."""
        return carry_out(self.editor, actions_of(Editor), action, arguments)

    def expire_logins(self) -> None:
        """Refuse every token that was given until now."""
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

    def admit(self, call: Call) -> Reply | None:
        """Nothing is refused for its pace."""
        return None

    def answer(self, call: Call) -> Reply:
        """Do what was asked."""
        if not self.options.licensed or "unlicensed" in call.faults:
            return self._unlicensed()
        if call.parts[:3] != ["portal", "api", "rest"] or len(call.parts) < 4:
            return Reply(404, b"<html><body>Not found</body></html>", {"Content-Type": "text/html"})
        what, rest = call.parts[3], [part for part in call.parts[4:] if part]
        if call.query.get("companyCode") != self.seeds.company:
            return _json({"error": "Unknown company"}, 400)
        if what != "templates" and call.query.get("appInterface") not in {"sa", "ss", "admin"}:
            return _json({"error": "Unknown interface"}, 400)
        if what == "login":
            return self._login(call)
        if "token_dropped" in call.faults:
            self.expire_logins()
        if not self._knows(call):
            return _json({"error": "Invalid username or password"}, 401)
        return self._on(call, what, rest)

    def _on(self, call: Call, what: str, rest: list[str]) -> Reply:
        match call.method, what, rest:
            case "GET", "search", []:
                shown = [one for one in self.state.solutions.values() if one.visible_from <= self.clock.now()]
                return _json(search(shown, call.query, verbose=self.options.verbose))
            case "GET", "solution", [ident]:
                one = self._visible(ident)
                return _json(one.document()) if one else _text("Solution not found", 404)
            case "GET", "solution", [ident, "exists"]:
                return _json(self._visible(ident) is not None)
            case "GET", "collections", []:
                return _json([{"code": code, "displayName": name} for code, name in self.seeds.collections])
            case "GET", "templates", []:
                return _json({"templates": list(self.seeds.templates)})
            case "POST", "log", ["solution", ident]:
                return self._log(call, ident)
            case "POST", "comments", [ident]:
                return self._comment(call, ident)
            case "POST", "manageSolution", []:
                return self._manage(call)
        return _text("Not found", 404)

    def refuse(self, rule: Rule) -> Reply:
        """The refusal that a fault calls for."""
        match rule.kind:
            case "unlicensed":
                return self._unlicensed()
            case "html_503":
                return Reply(503, b"<html><body>Service unavailable</body></html>", {"Content-Type": "text/html"})
            case "text_failure":
                return _text("Could not save solution.User does not have access to template")
        status = int(rule.kind.removeprefix("http_")) if rule.kind.startswith("http_") else 500
        return _json({"error": "An error occurred"}, status)

    def reshape(self, rule: Rule, reply: Reply) -> Reply:
        """A reply bent by a fault."""
        if rule.kind == "no_id":
            return _text("Successfully created solution") if reply.body.startswith(b"Success") else reply
        try:
            document = msgspec.json.decode(reply.body)
        except msgspec.DecodeError:
            return reply
        for item in (document.get("solutions") or [document]) if isinstance(document, dict) else []:
            name = rule.field or "lastModifiedDate"
            if rule.kind == "missing_field":
                item.pop(name, None)
            else:
                item["novelty" if rule.kind == "extra_field" else name] = "new" if rule.value is None else rule.value
        return _json(document, reply.status)

    def _unlicensed(self) -> Reply:
        return _json({"error": f"Company '{self.seeds.company}' is not licensed for web services"}, 403)

    def _login(self, call: Call) -> Reply:
        if call.method != "GET":
            return _text("Internal error", 500)
        user = self._basic(call)
        if user is None:
            return _json({"error": "Invalid username or password"}, 401)
        now = int(self.clock.now())
        claims = {"iss": user, "iat": now, "exp": now + self.options.token_seconds, "jti": str(self._logins)}
        token = jwt.encode(claims, _KEY, algorithm="HS256")
        return _text(token) if self.options.bare_token else _json({"jwtoken": token})

    def _basic(self, call: Call) -> str | None:
        kind, _, value = call.headers.get("Authorization", "").partition(" ")
        try:
            user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return user if kind == "Basic" and password and self.seeds.users.get(user) == password else None

    def _knows(self, call: Call) -> bool:
        kind, _, value = call.headers.get("Authorization", "").partition(" ")
        if kind != "Bearer":
            return self._basic(call) is not None
        try:
            claims = jwt.decode(value, _KEY, algorithms=["HS256"], options={"verify_exp": False, "verify_iat": False})
        except jwt.InvalidTokenError:
            return False
        return bool(claims["exp"] > self.clock.now() and claims["jti"] == str(self._logins))

    def _visible(self, ident: str) -> Stored | None:
        one = self.state.solutions.get(ident)
        return one if one is not None and one.visible_from <= self.clock.now() else None

    def _log(self, call: Call, ident: str) -> Reply:
        one = self._visible(ident)
        if one is None or call.query.get("action") != "SOLVED":
            return _text("Solution not found", 404)
        one.solved += 1
        self._stored(call, "feedback", ident, "SOLVED", public=False)
        return _json(True)

    def _comment(self, call: Call, ident: str) -> Reply:
        if self._visible(ident) is None:
            return _text("Solution not found", 404)
        form = dict(parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True)) | call.query
        if not form.get("comments"):
            return _text("Comment must not be blank")
        public = form.get("hiddenFromSS", "true") == "false"
        self._stored(call, "feedback", ident, form["comments"], public=public)
        return _text("Comment added")

    def _manage(self, call: Call) -> Reply:
        query = call.query
        if not query.get("title"):
            return _text("Solution title must not be blank")
        if not self.options.may_write:
            return _text("Could not save solution.User does not have access to add solutions")
        if query.get("templateName") not in self.seeds.templates or query.get("status") not in _STATUSES:
            return _text("Could not save solution.Template or status not found")
        try:
            given = msgspec.json.decode(call.body, type=list[dict[str, str]])
        except (msgspec.DecodeError, msgspec.ValidationError):
            return _text("Could not save solution", 400)
        fields = tuple((one.get("fieldName", ""), one.get("fieldValue", "")) for one in given)
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
        one = self.state.add(made, by="rjr_hub", lag=self.options.lag_seconds, sha256=sha256(call.body).hexdigest())
        return _text(f"Successfully created solution with ID: {one.id}")

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


def _json(value: object, status: int = 200) -> Reply:
    return Reply(status, msgspec.json.encode(value), {"Content-Type": "application/json"})


def _text(value: str, status: int = 200) -> Reply:
    return Reply(status, value.encode(), {"Content-Type": "text/plain;charset=UTF-8"})
