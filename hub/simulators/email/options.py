"""What differs from vendor to vendor whose desk is a mailbox, and what the mail host knows when it starts."""

from __future__ import annotations

from typing import Literal

import msgspec

from hub.simulators.kit import CommonOptions


class Seeds(msgspec.Struct, frozen=True, kw_only=True):
    """The login, the addresses, and the form of our keys."""

    username: str = "l1@rjr.example"
    password: str = "example-password-of-the-mailbox"
    address: str = "l1@rjr.example"
    vendor_address: str = "support@vendor.example"
    vendor_name: str = "Vendor Support"
    engineer_name: str = "Kim Roe"
    engineer_address: str = "kim.roe@vendor.example"
    hostname: str = "mx.rjr.example"
    """The host that takes mail in for us; it signs Authentication-Results with this name."""
    key_pattern: str = r"[A-Z][A-Z0-9]{0,9}-[0-9]{1,12}-[0-9A-HJKMNP-TV-Z]{5}(?![0-9A-Z])"
    """How the bond's key is recognised in a subject; what follows it after a slash is an operation's key."""
    operation_pattern: str = r"/[0-9]{1,9}-[0-9A-HJKMNP-TV-Z]{4}(?![0-9A-Z])"


class Options(CommonOptions, frozen=True, kw_only=True):
    """How this mail host and the desk behind it behave."""

    mark: str = "[CS-{}]"
    """How the desk puts its number into subjects, such as [CS-{}] or {{#{}}}; empty: it gives no numbers."""
    first_number: int = 1042
    language: Literal["en", "fr"] = "en"
    acknowledges: bool = True
    """Whether a machine answers the mail that opens a case."""
    threads: tuple[Literal["references", "token", "number"], ...] = ("references", "token", "number")
    """By what the desk tells which case a mail belongs to, in this order."""
    deduplicates: bool = True
    """Whether a mail with a Message-ID that arrived before is taken for the same mail."""
    reopens: bool = True
    """Whether a reply opens a closed case again; otherwise a machine refuses it."""
    obeys: bool = True
    """Whether lines such as `Status: Closed` at the head of a line in our mail are carried out."""
    quoting: Literal["attribution", "outlook", "none"] = "attribution"
    signature: bool = True
    html: bool = True
    """Whether the desk's mail has an HTML part beside the plain one."""
    authentication: Literal["pass", "fail", "absent"] = "pass"
    """What our mail host finds about the sender of the desk's mail."""
    delivery_seconds: float = 0.0
    """How long the desk's mail is on its way to our mailbox."""
    tls: Literal["none", "starttls", "implicit"] = "none"
    requires_login: bool = True
    greylist_seconds: float = 0.0
    """How long a sender and recipient not seen before are told to wait; 0: never."""
    max_size: int = 10 * 1024 * 1024
    """Bytes of one mail."""
    lacks: tuple[str, ...] = ()
    """Capabilities of IMAP that this host does not have: IDLE, MOVE, UIDPLUS, SASL-IR, LITERAL+."""
