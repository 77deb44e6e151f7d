"""The appliance over HTTP: classifies and authenticates each call, and passes it to the right interface."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from hub.simulators.beyondtrust import drift, rest
from hub.simulators.beyondtrust.auth import Tokens, denied
from hub.simulators.beyondtrust.command import Commands
from hub.simulators.beyondtrust.engineer import Engineer
from hub.simulators.beyondtrust.options import NAMESPACES, Options, Seeds
from hub.simulators.beyondtrust.report import report
from hub.simulators.beyondtrust.state import State, SupportSession
from hub.simulators.beyondtrust.xml import Refused, error
from hub.simulators.kit import BaseSimulator, Call, Push, Reply

_FORM = "application/x-www-form-urlencoded"


class Appliance(BaseSimulator[Options, Seeds]):
    """One simulated appliance in memory; tests may use `state`, `ledger`, `faults`, `clock` and `engineer`."""

    options_type, seeds_type = Options, Seeds
    own_faults = drift

    def _start(self) -> None:
        self.state = State(self.seeds, self.options, self.clock, self.ledger)
        self.tokens = Tokens(self.state)
        self.staff = self.engineer = Engineer(self.state)
        self._hour, self._calls = 0, 0

    def account(self, url: str) -> dict[str, object]:
        """The account settings that fit it at its address."""
        return {
            "base_url": url,
            "client_id": self.seeds.client_id,
            "client_secret": self.seeds.client_secret,
            "queue": f"team:{next(iter(self.seeds.teams))}",
            "webhook_secret": self.seeds.webhook_secret,
        }

    def fill(self, count: int, *, run: int = 1, first: str = "") -> list[str]:
        """Store many ended sessions at once, each `run` of them in the same instant; their lsids, oldest first."""
        made, now = [], self.clock.now()
        for at in range(count):
            when = now - (count - at - 1) // run
            number = len(self.state.sessions) + 1
            key = first if first and not at else f"RJR-{number:06}"
            lsid = self.state.ident("session", number)
            session = SupportSession(
                lsid, 1000 + number, when, f"team:{next(iter(self.seeds.teams))}", {"external_key": key}, "Pat Customer"
            )
            session.ended = session.changed = when
            self.state.sessions[lsid] = session
            self.state.emit(session, "support_conference_end")
            made.append(lsid)
        return made

    def expire_logins(self) -> None:
        """End all tokens."""
        self.tokens.drop()

    def push(self, number: str) -> Push:
        """The latest outbound event of a session, named by its lsid; LookupError when there is none."""
        for event in reversed(self.state.outbound.sent):
            if event["lsid"] == number:
                return Push(f"/{self.seeds.webhook_secret}", urlencode(event).encode(), {"content-type": _FORM})
        raise LookupError(f"no outbound event of session {number}; give an lsid")

    def classify(self, call: Call) -> None:
        """Name the operation from path and action, and the user."""
        match call.parts:
            case ["oauth2", "token"]:
                call.operation = "login"
            case ["api", "command"]:
                writes = call.method == "POST"
                call.operation = "create" if writes else "read"
            case ["api", "reporting"]:
                call.operation = "query"
            case _:
                call.operation = "other"

    def admit(self, call: Call) -> Reply | None:
        """Refuse a call beyond the hour's limit."""
        hour = int(self.clock.now()) // 3600
        self._calls = self._calls + 1 if hour == self._hour else 1
        self._hour = hour
        if self._calls > self.options.hourly and call.operation != "login":
            return self._limited(Reply.json({"message": "Too Many Requests"}, 429))
        return None

    def answer(self, call: Call) -> Reply:
        """Carry out the call."""
        if call.operation == "login" and call.method == "POST":
            return self.tokens.login(call)
        if call.parts == ["api", "start_session"]:
            return self._start_session(call)
        if "token_dropped" in call.faults:
            self.tokens.drop()
        if not self.tokens.is_good(call):
            return denied()
        return self._limited(self._interface(call))

    def _interface(self, call: Call) -> Reply:
        match call.parts:
            case ["api", ("command" | "reporting") as which]:
                namespace = f"{NAMESPACES[self.options.namespace]}/{which}"
                try:
                    return self._xml(call, which, namespace)
                except Refused as refused:
                    return error(str(refused), namespace)
        return rest.answer(self.state, call)

    def _xml(self, call: Call, which: str, namespace: str) -> Reply:
        media_type = call.headers.get("Content-Type", _FORM).partition(";")[0]
        if call.method not in {"GET", "POST"} or (call.body and media_type != _FORM):
            raise Refused("Invalid request.")
        given = call.query | dict(parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True))
        if which == "command":
            return Commands(self.state, namespace).answer(given, call)
        return report(self.state, given, namespace, call.headers.get("Host", ""))

    def _start_session(self, call: Call) -> Reply:
        given = dict(parse_qsl(call.body.decode("utf-8", "replace")))
        try:
            self.engineer.join(given.get("short_key", ""))
        except (LookupError, ValueError):
            return Reply(200, b"<html>The session key is not valid.</html>", {"Content-Type": "text/html"})
        return Reply(200, b"<html>Your download begins.</html>", {"Content-Type": "text/html"})

    def _limited(self, reply: Reply) -> Reply:
        reply.headers["X-RateLimit-Limit"] = str(self.options.hourly)
        reply.headers["X-RateLimit-Remaining"] = str(max(0, self.options.hourly - self._calls))
        return reply
