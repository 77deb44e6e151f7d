"""The authentication of deliveries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from hub.errors import DeliveryRefused
from hub.platforms import proof

NEW, OLD = SecretStr("zd-test-secret-0001"), SecretStr("zd-test-secret-0000")
MESSAGE = b'2026-09-01T09:00:00Z{"type":"zen:event-type:ticket.created","detail":{"id":"4014"}}'
SIGNATURE = "giEELwYVsEj4E26LLrnVLPSPN/LMZdbGNvDcvlqhpVE="
"""Computed apart from this code, from the published formula."""
NOW = datetime(2026, 9, 1, 9, tzinfo=UTC)


def test_a_valid_signature_is_accepted_also_with_the_old_secret() -> None:
    """The known vector is valid, alone and with another secret."""
    proof.require_signature([NEW], MESSAGE, SIGNATURE)
    proof.require_signature([None, OLD, NEW], MESSAGE, SIGNATURE)


@pytest.mark.parametrize(
    ("secrets", "message", "given"),
    [
        ([OLD], MESSAGE, SIGNATURE),
        ([NEW], MESSAGE + b" ", SIGNATURE),
        ([NEW], MESSAGE, SIGNATURE[:-1]),
        ([NEW], MESSAGE, ""),
        ([NEW], MESSAGE, "\ud800é"),
        ([SecretStr("")], MESSAGE, SIGNATURE),
        ([None], MESSAGE, SIGNATURE),
        ([], MESSAGE, SIGNATURE),
    ],
)
def test_anything_else_is_refused(secrets: list[SecretStr | None], message: bytes, given: str) -> None:
    """Another secret, another body, a cut or missing signature, and an account without a secret are refused."""
    with pytest.raises(DeliveryRefused) as caught:
        proof.require_signature(secrets, message, given)
    assert SIGNATURE not in str(caught.value)


def test_a_shared_secret_is_compared_completely() -> None:
    """Only the complete secret is accepted; an empty secret never matches."""
    proof.require_secret([OLD, NEW], "zd-test-secret-0001")
    for given in ("zd-test-secret-000", "", "zd-test-secret-00011"):
        with pytest.raises(DeliveryRefused):
            proof.require_secret([NEW, SecretStr("")], given)


def test_a_signed_time_has_five_minutes() -> None:
    """The window is exact to the second, on both sides."""
    for seconds in (0, 300, -300):
        proof.require_recent(NOW, NOW + timedelta(seconds=seconds))
    for seconds in (301, -301):
        with pytest.raises(DeliveryRefused, match="five minutes"):
            proof.require_recent(NOW, NOW + timedelta(seconds=seconds))
