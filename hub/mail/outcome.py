"""Decides what became of a mail, from its progress and the server's answers. No other module decides this. Pure.

Source: RFC 5321. A server accepts a mail when it answers the final dot with 2xx (section 4.1.1.4); 4xx means that the
mail was not accepted and a retry may succeed, 5xx that a retry will fail too (4.2.1). So before the dot nothing can
have been accepted, and only a lost answer to it leaves doubt. RFC 3463 defines the detailed codes.
"""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass
from enum import StrEnum

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
from hub.http.outcome import chain

_DETAIL = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_SLOW_DOWN = re.compile(r"(?i)\brate\b|throttl|too many|too fast|slow down|limit exceeded")
_LOGIN_CODES = frozenset({530, 534, 535, 538})
_WAIT = re.compile(r"(?i)\b(?:in|after|for)\s+(\d{1,7}(?:\.\d+)?)\s*(s\b|sec|m\b|min|h\b|hour)")
_BACKOFF = re.compile(r"(?i)backoff time: (\d{1,12}) milliseconds")  # Exchange's, at mailboxes
_NOT_ALLOWED = re.compile(r"(?i)\[NOPERM\]|not (?:permitted|authori[sz]ed|allowed)|permission")
_WAITS = frozenset({"4.7.28", "4.7.32", "4.5.3", "4.3.2"})


class MailProgress(StrEnum):
    """The step that a mail has reached."""

    CONNECT = "connect"  # including greeting, EHLO and TLS
    LOGIN = "login"
    SENDER = "sender"
    RECIPIENT = "recipient"
    CONTENT = "content"  # DATA and the mail, without the final dot
    END = "end"  # the final dot may have been sent


@dataclass
class MailDelivery:
    """How far the delivery of a mail has come; the client updates it."""

    step: MailProgress = MailProgress.CONNECT
    accepted: bool = False  # the server answered the final dot with 2xx
    refused: bool = False  # the server refused the final dot

    @property
    def may_be_accepted(self) -> bool:
        """Whether the server may have accepted the mail."""
        return self.accepted or (self.step is MailProgress.END and not self.refused)


def refusal(code: int, words: str, step: MailProgress) -> VendorError:
    """The error for a server's refusal; only the detailed code of its text is kept."""
    match = _DETAIL.search(words)
    detail = match[1] if match else ""
    message = f"the mail server answered {code}{f' {detail}' if detail else ''} to {_STEPS[step]}; it accepted nothing"
    if 400 <= code < 500:
        if detail in _WAITS or _SLOW_DOWN.search(words):
            return RateLimited(message, wait=requested_wait(words))
        return TryLater(message)
    if not 500 <= code < 600:
        in_doubt = step is MailProgress.END
        doubt = "; the mail may have been accepted" if in_doubt else ""
        return VendorMisbehaved(f"the mail server's answer to {_STEPS[step]} is invalid{doubt}", in_doubt=in_doubt)
    if step is MailProgress.LOGIN or code in _LOGIN_CODES:
        return LoginRefused(message, next_step="check username and password, and whether the account may use SMTP")
    if code == 552 or detail.endswith((".3.4", ".2.3")):
        return FieldRefused(message, field="attachment", next_step="the mail is too large; send the file another way")
    ours = step in {MailProgress.CONNECT, MailProgress.SENDER} or (
        step is MailProgress.RECIPIENT and detail.startswith("5.7")
    )
    if ours or (detail.startswith("5.7") and _NOT_ALLOWED.search(words)):
        return NotPermitted(message, next_step="check whether this login may send from the account's address")
    if step is MailProgress.RECIPIENT:
        return CaseRefused(message, next_step="check the vendor's address")
    return CaseRefused(message, next_step="find out why the text or the file may have been refused")


def requested_wait(words: str) -> float | None:
    """Seconds that a server's text asks to wait, or None: mail has no field for it."""
    if backoff := _BACKOFF.search(words):
        return int(backoff[1]) / 1000
    match = _WAIT.search(words)
    if match is None:
        return None
    return float(match[1]) * {"s": 1.0, "m": 60.0, "h": 3600.0}[match[2][0].lower()]


def not_offered(step: MailProgress) -> VendorError:
    """The error for a server that does not offer what the settings require: STARTTLS, or a login."""
    if step is MailProgress.LOGIN:
        return LoginRefused(
            "the mail server offers no login method that the hub supports", next_step="check tls and the port"
        )
    return NotPermitted("the mail server offers no STARTTLS", next_step="check tls and the port")


_STEPS = {
    MailProgress.CONNECT: "the greeting",
    MailProgress.LOGIN: "the login",
    MailProgress.SENDER: "our address as the sender",
    MailProgress.RECIPIENT: "the recipient",
    MailProgress.CONTENT: "the start of the mail",
    MailProgress.END: "the mail",
}

_CAUSES: tuple[tuple[type[BaseException], str, str], ...] = (
    (
        ssl.SSLCertVerificationError,
        "the mail server's TLS certificate was not accepted",
        "check host name and certificate; set ca_file for a private CA",
    ),
    (ssl.SSLError, "the TLS handshake with the mail server failed", "check tls and the port"),
    (TimeoutError, "the mail server did not answer in time", ""),
    (OSError, "no connection to the mail server, or it was lost", "check host, port, DNS and the firewall"),
)


def failure(error: BaseException, delivery: MailDelivery | None = None) -> VendorError:
    """The error for sending a mail, or for reading the mailbox (`delivery` is None), without a usable answer."""
    in_doubt = delivery is not None and delivery.may_be_accepted
    if delivery is None:
        effect = "nothing was written"
    else:
        effect = "the mail may have been accepted" if in_doubt else "the mail was not accepted"
    for cause, words, next_step in _CAUSES:
        if any(isinstance(link, cause) for link in chain(error)):
            return VendorUnavailable(f"{words}; {effect}", next_step=next_step, in_doubt=in_doubt)
    return VendorMisbehaved(
        f"invalid answer from the mail server ({type(error).__name__}); {effect}", in_doubt=in_doubt
    )


_IMAP_LATER = re.compile(r"(?i)\[(?:UNAVAILABLE|INUSE|SERVERBUG|CONTACTADMIN)\]|temporar|try again|\bbusy\b")
_IMAP_SLOW = re.compile(r"(?i)\[(?:THROTTLED|LIMIT|OVERQUOTA)\]|throttl|too many|\brate\b|slow down")


def mailbox_error(what: str, status: str, words: str) -> VendorError:
    """The error for a mailbox's NO or BAD to `what` (login, folder, mails; RFC 5530); its text is not kept."""
    message = f"the mailbox answered {status} to {what}"
    if _IMAP_SLOW.search(words):
        return RateLimited(message, wait=requested_wait(words))
    if status == "BYE" or _IMAP_LATER.search(words):
        return VendorUnavailable(message)
    if _NOT_ALLOWED.search(words) and what != "login":
        return NotPermitted(message, next_step="check what the account may do at the mailbox")
    if what == "login":
        return LoginRefused(message, next_step="check username and password, and whether the account may use IMAP")
    if what == "folder":
        return NotPermitted(message, next_step="check the name of the folder")
    return VendorMisbehaved(message)
