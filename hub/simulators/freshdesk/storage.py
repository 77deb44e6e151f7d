"""The storage behind pre-signed addresses, which refuses calls that carry a login."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote

from hub.simulators.freshdesk.state import State
from hub.simulators.kit import Call, FaultRule, Faults, Ledger, Reply

_XML = {"Content-Type": "application/xml"}


def signed(state: State, about: dict[str, Any], host: str) -> dict[str, Any]:
    """A file's description, with an address that is valid for some minutes."""
    until = int(state.clock.now() + state.options.link_seconds)
    root = state.options.files_url or f"http://{host}"
    name = quote(about["name"], safe="")
    proof = _proof(str(about["id"]), until)
    return about | {"attachment_url": f"{root}/storage/{about['id']}/{name}?Expires={until}&Signature={proof}"}


def fetch(state: State, call: Call) -> Reply:
    """The bytes, when the address is whole and in time, and no other proof is given."""
    ident, until = call.parts[1], call.query.get("Expires", "")
    if state.options.files_url and "Authorization" in call.headers:
        return _error(400, "InvalidArgument")
    good = until.isdigit() and call.query.get("Signature") == _proof(ident, int(until))
    if not good or int(until) < state.clock.now() or "expired_link" in call.faults:
        return _error(403, "AccessDenied")
    if ident not in state.files:
        return _error(404, "NoSuchKey")
    about, data = state.files[ident]
    return Reply(200, data, {"Content-Type": about["content_type"] or "application/octet-stream"})


def _proof(ident: str, until: int) -> str:
    return hashlib.blake2b(f"{ident}:{until}".encode(), key=b"storage", digest_size=12).hexdigest()


def _error(status: int, code: str) -> Reply:
    return Reply(status, f"<Error><Code>{code}</Code></Error>".encode(), dict(_XML))


class Storage:
    """The storage as a server of its own, for accounts whose `files_url` names it."""

    def __init__(self, state: State) -> None:
        self.state, self.clock, self.latency = state, state.clock, 0.0
        self.ledger, self.faults = Ledger(), Faults()

    def classify(self, call: Call) -> None:
        """Every call is a download."""
        call.operation = "download"

    def admit(self, call: Call) -> Reply | None:
        """Refuse an address that is not a file's."""
        return None if call.parts[0] == "storage" and len(call.parts) > 1 else _error(404, "NoSuchKey")

    def answer(self, call: Call) -> Reply:
        """The file."""
        return fetch(self.state, call)

    def refuse(self, rule: FaultRule) -> Reply:
        """A refusal for a fault."""
        return _error(503, "SlowDown")

    def reshape(self, rule: FaultRule, reply: Reply) -> Reply:
        """The unchanged reply."""
        return reply

    def tell(self, action: str, arguments: dict[str, Any]) -> object:
        """ValueError: the storage has no staff."""
        raise ValueError(f"the storage has no staff, so {action!r} is not possible")

    def reset(self) -> None:
        """Forget the calls."""
        self.ledger.reset()
        self.faults.reset()
