"""What WinMagic's own texts look like: versions of SecureDoc, and secrets of an encrypted disk. Pure."""

from __future__ import annotations

VERSION = r"\d+\.\d+(?:\s?SR\s?\d+)?(?:\s?HF\s?\d+)?"
"""A version, such as 9.2, 9.2 SR1 or 8.5 SR2 HF3: SR is a service release, HF a hotfix.

Source: titles of documentation.winmagic.com and names of the release notes at www.winmagic.com.
"""

_VALUE = r"\s*(?:\bis\b|:|=)\s*\S*\d\S*(?:(?: |-)(?-i:[A-Z0-9]{4,8})\b)*"
DISK_SECRETS = (
    r"\b\d{6}(?:-\d{6}){7}\b",
    r"(?i)\b(?:recovery|emergency|one(?:-| )time)(?: |-)(?:key|password|code|string)" + _VALUE,
    r"(?i)\b(?:challenge|response)(?: (?:code|key|string))?" + _VALUE,
)
"""Recovery passwords of 48 digits, and what stands behind the name of a recovery key, a challenge or a response."""
