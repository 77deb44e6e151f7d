"""A call that is ready to be sent, with its deadline and how far it has come."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from hub.http.body import Body
from hub.http.connection import Explain
from hub.http.outcome import Progress
from hub.http.writes import Write

SLOWEST = 16384
"""Bytes a second: a streamed transfer that moves at least this fast may go on beyond the deadline."""


@dataclass
class PreparedCall:
    """One call through all of its requests: retries, a second try after a fresh login, redirects."""

    method: str
    url: str
    path: str  # without query, for messages and logs
    headers: dict[str, str] = field(repr=False)
    body: Body = field(repr=False)
    began: float  # monotonic seconds
    limit: int  # bytes of the reply
    deadline: float  # seconds
    explain: Explain | None = None
    write: Write | None = None  # None for a safe call
    foreign: bool = False  # goes to another host than the vendor's, without credentials
    follows: bool = False  # a redirect is a valid answer
    scope: asyncio.Timeout | None = None  # the running deadline
    progress: Progress = field(default_factory=Progress)  # of the latest request

    def extend_deadline(self, size: int) -> None:
        """Move the running deadline by the time that so many streamed bytes earn."""
        if self.scope is not None and (when := self.scope.when()) is not None and not self.scope.expired():
            now = asyncio.get_running_loop().time()
            self.scope.reschedule(now + extended(when - now, size, self.deadline))


def extended(left: float, size: int, deadline: float) -> float:
    """Seconds left after so many bytes have moved: more than before, but never more than a whole deadline."""
    return max(left, min(left + size / SLOWEST, deadline))
