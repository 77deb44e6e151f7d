"""Secrets of an encrypted disk never leave, and words around them do."""

from __future__ import annotations

import re

import pytest

from plugins.winmagic.mapping import DISK_SECRETS, VERSION
from plugins.winmagic.settings import FreshdeskSettings


def _masked(text):
    settings = FreshdeskSettings(vendor="winmagic", base_url="https://desk.example/api/v2", api_key="k")
    for pattern in settings.redact:
        text = re.sub(pattern, "#", text)
    return text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("it is 123456-123456-123456-123456-123456-123456-123456-123456.", "it is #."),
        ("Recovery key: 7F3K-22AB-91CD entered", "# entered"),
        ("the recovery password is 7f3k22ab, then reboot", "the # then reboot"),
        ("Challenge code = 4471 A8B2 99FF 0C1D\nResponse: 88A1 0022", "#\n#"),
        ("One-time password: 99x1", "#"),
    ],
)
def test_secrets_of_disks_are_masked(text, masked):
    """Recovery passwords, and what stands behind the name of a key, challenge or response, are masked."""
    assert _masked(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "Recovery key not requested.",
        "The recovery key is required at boot.",
        "No response: we rang twice.",
        "Response time: fine since 9.2 SR1",
        "Ticket 123456-123456",
    ],
)
def test_words_about_keys_are_not_masked(text):
    """A text that names a key without telling it stays as it is."""
    assert _masked(text) == text


def test_patterns_are_kept_apart_from_links():
    """Every pattern compiles, and versions are found with service release and hotfix."""
    assert all(re.compile(one) for one in DISK_SECRETS)
    found = [re.search(VERSION, title)[0] for title in ("9.2 SR1 SES Release Notes", "securedoc 8.5 SR2 HF3", "6.5")]
    assert found == ["9.2 SR1", "8.5 SR2 HF3", "6.5"]
