"""Webhooks: each delivery is signed, together with its time, with the webhook's secret.

Source: "Verifying webhooks" of the API's manual, and zenpy's recordings. A delivery's id comes from what was signed:
the event's own id, or else time and body. The header with the invocation's id is not signed.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

import msgspec

from hub.errors import DeliveryRefused
from hub.model import Delivery, WebhookRequest
from hub.platforms.proof import require_recent, require_signature
from hub.platforms.zendesk.settings import Settings

SIGNATURE = "x-zendesk-webhook-signature"
TIME = "x-zendesk-webhook-signature-timestamp"


class _Body(msgspec.Struct):
    id: Any = ""
    type: Any = ""
    detail: Any = None
    ticket_id: Any = ""
    """For a trigger, whose body the vendor's administrator writes."""


def read(settings: Settings, request: WebhookRequest) -> Delivery:
    """What a delivery says; raises DeliveryRefused unless it has a recent signature with the account's secret."""
    time = request.headers.get(TIME, "")
    signed = time.encode("utf-8", "replace") + request.body
    secrets = (settings.webhook_secret, settings.webhook_secret_old)
    require_signature(secrets, signed, request.headers.get(SIGNATURE, ""))
    sent_at = _moment(time)
    require_recent(sent_at, request.received_at)
    body = _parse(request.body)
    detail = body.detail if isinstance(body.detail, dict) else {}
    number = str(detail.get("id") or body.ticket_id)
    is_case = "article" not in str(body.type)
    ident = body.id if isinstance(body.id, str) and body.id else hashlib.sha256(signed).hexdigest()
    return Delivery(
        id=ident,
        stream="cases" if is_case else "articles",
        sent_at=sent_at,
        case_number=number if is_case and number.isascii() and number.isdigit() else "",
    )


def _moment(time: str) -> datetime:
    try:
        at = datetime.fromisoformat(time)
    except ValueError:
        raise DeliveryRefused("the signed time is not a time") from None
    if at.tzinfo is None:
        raise DeliveryRefused("the signed time has no offset")
    return at.astimezone(UTC)


def _parse(body: bytes) -> _Body:
    try:
        return msgspec.json.decode(body, type=_Body)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError):
        return _Body()
