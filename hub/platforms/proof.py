"""Authenticates deliveries by secrets and signatures, compared in constant time. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta

from pydantic import SecretStr

from hub.errors import DeliveryRefused

WINDOW = timedelta(minutes=5)
"""How much a signed time may differ from ours."""


def require_signature(secrets: Iterable[SecretStr | None], message: bytes, given: str) -> None:
    """Raise DeliveryRefused unless `given` is the base64 of the message's HMAC-SHA256 under one of the secrets.

    Several secrets are valid during a rotation: the new and the old one.
    """
    keys = [secret.get_secret_value().encode() for secret in secrets if secret is not None]
    expected = [base64.b64encode(hmac.digest(key, message, hashlib.sha256)) for key in keys if key]
    _require_match(expected, given.encode("utf-8", "replace"), "the delivery is not signed with the account's secret")


def require_secret(secrets: Iterable[SecretStr | None], given: str) -> None:
    """Raise DeliveryRefused unless `given` is one of the secrets; empty secrets never match."""
    keys = [secret.get_secret_value().encode() for secret in secrets if secret is not None]
    _require_match(
        [key for key in keys if key],
        given.encode("utf-8", "replace"),
        "the delivery does not have the account's secret",
    )


def require_recent(sent_at: datetime, received_at: datetime) -> None:
    """Raise DeliveryRefused for a signed time that is more than five minutes from the time of arrival."""
    if abs(received_at - sent_at) > WINDOW:
        raise DeliveryRefused(
            "the delivery was signed more than five minutes ago, or in the future",
            next_step="have the sender sign it again, and compare the clocks",
        )


def _require_match(expected: list[bytes], given: bytes, message: str) -> None:
    matches = [hmac.compare_digest(value, given) for value in expected]  # compare all, so that the time reveals nothing
    if not any(matches):
        raise DeliveryRefused(
            message if expected else "the account has no secret for deliveries",
            next_step="compare the secret at the vendor with the account's webhook_secret",
        )
