"""A simulated mail host on real sockets, with public clients for SMTP and IMAP."""

from __future__ import annotations

import asyncio
import imaplib
import smtplib
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any, TypeVar

from imap_tools import MailBoxUnencrypted

from hub.simulators.email import Email, Options, Postbox, Seeds
from hub.simulators.kit import serve

KEY = "RJR-000123-7F3KQ"
T = TypeVar("T")


def mail(
    body: str = "Since 09:12 UTC.\n",
    subject: str = f"[{KEY}] Checkout fails",
    ident: str = "<1@rjr.example>",
    files: tuple[tuple[str, bytes], ...] = (),
    **headers: str,
) -> EmailMessage:
    """A mail of ours to the vendor; a header's name has _ for -."""
    made = EmailMessage()
    made["From"], made["To"] = "l1@rjr.example", "support@vendor.example"
    made["Subject"], made["Message-ID"] = subject, ident
    made["Date"] = "Thu, 01 Jan 2026 09:30:00 +0000"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(body)
    for name, data in files:
        made.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return made


@dataclass
class Ends:
    """The host, and ways to call it from threads, as the clients wait."""

    sim: Any
    account: dict[str, Any]
    patience: float = 5.0

    @property
    def trust(self) -> ssl.SSLContext | None:
        return ssl.create_default_context(cadata=self.sim.certificate) if self.sim.certificate else None

    async def smtp(self, work: Callable[[smtplib.SMTP], T], *, login: bool = True, password: str = "") -> T:
        """What the work gives with an SMTP client that is logged in."""
        return await asyncio.to_thread(self._smtp, work, login, password)

    def _smtp(self, work: Callable[[smtplib.SMTP], T], login: bool, password: str) -> T:
        where, tls = (self.account["smtp_host"], self.account["smtp_port"]), self.account["tls"]
        if tls == "implicit":
            client: smtplib.SMTP = smtplib.SMTP_SSL(*where, timeout=self.patience, context=self.trust)
        else:
            client = smtplib.SMTP(*where, timeout=self.patience)
        try:
            if tls == "starttls":
                client.starttls(context=self.trust)
            if login:
                client.login(self.account["username"], password or self.account["password"])
            return work(client)
        finally:
            client.close()

    async def send(self, *mails: EmailMessage) -> None:
        """Send mails over one connection."""
        await self.smtp(lambda client: [client.send_message(mail) for mail in mails])

    async def imap(self, work: Callable[[imaplib.IMAP4], T], *, login: bool = True, folder: str = "INBOX") -> T:
        """What the work gives with an IMAP client that has the folder open."""
        return await asyncio.to_thread(self._imap, work, login, folder)

    def _imap(self, work: Callable[[imaplib.IMAP4], T], login: bool, folder: str) -> T:
        where, tls = (self.account["imap_host"], self.account["imap_port"]), self.account["tls"]
        if tls == "implicit":
            client: imaplib.IMAP4 = imaplib.IMAP4_SSL(*where, timeout=self.patience, ssl_context=self.trust)
        else:
            client = imaplib.IMAP4(*where, timeout=self.patience)
        try:
            if tls == "starttls":
                client.starttls(self.trust)
            if login:
                client.login(self.account["username"], self.account["password"])
                client.select(folder)
            return work(client)
        finally:
            client.shutdown()

    async def box(self, work: Callable[[MailBoxUnencrypted], T]) -> T:
        """What the work gives with a mailbox of imap-tools."""

        def run() -> T:
            box = MailBoxUnencrypted(self.account["imap_host"], self.account["imap_port"], timeout=self.patience)
            with box.login(self.account["username"], self.account["password"]) as opened:
                return work(opened)

        return await asyncio.to_thread(run)

    def stored(self, kind: str) -> list[Any]:
        """The ledger's entries of a kind."""
        return self.sim.ledger.of(kind)

    @property
    def answers(self) -> list[bytes]:
        """All mail in our inbox."""
        return [mail.raw for mail in self.sim.mailbox.inbox.mails]


@asynccontextmanager
async def at_desk(*, seeds: Seeds | None = None, patience: float = 5.0, **options: Any) -> AsyncIterator[Ends]:
    """A vendor's desk that is a mailbox."""
    sim = Email(options=Options(**options), seeds=seeds, seed=1)
    async with serve(sim) as served:
        yield Ends(sim, sim.account(served.url), patience)


@asynccontextmanager
async def at_postbox(**options: Any) -> AsyncIterator[Ends]:
    """A host that only takes mail in."""
    sim = Postbox(options=Options(**options), seed=1)
    async with serve(sim) as served:
        yield Ends(sim, sim.account(served.url))
