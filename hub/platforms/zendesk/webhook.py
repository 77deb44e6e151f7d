"""Webhooks: each delivery is signed, with its time, under the webhook's secret.

Source: "Verifying webhooks" of the API's manual, and zenpy's recordings. What was signed tells deliveries apart: the
event's own id, else time and body; the invocation's id, a header, is not signed.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

import msgspec

from hub.errors import DeliveryRefused
from hub.model import Delivery, StreamKind, WebhookRequest
from hub.platforms.proof import require_recent, require_signature
from hub.platforms.zendesk.settings import Settings

SIGNATURE = "x-zendesk-webhook-signature"
TIME = "x-zendesk-webhook-signature-timestamp"


class _Said(msgspec.Struct):
    id: Any = ""
    type: Any = ""
    detail: Any = None
    ticket_id: Any = ""
    """Of a body that the vendor's administrator wrote, for a trigger."""


def read(settings: Settings, request: WebhookRequest) -> Delivery:
    """What a delivery says; raises DeliveryRefused unless it is signed by the account's secret, lately."""
    time = request.headers.get(TIME, "")
    signed = time.encode("utf-8", "replace") + request.body
    secrets = (settings.webhook_secret, settings.webhook_secret_old)
    require_signature(secrets, signed, request.headers.get(SIGNATURE, ""))
    sent_at = _moment(time)
    require_recent(sent_at, request.received_at)
    said = _said(request.body)
    detail = said.detail if isinstance(said.detail, dict) else {}
    number = str(detail.get("id") or said.ticket_id)
    is_case = "article" not in str(said.type)
    ident = said.id if isinstance(said.id, str) and said.id else hashlib.sha256(signed).hexdigest()
    return Delivery(
        id=ident,
        stream=StreamKind.CASES if is_case else StreamKind.ARTICLES,
        sent_at=sent_at,
        case_number=number if is_case and number.isascii() and number.isdigit() else "",
    )


def _moment(time: str) -> datetime:
    try:
        at = datetime.fromisoformat(time)
    except ValueError:
        raise DeliveryRefused("the signed time is none") from None
    if at.tzinfo is None:
        raise DeliveryRefused("the signed time has no offset")
    return at.astimezone(UTC)


def _said(body: bytes) -> _Said:
    try:
        return msgspec.json.decode(body, type=_Said)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError):
        return _Said()
