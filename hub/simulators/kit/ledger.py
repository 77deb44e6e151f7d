"""The vendor's record of what it stored and who called, separate from its replies."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec


class Entry(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """One stored item, in order of storing."""

    seq: int
    at: float
    """Vendor's time, epoch seconds."""
    kind: str
    """case, note, attachment, change, delete, article, patch, session, feedback or mail."""
    id: str
    """What people see: incident number, note id, `note id/field` for an attachment."""
    parent: str | None = None
    """The case that a note, attachment, change or delete belongs to."""
    key: str | None = None
    """The bond's key that the case carries, such as a Vendor Ticket Number."""
    by: str = ""
    sha256: str | None = None
    """Of the raw request body that caused a write over HTTP."""
    size: int | None = None
    text: str | None = None
    """The stored text of a case, note or article."""
    public: bool | None = None
    """Of a note or attachment: whether the vendor's customer, that is RjR, is meant to see it."""
    values: dict[str, Any] | None = None


class Ledger:
    """All stored effects and request counts; `lean` drops texts and values."""

    def __init__(self, *, lean: bool = False) -> None:
        self.lean = lean
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self.entries: list[Entry] = []
        self.requests: Counter[str] = Counter()
        self.in_flight: Counter[str] = Counter()
        self.most_in_flight: dict[str, int] = {}

    def store(
        self,
        kind: str,
        name: str,
        *,
        at: float,
        by: str,
        parent: str | None = None,
        key: str | None = None,
        sha256: str | None = None,
        size: int | None = None,
        text: str | None = None,
        public: bool | None = None,
        values: dict[str, Any] | None = None,
    ) -> None:
        """Record one stored effect; `name` is the entry's `id`."""
        copied = None if self.lean or values is None else dict(values)
        self.entries.append(
            Entry(
                seq=len(self.entries) + 1,
                at=at,
                kind=kind,
                id=name,
                parent=parent,
                key=key,
                by=by,
                sha256=sha256,
                size=size,
                text=None if self.lean else text,
                public=public,
                values=copied,
            )
        )

    def count(self, method: str, operation: str) -> None:
        """Count a request."""
        self.requests[f"{method} {operation}"] += 1

    def enter(self, user: str) -> int:
        """Record that a call of this user begins; returns how many are in flight, including it. Without a user: 0."""
        if not user:
            return 0
        self.in_flight[user] += 1
        now = self.in_flight[user]
        if now > self.most_in_flight.get(user, 0):
            self.most_in_flight[user] = now
        return now

    def leave(self, user: str) -> None:
        """Record that a call of this user ended."""
        if user:
            self.in_flight[user] -= 1

    def of(self, kind: str, parent: str | None = None) -> list[Entry]:
        """The entries of one kind, of one case if `parent` is given."""
        return [e for e in self.entries if e.kind == kind and (parent is None or e.parent == parent)]

    def document(self, since: int = 0) -> dict[str, Any]:
        """Everything as plain data; `since` leaves out entries up to that number."""
        return {
            "entries": self.entries[since:],
            "requests": dict(self.requests),
            "most_in_flight": dict(self.most_in_flight),
        }
