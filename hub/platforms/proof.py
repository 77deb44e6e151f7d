"""Proofs that a delivery comes from the vendor: secrets and signatures, compared in constant time. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta

from pydantic import SecretStr

from hub.errors import DeliveryRefused

WINDOW = timedelta(minutes=5)
"""How far a signed time may be from ours, either way."""


def require_signature(secrets: Iterable[SecretStr | None], message: bytes, given: str) -> None:
    """Raise DeliveryRefused unless `given` is the base64 of the message's HMAC-SHA256 under one of the secrets.

    Several secrets are for the time of a rotation: the new one and the old.
    """
    keys = [secret.get_secret_value().encode() for secret in secrets if secret is not None]
    made = [base64.b64encode(hmac.digest(key, message, hashlib.sha256)) for key in keys if key]
    _require_one(made, given.encode("utf-8", "replace"), "the signature is not the account's")


def require_secret(secrets: Iterable[SecretStr | None], given: str) -> None:
    """Raise DeliveryRefused unless `given` is one of the secrets; an empty one is none."""
    known = [secret.get_secret_value().encode() for secret in secrets if secret is not None]
    _require_one(
        [one for one in known if one],
        given.encode("utf-8", "replace"),
        "the delivery does not know the account's secret",
    )


def require_recent(sent_at: datetime, received_at: datetime) -> None:
    """Raise DeliveryRefused for a signed time that is more than five minutes from when it arrived."""
    if abs(received_at - sent_at) > WINDOW:
        raise DeliveryRefused(
            "the delivery was signed more than five minutes ago, or in the future",
            next_step="let the sender sign it anew, and compare the clocks",
        )


def _require_one(known: list[bytes], given: bytes, otherwise: str) -> None:
    fits = [hmac.compare_digest(one, given) for one in known]  # all of them: time tells nothing
    if not any(fits):
        raise DeliveryRefused(
            otherwise if known else "the account has no secret for deliveries",
            next_step="compare the secret at the vendor with the account's webhook_secret",
        )
