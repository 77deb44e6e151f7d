"""Opens the client for a connection, by HTTP or by mail."""

from __future__ import annotations

from typing import Any

from hub.http import Client, Connection
from hub.mail.client import MailClient
from hub.mail.connection import MailConnection

AnyConnection = Connection | MailConnection


def open_client(connection: AnyConnection, **options: Any) -> Any:
    """A `Client` or a `MailClient`, which open, pace and close alike; makes no connection yet."""
    if isinstance(connection, MailConnection):
        return MailClient(connection, **options)
    return Client(connection, **options)
