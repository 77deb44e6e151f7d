"""The event: one entry of the journal."""

from __future__ import annotations

from datetime import datetime

from hub.model.base import Json, Value
from hub.model.journal import Entry, decode


class Event(Value, frozen=True):
    """One thing that happened. Contains ids, states and fingerprints, never texts or secrets."""

    chain: str  # the ticket, account or part of the hub it belongs to
    position: int  # in its chain, from 1
    at: datetime
    kind: str
    data: dict[str, Json]  # as stored

    @property
    def entry(self) -> Entry:
        """The data as the value of its kind; `docs/reference/journal.md` lists all of them."""
        return decode(self.kind, self.data)
