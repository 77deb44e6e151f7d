"""Wraps a simulator so that a check can replace its replies and count its calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hub.simulators.kit import Call, Reply

Rewrite = Callable[[Call, Reply], Reply]


class SimulatorStage:
    """The simulator, with its replies passed through `rewrite` while that is set."""

    def __init__(self, simulator: Any) -> None:
        self._simulator = simulator
        self.rewrite: Rewrite | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._simulator, name)

    def answer(self, call: Call) -> Reply:
        """The simulator's reply, rewritten where that was asked for."""
        reply: Reply = self._simulator.answer(call)
        return self.rewrite(call, reply) if self.rewrite is not None else reply

    def calls(self, operation: str = "") -> int:
        """How many calls came in, of one operation or of all."""
        requests: dict[str, int] = self._simulator.ledger.requests
        return sum(count for name, count in requests.items() if not operation or name.endswith(f" {operation}"))


def echo(status: int) -> Rewrite:
    """Returns the request in the reply, credentials included, as careless servers do; logins still succeed."""

    def answer(call: Call, reply: Reply) -> Reply:
        if call.operation == "login" and status != 401:
            return reply
        headers = " ".join(f"{name}: {value}" for name, value in call.headers.items())
        return Reply(status, headers.encode() + b"\n" + call.body, {"Content-Type": "text/plain"})

    return answer


def redirect(address: str) -> Rewrite:
    """Redirects every call to another address."""
    return lambda _call, _reply: Reply(302, b"", {"Location": address})
