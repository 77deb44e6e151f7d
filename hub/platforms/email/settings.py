"""The settings of one account at a vendor that is spoken to by mail."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, SecretStr, field_validator

from hub.mail import Tls
from hub.mail.connection import is_address
from hub.model import CaseStatus
from hub.platforms.settings import PlatformSettings


class Settings(PlatformSettings):
    """Our mailbox, and the vendor's address."""

    smtp_host: str = Field(title="Outgoing server", description="The host that takes our mails.")
    smtp_port: int = Field(465, ge=1, le=65535, title="Outgoing port", description="465 with TLS, 587 with STARTTLS.")
    imap_host: str = Field(title="Mailbox's server", description="The host of the mailbox that answers come to.")
    imap_port: int = Field(993, ge=1, le=65535, title="Mailbox's port", description="993 with TLS, 143 with STARTTLS.")
    username: str = Field(title="User", description="The login at both servers.")
    password: SecretStr = Field(title="Password", description="Of the user, or made for this use.")
    address: str = Field(title="Our address", description="That our mails come from, and answers come to.")
    display_name: str = Field("", title="Our name", description="Shown beside our address.")
    vendor_address: str = Field(title="Vendor's address", description="That cases are sent to.")
    senders: tuple[str, ...] = Field(
        (),
        title="Vendor's senders",
        description="Addresses, or domains as @example.com, whose mails are the vendor's; empty: its address's domain.",
    )
    authserv_id: str = Field(
        "",
        title="Who checks senders",
        description="The name that our own mail server signs its Authentication-Results with; a mail must then have "
        "passed DMARC, DKIM or SPF there. Empty: a sender's address is believed as it is written.",
    )
    tls: Tls = Field("implicit", title="TLS", description="implicit, starttls, or none; of both servers.")
    imap_tls: Tls | None = Field(None, title="Mailbox's TLS", description="Where it differs.")
    allow_plaintext: bool = Field(False, title="Unencrypted", description="True lets tls be none beyond this machine.")
    ca_file: Path | None = Field(None, title="Private CA", description="A PEM file with the servers' authority.")
    timeout_seconds: int = Field(60, ge=10, le=600, title="Deadline", description="Seconds for a mail or a look.")
    folder: str = Field("INBOX", min_length=1, title="Folder", description="Of the mailbox, where answers are.")
    sent_copy: bool = Field(
        False,
        title="Copies to ourselves",
        description="True sends each mail to our own address too. The copy proves that a mail left, so that the hub "
        "settles doubts itself and reads cases from the mailbox; their mails must stay in the folder then.",
    )
    case_number_pattern: str = Field(
        "",
        title="Vendor's numbers",
        description="A regular expression that finds the vendor's case number in a subject: its first group, or all.",
    )
    status_pattern: str = Field(
        "",
        title="Status line",
        description="A regular expression for a line of the vendor's mails that tells the status, whose first group is "
        "the status in the vendor's words; empty: mails tell no status.",
    )
    statuses: dict[str, CaseStatus] = Field(
        {}, title="Statuses", description="Meaning of the vendor's words for a status."
    )
    status_by_mail: bool = Field(
        True,
        title="Close by mail",
        description="True asks for closing and reopening in a sentence; False refuses them.",
    )
    close_text: str = Field(
        "Our side considers this case solved. Please close it.",
        title="Closing sentence",
        description="What is written to have a case closed.",
    )
    reopen_text: str = Field(
        "The problem is not solved. Please reopen this case.",
        title="Reopening sentence",
        description="What is written to have a case reopened.",
    )
    machine_marks: Literal["all", "replies"] = Field(
        "all",
        title="Marks of machines",
        description="all takes every mail marked as automatic for a machine's; replies only automatic replies and "
        "notices, for a vendor whose desk marks its people's answers as generated.",
    )
    machine_authors: tuple[str, ...] = Field((), title="Machines", description="Addresses whose mails a machine wrote.")
    most_megabytes: int = Field(20, ge=1, le=100, title="Largest mail", description="Megabytes of a mail that we send.")
    page_size: int = Field(50, ge=1, le=500, title="Page size", description="Mails read at once.")
    history_from: datetime | None = Field(
        None, title="History from", description="Mails that came in before this day are never read."
    )

    @field_validator("address", "vendor_address")
    @classmethod
    def _plain(cls, value: str) -> str:
        if not is_address(value):
            raise ValueError("it is no plain mail address, such as support@example.com")
        return value

    @field_validator("status_pattern")
    @classmethod
    def _grouped(cls, value: str) -> str:
        if value and re.compile(value).groups < 1:
            raise ValueError("it has no group for the status")
        return value


Own = TypeVar("Own", bound=Settings)
"""The settings of one vendor's accounts on the platform."""
