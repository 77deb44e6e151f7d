"""The account's mail client, and its connection from the settings."""

from __future__ import annotations

from hub.errors import PluginError
from hub.mail import MailClient, MailConnection
from hub.model import AnyAccount
from hub.platforms.email.settings import Settings


def mail_client(account: AnyAccount) -> MailClient:
    """The client; raises PluginError if the account's connection is not a mail connection."""
    client: object = account.client
    if not isinstance(client, MailClient):
        raise PluginError(
            f"account {account.name} has no mail connection", next_step="report this to the plugin's author"
        )
    return client


def connect(settings: Settings) -> MailConnection:
    """How to reach the account's servers."""
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
