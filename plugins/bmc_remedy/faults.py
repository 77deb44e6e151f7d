"""Reads AR System's error answers, a JSON array of messages, and says who acts next.

Numbers and words: BMC's AR System error messages guide, Splunk's open connector for Remedy, BMC's own web
client. What is kept of a message: its number and its fixed text, shortened, without anything quoted in it; of
the appended text, which may carry values, only the names of fields that we know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from hub.errors import (
    CaseMissing,
    CaseRefused,
    FieldRefused,
    HubError,
    LoginRefused,
    NotPermitted,
    TryLater,
    VendorError,
    VendorMisbehaved,
    VendorUnavailable,
)
from hub.http import Reply

GUEST = 59
NOT_FOUND = 404
CONTACT_WORDS = "incident contact information"
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|<[^>]*>|\S+@\S+")
_LONGEST = 120

_NUMBERS: Mapping[int, tuple[type[VendorError], str, bool]] = {
    90: (VendorUnavailable, "", False),
    91: (VendorUnavailable, "", False),
    92: (VendorUnavailable, "", True),
    93: (VendorUnavailable, "", False),
    94: (VendorUnavailable, "ask for smaller pages (page_size)", False),
    302: (CaseMissing, "", False),
    303: (NotPermitted, "check that the form exists and that the user may see it", False),
    309: (TryLater, "", False),
    623: (LoginRefused, "check the account's user and password", False),
    9093: (TryLater, "keep the account's concurrency at 1, and its user for the hub alone", False),
    9965: (TryLater, "", False),
}
"""By AR number: the error, what to do next, and whether a write may have been stored in spite of it."""

_FIELD_NUMBERS = frozenset({307, 8962})
_FAILURES = frozenset({"FATAL", "BAD STATUS"})


class ArMessage(msgspec.Struct, frozen=True, rename="camel"):
    """One message of AR System."""

    message_type: str = "ERROR"
    message_text: str | None = None
    message_appended_text: str | None = None
    message_number: int = 0

    def fixed(self) -> str:
        """Number and fixed text, without anything that could be a value."""
        text = " ".join(_QUOTED.sub("…", self.message_text or "").split())
        text = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
        return f"AR {self.message_number}" + (f": {text}" if text else "")

    def speaks_of(self, words: str) -> bool:
        """Whether the text or the appended text holds these words."""
        return words.lower() in f"{self.message_text} {self.message_appended_text}".lower()


def messages(raw: bytes | str) -> tuple[ArMessage, ...]:
    """The messages of an error body or an X-AR-Messages header; none when it holds no such array."""
    try:
        return tuple(msgspec.json.decode(raw, type=list[ArMessage]))
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError):
        return ()


def guest_notice(raw: str) -> bool:
    """Whether X-AR-Messages says that a login was turned into a guest's."""
    told = messages(raw)
    if raw.strip() and not told:
        return "login failed" in raw.lower()
    return any(one.message_number == GUEST or one.speaks_of("login failed") for one in told)


def explainer(names: Mapping[str, str]) -> Callable[[Reply], HubError | None]:
    """A reader of error answers; `names` translates the form fields that a refusal may name."""

    def explain(reply: Reply) -> HubError | None:
        told = messages(reply.content)
        if not told:
            # a proxy's 404, or a wrong address, must never be taken for a deleted case
            return (
                reply.misbehaved("404 without AR System's messages", next_step="check base_url")
                if reply.status == NOT_FOUND
                else None
            )
        known: dict[str, Any] = {"vendor": reply.vendor, "account": reply.account, "request_id": reply.request_id}
        return _error(reply.status, _worst(told), names, known)

    return explain


def _worst(told: tuple[ArMessage, ...]) -> ArMessage:
    errors = [one for one in told if one.message_type not in {"OK", "NOTE", "WARNING"}]
    known = [one for one in errors if one.message_number in _NUMBERS or one.message_number in _FIELD_NUMBERS]
    return (known or errors or list(told))[0]


def _error(status: int, message: ArMessage, names: Mapping[str, str], known: dict[str, Any]) -> VendorError | None:
    text = message.fixed()
    if message.message_number in _NUMBERS:
        kind, step, in_doubt = _NUMBERS[message.message_number]
        return kind(text, next_step=step, in_doubt=in_doubt, **known)
    if message.speaks_of(CONTACT_WORDS):
        return FieldRefused(
            f"AR {message.message_number}: the contact fits no person, or several",
            field="contact",
            next_step="set the contact's names and login so that they fit exactly one person there",
            **known,
        )
    if status in {401, 403}:
        kind = LoginRefused if status == 401 else NotPermitted
        return kind(text, next_step="ask the vendor what this user may do", **known)
    if message.message_type in _FAILURES or status in {429, 502, 503, 504}:
        return None
    found = _named(message.message_appended_text or message.message_text or "", names)
    if found or message.message_number in _FIELD_NUMBERS:
        words = f" ({', '.join(found)})" if found else ""
        field = names[found[0]] if found else ""
        return FieldRefused(text + words, field=field, next_step="correct the field's value", **known)
    if status == NOT_FOUND:
        return VendorMisbehaved(text, next_step="check base_url and the form", **known)
    return CaseRefused(text, next_step="mend what the vendor's rule asks for, then send it again", **known)


def _named(text: str, names: Mapping[str, str]) -> tuple[str, ...]:
    found = [name for name in names if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)]
    return tuple(sorted(found, key=len, reverse=True))[:3]
