"""The one way to a vendor by mail: an account's mailbox and outgoing server, and what is known of each mail's fate."""

from hub.mail.client import MailClient
from hub.mail.connection import MailConnection, Tls
from hub.mail.mailbox import OpenFolder, RawMail
from hub.mail.message import POLICY, compose
from hub.mail.open import AnyConnection, open_client

__all__ = [
    "POLICY",
    "AnyConnection",
    "MailClient",
    "MailConnection",
    "OpenFolder",
    "RawMail",
    "Tls",
    "compose",
    "open_client",
]
