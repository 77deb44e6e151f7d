"""The settings of one account at a vendor that is reached by mail."""

from __future__ import annotations

import re
from typing import Literal, TypeVar

from pydantic import Field, SecretStr, field_validator

from hub.mail import Tls
from hub.mail.connection import is_address
from hub.model import CaseStatus
from hub.platforms.settings import CaFile, HistoryFrom, PlatformSettings, Timeout


class Settings(PlatformSettings):
    """Our mailbox, and the vendor's address."""

    smtp_host: str = Field(title="Outgoing server", description="SMTP host for our mails.")
    smtp_port: int = Field(465, ge=1, le=65535, title="Outgoing port", description="465 with TLS, 587 with STARTTLS.")
    imap_host: str = Field(title="Mailbox server", description="IMAP host of the mailbox for answers.")
    imap_port: int = Field(993, ge=1, le=65535, title="Mailbox port", description="993 with TLS, 143 with STARTTLS.")
    username: str = Field(title="User", description="Login for both servers.")
    password: SecretStr = Field(title="Password", description="The user's password, or an app password.")
    address: str = Field(title="Our address", description="Sender of our mails, and where answers go.")
    display_name: str = Field("", title="Our name", description="Name shown with our address.")
    vendor_address: str = Field(title="Vendor's address", description="Address for new cases.")
    senders: tuple[str, ...] = Field(
        (),
        title="Vendor's senders",
        description="Addresses, or domains such as @example.com, of the vendor. Empty: the domain of its address.",
    )
    authserv_id: str = Field(
        "",
        title="Sender verification",
        description="Name that our own mail server uses in Authentication-Results. A mail must then have passed DMARC, "
        "DKIM or SPF there. Empty: senders are not verified.",
    )
    tls: Tls = Field("implicit", title="TLS", description="Encryption of both servers: implicit, starttls or none.")
    imap_tls: Tls | None = Field(
        None, title="Mailbox TLS", description="Encryption of the mailbox server, if it differs."
    )
    allow_plaintext: bool = Field(False, title="Unencrypted", description="True allows tls none to other machines.")
    ca_file: CaFile = None
    timeout_seconds: Timeout = Field(60, description="Seconds for sending a mail, or for reading the mailbox once.")
    folder: str = Field("INBOX", min_length=1, title="Folder", description="Folder of the mailbox with the answers.")
    sent_copy: bool = Field(
        False,
        title="Copies to ourselves",
        description="True also sends each mail to our own address. A copy proves that a mail was sent, so the hub can "
        "resolve doubts and read cases from the mailbox. Mails of cases must then stay in the folder.",
    )
    case_number_pattern: str = Field(
        "",
        title="Vendor's case numbers",
        description="Regular expression for the vendor's case number in a subject: its first group, or the match.",
    )
    status_pattern: str = Field(
        "",
        title="Status line",
        description="Regular expression for a line of the vendor's mails with the status; its first group is the "
        "vendor's word. Empty: mails have no status.",
    )
    statuses: dict[str, CaseStatus] = Field(
        {}, title="Statuses", description="Meaning of the vendor's words for a status."
    )
    status_by_mail: bool = Field(
        True,
        title="Close by mail",
        description="True: closing and reopening are requested by mail. False: they are refused.",
    )
    close_text: str = Field(
        "Our side considers this case solved. Please close it.",
        title="Closing sentence",
        description="Text that asks the vendor to close a case.",
    )
    reopen_text: str = Field(
        "The problem is not solved. Please reopen this case.",
        title="Reopening sentence",
        description="Text that asks the vendor to reopen a case.",
    )
    machine_marks: Literal["all", "replies"] = Field(
        "all",
        title="Automatic mails",
        description="all: every mail marked as automatic is from a machine. replies: only automatic replies and "
        "notices are, for a vendor whose desk marks answers of people as generated.",
    )
    machine_authors: tuple[str, ...] = Field((), title="Machines", description="Addresses of machines.")
    most_megabytes: int = Field(
        20, ge=1, le=100, title="Largest mail", description="Maximum megabytes of a mail that we send."
    )
    page_size: int = Field(50, ge=1, le=500, title="Page size", description="Mails per request.")
    history_from: HistoryFrom = Field(None, description="Mails received before this day are never read.")

    @field_validator("address", "vendor_address")
    @classmethod
    def _plain(cls, value: str) -> str:
        if not is_address(value):
            raise ValueError("it is not a plain mail address such as support@example.com")
        return value

    @field_validator("status_pattern")
    @classmethod
    def _grouped(cls, value: str) -> str:
        if value and re.compile(value).groups < 1:
            raise ValueError("it needs a group for the status")
        return value


Own = TypeVar("Own", bound=Settings)
"""The settings of one vendor's accounts on the platform."""
