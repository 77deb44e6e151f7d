"""Webhook deliveries from vendors."""

from __future__ import annotations

from datetime import datetime

from hub.model.base import Value
from hub.model.lane import StreamKind


class WebhookRequest(Value, frozen=True):
    """One delivery as it arrived."""

    headers: dict[str, str]  # names in lower case
    body: bytes
    received_at: datetime
    path: str = ""  # after the account's address: for vendors whose only proof is a secret path
    query: dict[str, str] = {}


class Delivery(Value, frozen=True):
    """A verified delivery; it only wakes a stream."""

    id: str  # stored, so that a repeat has no effect
    stream: StreamKind  # cases, articles, patches or sessions
    case_number: str = ""
    sent_at: datetime | None = None  # as signed; None where the vendor signs no time
