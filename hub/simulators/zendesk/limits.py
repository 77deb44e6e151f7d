"""Rate limits: pools of calls that are refilled after their period."""

from __future__ import annotations

from hub.simulators.kit import Call, Clock, Reply
from hub.simulators.zendesk.drift import busy
from hub.simulators.zendesk.options import Options

_MINUTE, _TEN_MINUTES = 60, 600


class Limits:
    """The calls that each pool has used in its current period."""

    def __init__(self, options: Options, clock: Clock) -> None:
        self._options, self._clock = options, clock
        self._used: dict[str, tuple[float, int]] = {}

    def spend(self, call: Call, rest: list[str]) -> None:
        """Count a call in each of its pools; Refused when one of them is used up."""
        self._count(_pool(rest), self._options.account_a_minute, _MINUTE)
        if rest[:1] == ["incremental"]:
            self._count("exports", self._options.exports_a_minute, _MINUTE)
        if call.method == "PUT" and rest[:1] == ["tickets"]:
            self._count(f"updates of {rest[-1]}", self._options.updates_a_ticket, _TEN_MINUTES)

    def add_headers(self, reply: Reply, rest: list[str]) -> None:
        """Add the remaining calls of the account's pool to the reply's headers."""
        limit = self._options.account_a_minute
        if limit:
            began, used = self._used[_pool(rest)]
            reply.headers |= {
                "X-Rate-Limit": str(limit),
                "X-Rate-Limit-Remaining": str(max(0, limit - used)),
                self._options.reset_header: str(max(1, int(began + _MINUTE - self._clock.now()))),
            }

    def _count(self, name: str, limit: int, seconds: int) -> None:
        now = self._clock.now()
        began, used = self._used.get(name, (now, 0))
        if now >= began + seconds:
            began, used = now, 0
        self._used[name] = (began, used + 1)
        if limit and used + 1 > limit:
            raise busy(max(1, int(began + seconds - now)))


def _pool(rest: list[str]) -> str:
    return "help center" if rest[:1] == ["help_center"] else "support"
