"""Removes secrets from what may be logged: addresses, headers, forms, and text that quotes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

MASK = "[redacted]"

_SECRET_NAME = re.compile(
    r"authoriz|authentic|cookie|token|secret|passw|passwd|pwd|api[-_]?key|credential|signature|session[-_]?id|jwt",
    re.IGNORECASE,
)
_PAIR = re.compile(
    r"""(?ix)
    (["']?[\w.-]*(?:authorization|cookie|token|secret|password|passwd|pwd|api[-_]?key|credentials?|signature|
        session[-_]?id)[\w.-]*["']?\s*[=:]\s*)
    (?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?:(?:basic|bearer|digest|ar-jwt|negotiate|zoho-oauthtoken)\s+)?[^\s&,;"']+)
    """
)
_SCHEME = re.compile(r"(?i)\b(basic|bearer|digest|ar-jwt|negotiate)\s+[A-Za-z0-9+/=._~-]{8,}")
_JWT = re.compile(r"\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*")
_USERINFO = re.compile(r"(?<=://)[^/\s@]+@")


def is_secret_name(name: str) -> bool:
    """Whether a header, parameter or form field with this name holds a secret."""
    return _SECRET_NAME.search(name) is not None


def mask_url(url: str) -> str:
    """The address without user, password, query values and fragment, safe to log."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    names = "&".join(f"{pair.partition('=')[0]}=" for pair in parts.query.split("&") if pair)
    return (f"{parts.scheme}://{host}" if host else "") + parts.path + (f"?{names}" if names else "")


def mask_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers, with secret values masked."""
    return {name: MASK if is_secret_name(name) else redact(value) for name, value in headers.items()}


def mask_form(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """A form's fields, with secret values masked."""
    return [(name, MASK if is_secret_name(name) else value) for name, value in pairs]


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text with these secrets, and everything that looks like a credential, masked."""
    for secret in sorted((secret for secret in secrets if secret), key=len, reverse=True):
        text = text.replace(secret, MASK)
    text = _PAIR.sub(rf"\g<1>{MASK}", text)
    text = _SCHEME.sub(rf"\g<1> {MASK}", text)
    text = _JWT.sub(MASK, text)
    return _USERINFO.sub(f"{MASK}@", text)
