"""Webhooks of automation rules: nothing in them is signed, so a secret address and a password prove the sender.

Source: api-evangelist/freshdesk, asyncapi/freshdesk-webhook-api-asyncapi.yml. The body is a template of the vendor's
admin; the hub's page on a vendor shows one that names the ticket and its time of change.
"""

from __future__ import annotations

import base64
import hashlib
import re

import msgspec
from pydantic import SecretStr

from hub.model import Delivery, StreamKind, WebhookRequest
from hub.platforms.freshdesk.settings import Settings
from hub.platforms.proof import require_secret

_SECRET = re.compile(r"/?([^/]+)")


class _Said(msgspec.Struct):
    ticket_id: int | str = ""
    updated_at: str = ""


def read(settings: Settings, request: WebhookRequest) -> Delivery:
    """What a delivery says; raises DeliveryRefused unless it knows the secret address, and the password if any."""
    found = _SECRET.fullmatch(request.path)
    require_secret((settings.webhook_secret, settings.webhook_secret_old), found[1] if found else "")
    if settings.webhook_password is not None:
        pair = f"{settings.webhook_user}:{settings.webhook_password.get_secret_value()}"
        proof = SecretStr(f"Basic {base64.b64encode(pair.encode()).decode()}")
        require_secret((proof,), request.headers.get("authorization", ""))
    said = _said(request.body)
    number = str(said.ticket_id)
    # without a time of change two deliveries may have the same words: then the moment tells them apart
    apart = b"" if said.updated_at else request.received_at.isoformat().encode()
    return Delivery(
        id=hashlib.sha256(request.body + apart).hexdigest(),
        stream=StreamKind.CASES,
        case_number=number if number.isascii() and number.isdigit() else "",
    )


def _said(body: bytes) -> _Said:
    try:
        return msgspec.json.decode(body, type=_Said)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError):
        return _Said()
