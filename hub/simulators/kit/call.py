"""The requests and replies of a simulated vendor, and the vendor as the server uses it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote

import msgspec

from hub.simulators.kit.clock import Clock
from hub.simulators.kit.faults import FaultRule, Faults
from hub.simulators.kit.ledger import Ledger


@dataclass(slots=True)
class Call:
    """One HTTP request; `operation` and `user` are filled in by the vendor's `classify`."""

    method: str
    path: str
    """Still percent-encoded, without the query."""
    parts: list[str]
    """The path's segments, decoded."""
    query: dict[str, str]
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    operation: str = "other"
    user: str = ""
    in_flight: int = 0
    """How many calls of this user are running, including this one."""
    faults: dict[str, FaultRule] = field(default_factory=dict)
    """Faults that the vendor's own code acts out, by kind."""

    @classmethod
    def of(cls, method: str, target: str, headers: Mapping[str, str]) -> Call:
        """Parse a request line's target."""
        path, _, query = target.partition("?")
        parts = [unquote(part) for part in path.strip("/").split("/")]
        pairs = dict(parse_qsl(query, keep_blank_values=True)) if query else {}
        return cls(method, path, parts, pairs, headers)


@dataclass(slots=True)
class Reply:
    """One HTTP reply; a Content-Type among the headers is sent unchanged."""

    status: int
    body: bytes = field(default=b"", repr=False)
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, value: object, status: int = 200, **headers: str) -> Reply:
        """A reply in JSON; an underscore in the name of a header stands for a hyphen."""
        more = {name.replace("_", "-"): text for name, text in headers.items()}
        return cls(status, msgspec.json.encode(value), {"Content-Type": "application/json", **more})


class Simulator(Protocol):
    """A simulated vendor, as the server drives it."""

    clock: Clock
    ledger: Ledger
    faults: Faults
    latency: float

    def classify(self, call: Call) -> None:
        """Fill in the operation's kind and the user, from the request's head alone.

        A simulator that sets `reads_bodies_first` has the body too: where one address serves several kinds of call.
        """

    def admit(self, call: Call) -> Reply | None:
        """Refuse a call before any work, or accept it."""

    def answer(self, call: Call) -> Reply:
        """Carry out the call, without waiting."""

    def refuse(self, rule: FaultRule) -> Reply:
        """The vendor's own refusal for a fault that replaces the reply."""

    def reshape(self, rule: FaultRule, reply: Reply) -> Reply:
        """Change a reply's data as a fault of the vendor's own asks."""

    def act(self, action: str, arguments: Mapping[str, Any]) -> object:
        """Have the vendor's engineer act; ValueError when the order makes no sense."""

    def reset(self) -> None:
        """Go back to the first state."""
