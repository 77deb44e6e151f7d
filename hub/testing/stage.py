"""A simulated vendor with a hand between it and the plugin: replies can be replaced, calls are counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hub.simulators.kit import Call, Reply

Meddle = Callable[[Call, Reply], Reply]


class SimulatorStage:
    """The simulator, and what is done to its replies while `meddle` is set."""

    def __init__(self, simulator: Any) -> None:
        self._simulator = simulator
        self.meddle: Meddle | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._simulator, name)

    def answer(self, call: Call) -> Reply:
        """The vendor's answer, as the hand lets it through."""
        reply: Reply = self._simulator.answer(call)
        return self.meddle(call, reply) if self.meddle is not None else reply

    def calls(self, operation: str = "") -> int:
        """How many calls came in, of one kind or of all."""
        counted: dict[str, int] = self._simulator.ledger.requests
        return sum(n for name, n in counted.items() if not operation or name.endswith(f" {operation}"))


def parrot(status: int) -> Meddle:
    """Answers with what it was told, proof of identity included, as careless servers do; lets logins pass."""

    def answer(call: Call, reply: Reply) -> Reply:
        if call.operation == "login" and status != 401:
            return reply
        heard = " ".join(f"{name}: {value}" for name, value in call.headers.items())
        return Reply(status, heard.encode() + b"\n" + call.body, {"Content-Type": "text/plain"})

    return answer


def sent_away(address: str) -> Meddle:
    """Redirects everything to another address."""
    return lambda _call, _reply: Reply(302, b"", {"Location": address})
