"""The account's mail client, and how its settings become a connection."""

from __future__ import annotations

from hub.errors import PluginError
from hub.mail import MailClient, MailConnection
from hub.model import AnyAccount
from hub.platforms.email.settings import Settings


def mail_of(account: AnyAccount) -> MailClient:
    """The client; raises PluginError when the account's connection is none by mail."""
    client: object = account.client
    if not isinstance(client, MailClient):
        raise PluginError(f"account {account.name} is not spoken to by mail", next_step="tell the plugin's author")
    return client


def connection(settings: Settings) -> MailConnection:
    """How the account's servers are spoken to."""
    return MailConnection(
        smtp_host=settings.smtp_host,
        smtp_port=settings.smtp_port,
        smtp_tls=settings.tls,
        imap_host=settings.imap_host,
        imap_port=settings.imap_port,
        imap_tls=settings.imap_tls or settings.tls,
        username=settings.username,
        password=settings.password,
        sender=settings.address,
        folder=settings.folder,
        deadline=float(settings.timeout_seconds),
        ca_file=settings.ca_file,
        plaintext=settings.allow_plaintext,
    )
