"""Webhooks of automation rules: they are not signed, so a secret address and a password authenticate the sender.

Source: api-evangelist/freshdesk, asyncapi/freshdesk-webhook-api-asyncapi.yml. The body is a template that the vendor's
admin writes; the hub's page on a vendor shows one with the ticket's number and time of change.
"""

from __future__ import annotations

import base64
import hashlib
import re

import msgspec
from pydantic import SecretStr

from hub.model import Delivery, WebhookRequest
from hub.platforms.freshdesk.settings import Settings
from hub.platforms.proof import require_secret

_SECRET = re.compile(r"/?([^/]+)")


class _Body(msgspec.Struct):
    ticket_id: int | str = ""
    updated_at: str = ""


def read(settings: Settings, request: WebhookRequest) -> Delivery:
    """What a delivery says; raises DeliveryRefused without the secret address, or the password if one is set."""
    found = _SECRET.fullmatch(request.path)
    require_secret((settings.webhook_secret, settings.webhook_secret_old), found[1] if found else "")
    if settings.webhook_password is not None:
        pair = f"{settings.webhook_user}:{settings.webhook_password.get_secret_value()}"
        proof = SecretStr(f"Basic {base64.b64encode(pair.encode()).decode()}")
        require_secret((proof,), request.headers.get("authorization", ""))
    body = _parse(request.body)
    number = str(body.ticket_id)
    # without a time of change two deliveries may be equal: then the time of arrival distinguishes them
    distinction = b"" if body.updated_at else request.received_at.isoformat().encode()
    return Delivery(
        id=hashlib.sha256(request.body + distinction).hexdigest(),
        stream="cases",
        case_number=number if number.isascii() and number.isdigit() else "",
    )


def _parse(body: bytes) -> _Body:
    try:
        return msgspec.json.decode(body, type=_Body)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError):
        return _Body()
