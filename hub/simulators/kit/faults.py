"""Decides which faults apply to which calls: named kinds, and rules for when they apply."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Container, Iterable
from fnmatch import fnmatchcase
from typing import Any, Literal

import msgspec

Phase = Literal["before", "instead", "after", "vendor", "shape"]


class FaultKind(msgspec.Struct, frozen=True):
    """One named fault and when it applies.

    `before`: ahead of the effect. `instead`: replaces the reply, ahead of the effect unless the rule says so.
    `after`: once stored. `vendor`: acted out by the vendor's own code. `shape`: bends the reply's data.
    """

    name: str
    phase: Phase
    says: str


class FaultRule(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """When a fault applies: without nth and share to every matching call, at most `times` times."""

    kind: str
    operation: str = "*"
    """The vendor's name for the kind of call: login, create, query ... or a pattern."""
    method: str = "*"
    path: str = "*"
    """A pattern over the decoded path."""
    nth: int | None = None
    """Only the nth matching call, counted from 1."""
    share: float | None = None
    """This share of the matching calls, drawn from a seeded generator."""
    times: int | None = None
    after: bool = False
    """For kinds that replace the reply: whether the effect happens first."""
    seconds: float | None = None
    size: int | None = None
    field: str | None = None
    value: Any = None
    seen: int = 0
    injected: int = 0


_STATUSES = {
    500: "the vendor's own 500",
    502: "a gateway's 502",
    503: "a gateway's 503",
    504: "a gateway's 504",
    403: "not permitted",
}

LINE = (
    FaultKind("reset_before", "before", "connection reset before the body is read; nothing stored"),
    FaultKind("delay_before", "before", "waits `seconds` before the effect"),
    FaultKind("clock_back", "before", "the vendor's clock steps back by `seconds`"),
    FaultKind("lost_reply", "after", "stored, then the connection is aborted before a byte of the reply"),
    FaultKind("delay_after", "after", "stored, then waits `seconds` before replying"),
    FaultKind("cut_body", "after", "the connection ends half-way through the body"),
    FaultKind("garbled_status", "after", "a first line that violates the protocol"),
    FaultKind("drip", "after", "one byte of the reply every `seconds`"),
)
"""Faults of any connection, whatever its protocol."""

COMMON = (
    *LINE,
    *(FaultKind(f"http_{status}", "instead", says) for status, says in _STATUSES.items()),
    FaultKind("retry_after_seconds", "instead", "429 with Retry-After: `seconds`"),
    FaultKind("retry_after_date", "instead", "429 with Retry-After as an HTTP date `seconds` ahead"),
    FaultKind("retry_after_absent", "instead", "429 without Retry-After"),
    FaultKind("retry_after_absurd", "instead", "429 that asks for three days"),
    FaultKind("proxy_html", "instead", "502 with an HTML page of a proxy"),
    FaultKind("login_page", "instead", "200 with an HTML login page"),
    FaultKind("truncated_gzip", "after", "a truncated gzip stream"),
    FaultKind("malformed_json", "after", "truncated JSON"),
    FaultKind("nan", "after", "NaN in place of a value"),
    FaultKind("deep_nesting", "after", "arrays nested `size` deep"),
    FaultKind("nul", "after", "a NUL character inside a string"),
    FaultKind("invalid_utf8", "after", "bytes that are not UTF-8 inside a string"),
    FaultKind("oversized", "after", "`size` bytes of padding after the document"),
    FaultKind("wrong_content_type", "after", "a media type that does not match the body"),
)
"""Faults of a vendor with an HTTP interface."""


class Faults:
    """The active rules, and how often they were applied."""

    def __init__(self, kinds: Iterable[FaultKind] = (), *, common: Iterable[FaultKind] = COMMON, seed: int = 0) -> None:
        self.kinds = {kind.name: kind for kind in (*common, *kinds)}
        self.rules: list[FaultRule] = []
        self.injected: Counter[str] = Counter()
        self._seed = seed
        self._dice: list[random.Random] = []

    def add(self, rule: FaultRule | str, /, **when: Any) -> FaultRule:
        """Add a rule, given whole or as a kind with keywords; ValueError for an unknown kind."""
        made = msgspec.convert({"kind": rule, **when}, FaultRule) if isinstance(rule, str) else rule
        if made.kind not in self.kinds:
            raise ValueError(f"unknown fault {made.kind!r}; choose one of {', '.join(sorted(self.kinds))}")
        self._dice.append(random.Random(f"{self._seed}:{len(self.rules)}:{made.kind}"))
        self.rules.append(made)
        return made

    def clear(self) -> None:
        """Remove all rules; the counts stay until `reset`."""
        self.rules.clear()
        self._dice.clear()

    def reset(self) -> None:
        """Remove all rules and clear the counts."""
        self.clear()
        self.injected.clear()

    def pick(
        self, operation: str, method: str, parts: list[str], kinds: Container[str] | None = None
    ) -> list[FaultRule]:
        """The rules that strike this call, in the order they were added; counts them as injected.

        `kinds`, when given, are those that can strike a call of this sort; others do not see it.
        """
        if not self.rules:
            return []
        path = "/" + "/".join(parts)
        return [
            rule
            for rule, dice in zip(self.rules, self._dice, strict=True)
            if (kinds is None or rule.kind in kinds)
            and fnmatchcase(operation, rule.operation)
            and fnmatchcase(method, rule.method)
            and fnmatchcase(path, rule.path)
            and self._strikes(rule, dice)
        ]

    def phase(self, rule: FaultRule) -> Phase:
        """The phase of the rule's kind."""
        return self.kinds[rule.kind].phase

    def _strikes(self, rule: FaultRule, dice: random.Random) -> bool:
        rule.seen += 1
        if rule.times is not None and rule.injected >= rule.times:
            return False
        if rule.nth is not None and rule.seen != rule.nth:
            return False
        if rule.share is not None and dice.random() >= rule.share:
            return False
        rule.injected += 1
        self.injected[rule.kind] += 1
        return True
