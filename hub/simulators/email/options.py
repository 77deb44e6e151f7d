"""The settings of a simulated vendor with support by e-mail, and the mail host's initial data."""

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
    """The host that receives our mail, named in Authentication-Results."""
    key_pattern: str = r"[A-Z][A-Z0-9]{0,9}-[0-9]{1,12}-[0-9A-HJKMNP-TV-Z]{5}(?![0-9A-Z])"
    """The pattern of a bond's key in a subject; behind a slash, an operation's key may follow."""
    operation_pattern: str = r"/[0-9]{1,9}-[0-9A-HJKMNP-TV-Z]{4}(?![0-9A-Z])"


class Options(CommonOptions, frozen=True, kw_only=True):
    """How this mail host and the desk behind it behave."""

    mark: str = "[CS-{}]"
    """How the desk puts its number into subjects, such as [CS-{}] or {{#{}}}; empty: it gives no numbers."""
    first_number: int = 1042
    language: Literal["en", "fr"] = "en"
    acknowledges: bool = True
    """Whether the mail that opens a case gets an automatic reply."""
    threads: tuple[Literal["references", "token", "number"], ...] = ("references", "token", "number")
    """How the desk finds the case that a mail belongs to, in this order."""
    deduplicates: bool = True
    """Whether a mail with a known Message-ID is ignored as a duplicate."""
    reopens: bool = True
    """Whether a reply reopens a closed case; otherwise it is refused automatically."""
    obeys: bool = True
    """Whether the desk obeys lines such as `Status: Closed` in our mail."""
    quoting: Literal["attribution", "outlook", "none"] = "attribution"
    signature: bool = True
    html: bool = True
    """Whether the desk's mail has an HTML part as well as the plain text."""
    authentication: Literal["pass", "fail", "absent"] = "pass"
    """The result of our mail host's checks of the desk's mail."""
    delivery_seconds: float = 0.0
    """How long the desk's mail is on its way to our mailbox."""
    tls: Literal["none", "starttls", "implicit"] = "none"
    requires_login: bool = True
    greylist_seconds: float = 0.0
    """How long a new pair of sender and recipient has to wait; 0 disables greylisting."""
    max_size: int = 10 * 1024 * 1024
    """Bytes of one mail."""
    lacks: tuple[str, ...] = ()
    """Capabilities of IMAP that this host does not have: IDLE, MOVE, UIDPLUS, SASL-IR, LITERAL+."""
