"""The account check: do both logins work, may we send from our address, and does the folder exist?"""

from __future__ import annotations

from hub.model import AnyAccount, Finding
from hub.platforms.check import try_call
from hub.platforms.email.connection import mail_client
from hub.platforms.email.settings import Settings


async def check_account(account: AnyAccount) -> tuple[Finding, ...]:
    """One finding for each check; no mail is sent."""
    settings: Settings = account.settings
    client = mail_client(account)
    validity = client.read_folder(lambda box: box.validity)
    return (
        await try_call("outgoing", client.check_sending(), "the login works, and our address may send"),
        await try_call("mailbox", validity, f"folder {settings.folder} can be read"),
        _senders(settings),
    )


def _senders(settings: Settings) -> Finding:
    """How senders are verified: without verification anybody can write a sender's address."""
    if settings.authserv_id:
        message = f"senders are verified by {settings.authserv_id}"
    else:
        message = "senders are not verified; set authserv_id if our mail server checks them"
    return Finding(name="senders", ok=True, message=message)
