"""Deliveries that a vendor pushes to the hub."""

from __future__ import annotations

from datetime import datetime

from hub.model.base import Value


class WebhookRequest(Value, frozen=True):
    """One delivery as it arrived."""

    headers: dict[str, str]  # names in lower case
    body: bytes
    received_at: datetime


class Delivery(Value, frozen=True):
    """What a proved delivery says; it only wakes a stream."""

    id: str  # remembered, so that a repeat has no effect
    stream: str
    case_number: str = ""
