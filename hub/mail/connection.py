"""How to reach an account's mail servers: plain values, which a plugin's `hub_connect` returns."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import SecretStr

from hub.errors import SettingsError

Tls = Literal["implicit", "starttls", "none"]
"""Encrypted from the first byte, from STARTTLS on (which is required), or not at all."""

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?")
_ADDRESS = re.compile(r"[^\s<>\"(),:;@\\\x00-\x1f\x7f]+@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")


@dataclass(frozen=True)
class MailConnection:
    """Servers, login and limits of one mailbox. Raises SettingsError if unusable or if the password is not safe."""

    smtp_host: str
    smtp_port: int
    imap_host: str
    imap_port: int
    username: str
    password: SecretStr
    sender: str  # our own address
    smtp_tls: Tls = "implicit"
    imap_tls: Tls = "implicit"
    folder: str = "INBOX"
    deadline: float = 60.0  # seconds for sending one mail, or for reading the mailbox once
    max_reply: int = 64 * 1024 * 1024  # bytes; a larger mail is not read
    ca_file: Path | None = None  # a private CA in PEM, trusted in addition to the public ones
    plaintext: bool = False  # True allows tls "none" to other machines

    def __post_init__(self) -> None:
        for name in ("smtp_host", "imap_host"):
            if not _HOST.fullmatch(getattr(self, name)):
                raise SettingsError(f"{name} is not a host name", next_step="give a name such as mail.example.com")
        if not is_address(self.sender):
            raise SettingsError(
                "our own address is not a plain mail address", next_step="give an address such as support@example.com"
            )
        for name in ("smtp", "imap"):
            unencrypted = getattr(self, f"{name}_tls") == "none"
            if unencrypted and not self.plaintext and not is_loopback(getattr(self, f"{name}_host")):
                raise SettingsError(
                    f"{name} would send the password unencrypted over the network",
                    next_step="set tls to implicit or starttls, or allow it with allow_plaintext",
                )

    @property
    def origin(self) -> str:
        """The address of the outgoing server."""
        return f"smtp://{self.smtp_host}:{self.smtp_port}"

    def is_ours(self, url: str) -> bool:
        """Whether an address belongs to one of the two servers; credentials are sent nowhere else."""
        parts = urlsplit(url)
        ours = {(self.smtp_host.lower(), self.smtp_port), (self.imap_host.lower(), self.imap_port)}
        return (parts.hostname, parts.port) in ours

    @property
    def domain(self) -> str:
        """The domain of our own address."""
        return self.sender.rpartition("@")[2].lower()


def is_address(text: str) -> bool:
    """Whether a text is one plain mail address, without a name or anything that could hide a command."""
    return text.isascii() and _ADDRESS.fullmatch(text) is not None


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
