"""The event: one entry of the journal."""

from __future__ import annotations

from datetime import datetime

from hub.model.base import Json, Value


class Event(Value, frozen=True):
    """One thing that happened. Contains ids, states and fingerprints, never texts or secrets."""

    chain: str  # the ticket, account or part of the hub it belongs to
    position: int  # in its chain, from 1
    at: datetime
    kind: str
    data: dict[str, Json]
