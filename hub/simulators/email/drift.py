"""The faults of mail: their kinds, the commands that they affect, and their refusals. Pure."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from hub.simulators.email.line import IMAP
from hub.simulators.kit import FaultKind, FaultRule, Reply
from hub.simulators.kit.faults import LINE

_LOGIN_PAGE = "https://accounts.rjr.example/signin/continue"
_THREE_DAYS = 3 * 86_400

# Kind: what it says, the reply over SMTP, the reply over IMAP ("" where it does not strike there).
_REFUSALS: Final[dict[str, tuple[str, str, str]]] = {
    "http_403": ("not permitted", "550 5.7.1 Not permitted", "NO [NOPERM] Not permitted"),
    "http_500": ("a failure inside", "451 4.3.0 Internal error", "NO [SERVERBUG] Internal error"),
    "http_502": ("the host behind does not answer", "451 4.4.1 No answer from host", "NO [UNAVAILABLE] No answer"),
    "http_503": ("the host closes", "421 4.3.2 Service not available, closing", "BYE Shutting down"),
    "http_504": ("the host behind is too slow", "451 4.4.2 Timed out", "NO [UNAVAILABLE] Timed out"),
    "retry_after_seconds": (
        "a wait of `seconds`",
        "451 4.7.1 Rate limited, try again in {wait:g} seconds",
        "NO [LIMIT] Request is throttled. Suggested Backoff Time: {milli:.0f} milliseconds",
    ),
    "retry_after_absent": (
        "a wait that is not told",
        "450 4.7.1 Too many messages, slow down",
        "NO [LIMIT] Too many commands, slow down",
    ),
    "retry_after_absurd": (
        "a wait of three days",
        f"451 4.7.1 Rate limited, try again in {_THREE_DAYS} seconds",
        f"NO [LIMIT] Request is throttled. Suggested Backoff Time: {_THREE_DAYS}000 milliseconds",
    ),
    "login_page": (
        "asks for a login in a browser",
        f"534 5.7.14 <{_LOGIN_PAGE}> Please log in via your web browser",
        f"NO [WEBALERT {_LOGIN_PAGE}] Web login required.",
    ),
    "login_refused": (
        "the login is refused although it is right",
        "535 5.7.8 Authentication credentials invalid",
        "NO [AUTHENTICATIONFAILED] Invalid credentials",
    ),
    "login_unavailable": (
        "logins can't be checked now",
        "454 4.7.0 Temporary authentication failure",
        "NO [UNAVAILABLE] Authentication is not available",
    ),
    "login_expired": (
        "the password has to be changed",
        "534 5.7.12 Password transition needed",
        "NO [EXPIRED] Password expired",
    ),
    "greylisted": ("greylisting", "451 4.7.1 Greylisted, please try again later", ""),
    "mailbox_busy": ("the mailbox is busy", "450 4.2.1 Mailbox busy", ""),
    "storage_short": ("the host is out of space", "452 4.3.1 Insufficient system storage", ""),
    "too_many_recipients": ("too many recipients", "452 4.5.3 Too many recipients", ""),
    "no_such_user": ("no such mailbox", "550 5.1.1 User unknown", ""),
    "mailbox_full": ("the vendor's mailbox is full", "552 5.2.2 Mailbox full", ""),
    "too_big": ("the mail is too big", "552 5.3.4 Message too big for system", ""),
    "spam_refused": ("refused as spam", "554 5.7.1 Message refused as spam", ""),
    "content_refused": ("a forbidden type of file", "550 5.7.0 This attachment is not allowed", ""),
    "sender_refused": (
        "our address is not allowed to send",
        "553 5.7.1 Sender address rejected: not owned by user",
        "",
    ),
    "command_refused": (
        "the host does not know the command",
        "502 5.5.1 Command not implemented",
        "BAD Unknown command",
    ),
    "tls_unavailable": (
        "encryption is temporarily unavailable",
        "454 4.7.0 TLS not available",
        "NO [UNAVAILABLE] No TLS",
    ),
    "in_use": ("the mailbox is locked", "", "NO [INUSE] Mailbox is locked"),
    "bye": ("the host ends the session", "", "BYE Session ended by the host"),
}

_SMTP: Final = (
    FaultKind("bounced", "vendor", "250, and then a report that it could not be delivered"),
    FaultKind("bounced_late", "vendor", "250, a report of delay, and delivered after `seconds`"),
    FaultKind("slow_delivery", "vendor", "250, and it reaches the desk after `seconds`"),
    FaultKind("vanished", "vendor", "250, and the mail is lost"),
    FaultKind("doubled", "vendor", "the desk receives it twice"),
)
_IMAP: Final = (
    FaultKind("renumbered", "vendor", "the folder's UIDVALIDITY changes before the command"),
    FaultKind("expunged", "vendor", "the first mail of a FETCH has been removed"),
    FaultKind("not_indexed", "vendor", "a search does not find the newest mail yet"),
    FaultKind("uidnext_missing", "vendor", "a folder does not report its UIDNEXT"),
    FaultKind("short_literal", "vendor", "a literal is shorter than its declared size when the connection ends"),
    FaultKind("body_missing", "vendor", "a FETCH returns everything except the text"),
    FaultKind("size_wrong", "vendor", "RFC822.SIZE is wrong"),
    FaultKind("wrong_order", "vendor", "a fetch and a search answer in the wrong order"),
    FaultKind("chatter", "vendor", "lines about other mails and flags in between"),
    FaultKind("other_tag", "vendor", "the last line carries another command's tag"),
    FaultKind("unknown_status", "shape", "mail reports an unknown status, `value` if given"),
)
DELIVERY: Final = (
    FaultKind("late", "vendor", "the desk's mail arrives `seconds` later"),
    FaultKind("twice", "vendor", "the desk's mail arrives twice"),
    FaultKind("overtaken", "vendor", "the desk's mail arrives after the next mail"),
    FaultKind("in_junk", "vendor", "the desk's mail is filed as junk"),
    FaultKind("swallowed", "vendor", "the desk's mail never arrives"),
    FaultKind("unsigned", "vendor", "the host adds no checks of the desk's mail"),
    FaultKind("wrong_charset", "vendor", "the desk's mail names a wrong charset"),
    FaultKind("astray", "vendor", "the desk's mail has no token or number in its subject"),
    FaultKind("unthreaded", "vendor", "the desk's mail has no In-Reply-To or References"),
)

_BOTH = frozenset(kind.name for kind in LINE)
ON_SMTP: Final = _BOTH | {kind.name for kind in _SMTP} | {name for name, (_, smtp, _i) in _REFUSALS.items() if smtp}
ON_IMAP: Final = _BOTH | {kind.name for kind in _IMAP} | {name for name, (_, _s, imap) in _REFUSALS.items() if imap}
_ONLY: Final = {
    **dict.fromkeys((kind.name for kind in _SMTP), frozenset({"DATA"})),
    **dict.fromkeys(("renumbered", "uidnext_missing"), frozenset({"SELECT", "EXAMINE"})),
    **dict.fromkeys(
        ("expunged", "short_literal", "body_missing", "size_wrong", "unknown_status"), frozenset({"FETCH"})
    ),
    "not_indexed": frozenset({"SEARCH"}),
    "wrong_order": frozenset({"SEARCH", "FETCH"}),
}
"""Commands to which a fault keeps, where it makes sense at some only."""
ON_DELIVERY: Final = frozenset(kind.name for kind in DELIVERY)
_REFUSING = tuple(FaultKind(name, "instead", says) for name, (says, _s, _i) in _REFUSALS.items())
KINDS: Final = (*LINE, *_REFUSING, *_SMTP, *_IMAP, *DELIVERY)
"""A rule without an operation strikes whatever its kind can strike: commands of SMTP, of IMAP, or deliveries to us."""

_STATUS = re.compile(rb"(?m)^((?:>\s*)*(?:Status|Statut(?: |=C2=A0)?): )[^\r\n<]*")


@cache
def striking(kinds: frozenset[str], method: str) -> frozenset[str]:
    """Those of a protocol's faults that can strike this command."""
    return frozenset(kind for kind in kinds if method in _ONLY.get(kind, {method}))


def refuse(rule: FaultRule) -> Reply:
    """The refusal that a fault calls for, in both protocols."""
    _, smtp, imap = _REFUSALS[rule.kind]
    wait = 1 if rule.seconds is None else rule.seconds
    smtp, imap = (text.format(wait=wait, milli=wait * 1000) for text in (smtp, imap))
    code, _, text = smtp.partition(" ")
    return Reply(int(code or 451), text.encode(), {IMAP: imap or "NO Refused"})


def reshape(rule: FaultRule, reply: Reply) -> Reply:
    """The reply to a fetch with another word, of the same length, in place of each status."""
    if rule.kind != "unknown_status":
        return reply

    def other(match: re.Match[bytes]) -> bytes:
        word, length = str(rule.value or "Zorblaxed").encode(), len(match[0]) - len(match[1])
        return match[1] + word[:length].ljust(length, b"x")

    return Reply(reply.status, _STATUS.sub(other, reply.body), reply.headers)
