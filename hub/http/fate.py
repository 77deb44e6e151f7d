"""Decides what became of a request, from the cause: not sent, in doubt, or answered. Nothing else does."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from enum import StrEnum

import httpx

from hub.errors import VendorError, VendorMisbehaved, VendorUnavailable


class Fate(StrEnum):
    """What is known of a request that was to be sent."""

    NOT_SENT = "not sent"  # provably no byte of it left
    IN_DOUBT = "in doubt"  # it left, or may have
    ANSWERED = "answered"  # a status line came back


@dataclass
class Progress:
    """How far a request has come; the transport moves it on."""

    left: bool = False  # a connection was handed the request: from here on bytes may have left
    status: int = 0  # of the answer; 0 while there is none

    @property
    def fate(self) -> Fate:
        """What this progress proves."""
        if self.status:
            return Fate.ANSWERED
        return Fate.IN_DOUBT if self.left else Fate.NOT_SENT

    @property
    def may_be_stored(self) -> bool:
        """Whether the request, if it is a write, may have taken effect.

        A 4xx refuses it, but for the two that speak of a connection given up half-way (408, and nginx's 499).
        """
        refused = 400 <= self.status < 500 and self.status not in {408, 499}
        return self.fate is not Fate.NOT_SENT and not refused


class BodyBroken(httpx.DecodingError):
    """The body can't be unpacked; the words say why without quoting it."""


class _Cut(httpx.ReadError):
    """A cut that httpx's own transport reports as a breach of protocol."""


_CUT_WORDS = ("server disconnected", "peer closed", "peer unexpectedly closed")


_WORDS: tuple[tuple[type[BaseException], type[VendorError], str, str], ...] = (
    (
        ssl.SSLCertVerificationError,
        VendorUnavailable,
        "its TLS certificate was not accepted",
        "check the address and the certificate; name a private CA with ca_file",
    ),
    (ssl.SSLError, VendorUnavailable, "the TLS handshake failed", "check the address and its port"),
    (httpx.ConnectTimeout, VendorUnavailable, "no connection in time", ""),
    (httpx.ConnectError, VendorUnavailable, "no connection", "check the address, DNS and the firewall"),
    (TimeoutError, VendorUnavailable, "the deadline of the call passed", ""),
    (BodyBroken, VendorMisbehaved, "the reply's body is broken", ""),
    (_Cut, VendorUnavailable, "the connection was cut", ""),
    (httpx.RemoteProtocolError, VendorMisbehaved, "the reply is no HTTP", ""),
    (httpx.TransportError, VendorUnavailable, "the connection was cut", ""),
    (OSError, VendorUnavailable, "the connection failed", ""),
)


def failure(error: BaseException, progress: Progress, *, write: bool) -> VendorError:
    """The hub's error for a request without a usable answer; its words quote neither address nor body."""
    in_doubt = write and progress.may_be_stored
    links = chain(error)
    if isinstance(error, httpx.RemoteProtocolError) and str(error).lower().startswith(_CUT_WORDS):
        links = [_Cut("cut")]
    kind, words, next_step = _meaning(links)
    if isinstance(error, BodyBroken):
        words = f"{words}: {error}"
    if progress.status:
        words = f"{words} (after status {progress.status})"
    return kind(f"{words}; {describe(progress, write=write)}", next_step=next_step, in_doubt=in_doubt)


def _meaning(chain: list[BaseException]) -> tuple[type[VendorError], str, str]:
    for cause, kind, words, next_step in _WORDS:
        if any(isinstance(link, cause) for link in chain):
            return kind, words, next_step
    return VendorMisbehaved, f"the exchange broke off ({type(chain[0]).__name__})", ""


def describe(progress: Progress, *, write: bool) -> str:
    """What became of the request, in words."""
    if progress.fate is Fate.NOT_SENT:
        return "nothing was sent"
    if not write:
        return "nothing was written"
    return "it may have been stored" if progress.may_be_stored else "it was refused"


def chain(error: BaseException | None) -> list[BaseException]:
    """The error and what caused it, outermost first."""
    links: list[BaseException] = []
    while error is not None and error not in links:
        links.append(error)
        error = error.__cause__ or error.__context__
    return links
