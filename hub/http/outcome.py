"""Decides what became of a request: not sent, in doubt, or answered. No other module decides this."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from enum import StrEnum

import httpx

from hub.errors import VendorError, VendorMisbehaved, VendorUnavailable


class Outcome(StrEnum):
    """What is known about a request."""

    NOT_SENT = "not sent"  # certainly no byte of it was sent
    IN_DOUBT = "in doubt"  # it was sent, or may have been
    ANSWERED = "answered"  # a status line was received


@dataclass
class Progress:
    """How far a request has come; the transport updates it."""

    left: bool = False  # a connection got the request: bytes may have been sent
    status: int = 0  # of the answer; 0 before there is one

    @property
    def outcome(self) -> Outcome:
        """What this progress shows."""
        if self.status:
            return Outcome.ANSWERED
        return Outcome.IN_DOUBT if self.left else Outcome.NOT_SENT

    @property
    def may_be_stored(self) -> bool:
        """Whether the request, if it is a write, may have taken effect.

        A 4xx means that it was refused, except the two for a connection that was given up (408, and nginx's 499).
        """
        refused = 400 <= self.status < 500 and self.status not in {408, 499}
        return self.outcome is not Outcome.NOT_SENT and not refused


class BodyBroken(httpx.DecodingError):
    """The body can't be decompressed; the message says why without quoting it."""


class _ConnectionLost(httpx.ReadError):
    """A lost connection that httpx's own transport reports as a protocol error."""


_CONNECTION_LOST = ("server disconnected", "peer closed", "peer unexpectedly closed")


_CAUSES: tuple[tuple[type[BaseException], type[VendorError], str, str], ...] = (
    (
        ssl.SSLCertVerificationError,
        VendorUnavailable,
        "its TLS certificate was not accepted",
        "check the address and the certificate; set ca_file for a private CA",
    ),
    (ssl.SSLError, VendorUnavailable, "the TLS handshake failed", "check the address and its port"),
    (httpx.ConnectTimeout, VendorUnavailable, "connecting took too long", ""),
    (httpx.ConnectError, VendorUnavailable, "can't connect", "check the address, DNS and the firewall"),
    (TimeoutError, VendorUnavailable, "the deadline of the call passed", ""),
    (BodyBroken, VendorMisbehaved, "the reply's body is damaged", ""),
    (_ConnectionLost, VendorUnavailable, "the connection was lost", ""),
    (httpx.RemoteProtocolError, VendorMisbehaved, "the reply is not valid HTTP", ""),
    (httpx.TransportError, VendorUnavailable, "the connection was lost", ""),
    (OSError, VendorUnavailable, "the connection failed", ""),
)


def failure(error: BaseException, progress: Progress, *, write: bool) -> VendorError:
    """The error for a request without a usable answer; its message quotes neither address nor body."""
    in_doubt = write and progress.may_be_stored
    causes = chain(error)
    if isinstance(error, httpx.RemoteProtocolError) and str(error).lower().startswith(_CONNECTION_LOST):
        causes = [_ConnectionLost("lost")]
    kind, words, next_step = _meaning(causes)
    if isinstance(error, BodyBroken):
        words = f"{words}: {error}"
    if progress.status:
        words = f"{words} (after status {progress.status})"
    failed = kind(f"{words}; {describe(progress, write=write)}", next_step=next_step, in_doubt=in_doubt)
    failed.answered = bool(progress.status)
    return failed


def _meaning(causes: list[BaseException]) -> tuple[type[VendorError], str, str]:
    for cause, kind, words, next_step in _CAUSES:
        if any(isinstance(error, cause) for error in causes):
            return kind, words, next_step
    return VendorMisbehaved, f"the call failed ({type(causes[0]).__name__})", ""


def describe(progress: Progress, *, write: bool) -> str:
    """What became of the request, in words."""
    if progress.outcome is Outcome.NOT_SENT:
        return "nothing was sent"
    if not write:
        return "nothing was written"
    return "it may have been stored" if progress.may_be_stored else "it was refused"


def chain(error: BaseException | None) -> list[BaseException]:
    """The error and its causes, outermost first."""
    causes: list[BaseException] = []
    while error is not None and error not in causes:
        causes.append(error)
        error = error.__cause__ or error.__context__
    return causes
