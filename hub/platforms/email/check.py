"""The account check: do both servers let us in, may we send as our address, and is the folder there?"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from hub.errors import VendorError
from hub.model import AnyAccount, Finding
from hub.platforms.email.settings import Settings
from hub.platforms.email.wire import mail_of


async def check_account(account: AnyAccount) -> tuple[Finding, ...]:
    """One finding for each thing looked at; no mail is sent."""
    settings: Settings = account.settings
    client = mail_of(account)
    return (
        await _tried("outgoing", client.check_sending(), "the login holds, and our address may send"),
        await _tried("mailbox", client.read_folder(lambda box: box.validity), f"folder {settings.folder} can be read"),
        _senders(settings),
    )


async def _tried(name: str, call: Awaitable[Any], good: str) -> Finding:
    try:
        await call
    except VendorError as error:
        return Finding(name=name, ok=False, message=error.message, next_step=error.next_step)
    return Finding(name=name, ok=True, message=good)


def _senders(settings: Settings) -> Finding:
    """A sender's address can be written by anybody, which is worth knowing, but no fault."""
    if settings.authserv_id:
        return Finding(name="senders", ok=True, message=f"senders are believed when {settings.authserv_id} proved them")
    message = "senders are believed as they are written; set authserv_id if our mail server checks them"
    return Finding(name="senders", ok=True, message=message)
