"""The way to a vendor by mail: an account's outgoing server and mailbox, and what became of each mail."""

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
