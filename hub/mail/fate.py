"""Decides what became of a mail, from how far it got and what was answered. Nothing else does. Pure.

Source: RFC 5321. A server takes a mail on when it answers the line with the final dot with 2xx (section 4.1.1.4);
4xx means that nothing was taken and a repeat may succeed, 5xx that nothing was taken and none will (4.2.1). So before
the dot nothing can have been taken, and only a lost answer to it leaves doubt. RFC 3463 gives the detailed codes.
"""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from hub.errors import (
    CaseRefused,
    FieldRefused,
    LoginRefused,
    NotPermitted,
    RateLimited,
    TryLater,
    VendorError,
    VendorMisbehaved,
    VendorUnavailable,
)
from hub.http.fate import chain

_DETAIL = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_SLOW_DOWN = re.compile(r"(?i)\brate\b|throttl|too many|too fast|slow down|limit exceeded")
_LOGIN_CODES = frozenset({530, 534, 535, 538})
_WAIT = re.compile(r"(?i)\b(?:in|after|for)\s+(\d{1,7}(?:\.\d+)?)\s*(s\b|sec|m\b|min|h\b|hour)")
_BACKOFF = re.compile(r"(?i)backoff time: (\d{1,12}) milliseconds")  # Exchange's, at mailboxes
_NOT_ALLOWED = re.compile(r"(?i)\[NOPERM\]|not (?:permitted|authori[sz]ed|allowed)|permission")
_WAITS = frozenset({"4.7.28", "4.7.32", "4.5.3", "4.3.2"})


class MailProgress(StrEnum):
    """How far a mail has come."""

    CONNECT = "connect"  # greeting, EHLO and TLS included
    LOGIN = "login"
    SENDER = "sender"
    RECIPIENT = "recipient"
    CONTENT = "content"  # DATA and the mail, but for the final dot
    END = "end"  # the final dot may have left


@dataclass
class MailDelivery:
    """The way of one mail; the client moves it on."""

    step: MailProgress = MailProgress.CONNECT
    taken: bool = False  # the server answered the final dot with 2xx
    refused: bool = False  # or with a refusal

    @property
    def may_be_taken(self) -> bool:
        """Whether the server may have taken the mail on."""
        return self.taken or (self.step is MailProgress.END and not self.refused)


def answer_error(code: int, words: str, step: MailProgress) -> VendorError:
    """What a server's refusal means; of its words only the detailed code is kept."""
    found = _DETAIL.search(words)
    detail = found[1] if found else ""
    said = f"the mail server answered {code}{f' {detail}' if detail else ''} to {_TOLD[step]}; nothing was taken"
    if 400 <= code < 500:
        if detail in _WAITS or _SLOW_DOWN.search(words):
            return RateLimited(said, wait=wait_told(words))
        return TryLater(said)
    if not 500 <= code < 600:
        in_doubt = step is MailProgress.END
        told = "; it may have been taken" if in_doubt else ""
        return VendorMisbehaved(f"the mail server's answer to {_TOLD[step]} is no answer{told}", in_doubt=in_doubt)
    if step is MailProgress.LOGIN or code in _LOGIN_CODES:
        return LoginRefused(said, next_step="check username and password, and whether the account may use SMTP")
    if code == 552 or detail.endswith((".3.4", ".2.3")):
        return FieldRefused(said, field="attachment", next_step="it is too large; send the file another way")
    ours = step in {MailProgress.CONNECT, MailProgress.SENDER} or (
        step is MailProgress.RECIPIENT and detail.startswith("5.7")
    )
    if ours or (detail.startswith("5.7") and _NOT_ALLOWED.search(words)):
        return NotPermitted(said, next_step="check whether this login may send from the account's address")
    if step is MailProgress.RECIPIENT:
        return CaseRefused(said, next_step="check the vendor's address")
    return CaseRefused(said, next_step="look at what the text or the file may have been refused for")


def wait_told(words: str) -> float | None:
    """Seconds that a server asks to wait, if its words tell: mail has no other way to say it."""
    if backoff := _BACKOFF.search(words):
        return int(backoff[1]) / 1000
    found = _WAIT.search(words)
    if found is None:
        return None
    return float(found[1]) * {"s": 1.0, "m": 60.0, "h": 3600.0}[found[2][0].lower()]


def not_offered(step: MailProgress) -> VendorError:
    """The server does not offer what the settings ask of it: STARTTLS, or a login."""
    if step is MailProgress.LOGIN:
        return LoginRefused("the mail server offers no login that we can use", next_step="check tls and the port")
    return NotPermitted("the mail server offers no STARTTLS", next_step="check tls and the port")


_TOLD = {
    MailProgress.CONNECT: "the greeting",
    MailProgress.LOGIN: "the login",
    MailProgress.SENDER: "our address as the sender",
    MailProgress.RECIPIENT: "the recipient",
    MailProgress.CONTENT: "the mail's beginning",
    MailProgress.END: "the mail",
}

_CAUSES: tuple[tuple[type[BaseException], str, str], ...] = (
    (
        ssl.SSLCertVerificationError,
        "the mail server's TLS certificate was not accepted",
        "check host name and certificate; name a private CA with ca_file",
    ),
    (ssl.SSLError, "the TLS handshake with the mail server failed", "check tls and the port"),
    (TimeoutError, "the mail server did not answer in time", ""),
    (OSError, "no connection to the mail server, or it was cut", "check host, port, DNS and the firewall"),
)


def failure(error: BaseException, course: MailDelivery | None = None) -> VendorError:
    """The hub's error for a mail, or a look, without a usable answer; `course` is None for a look."""
    in_doubt = course is not None and course.may_be_taken
    if course is None:
        told = "nothing was written"
    else:
        told = "the mail may have been taken" if in_doubt else "the mail was not taken"
    known: dict[str, Any] = {"in_doubt": in_doubt}
    for cause, words, next_step in _CAUSES:
        if any(isinstance(one, cause) for one in chain(error)):
            return VendorUnavailable(f"{words}; {told}", next_step=next_step, **known)
    return VendorMisbehaved(f"the mail server's answers make no sense ({type(error).__name__}); {told}", **known)


_IMAP_LATER = re.compile(r"(?i)\[(?:UNAVAILABLE|INUSE|SERVERBUG|CONTACTADMIN)\]|temporar|try again|\bbusy\b")
_IMAP_SLOW = re.compile(r"(?i)\[(?:THROTTLED|LIMIT|OVERQUOTA)\]|throttl|too many|\brate\b|slow down")


def look_error(what: str, status: str, words: str) -> VendorError:
    """What a mailbox's NO or BAD to `what` (login, folder, mails) means (RFC 5530); its words are not kept."""
    said = f"the mailbox answered {status} to {what}"
    if _IMAP_SLOW.search(words):
        return RateLimited(said, wait=wait_told(words))
    if status == "BYE" or _IMAP_LATER.search(words):
        return VendorUnavailable(said)
    if _NOT_ALLOWED.search(words) and what != "login":
        return NotPermitted(said, next_step="check what the account may do at the mailbox")
    if what == "login":
        return LoginRefused(said, next_step="check username and password, and whether the account may use IMAP")
    if what == "folder":
        return NotPermitted(said, next_step="check the name of the folder")
    return VendorMisbehaved(said)
