"""The client that goes with a connection, whichever way its system is spoken to."""

from __future__ import annotations

from typing import Any

from hub.http import Client, Connection
from hub.mail.client import MailClient
from hub.mail.connection import MailConnection

AnyConnection = Connection | MailConnection


def open_client(connection: AnyConnection, **known: Any) -> Any:
    """A `Client` or a `MailClient`, with the same ways of opening, pacing and closing; opens nothing yet."""
    if isinstance(connection, MailConnection):
        return MailClient(connection, **known)
    return Client(connection, **known)
