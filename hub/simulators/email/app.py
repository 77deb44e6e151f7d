"""The mail host with our mailbox, and the vendor's support desk behind it: SMTP, IMAP and cases."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import urlsplit

from hub.simulators.email import engineer, letters
from hub.simulators.email.desk import SupportDesk
from hub.simulators.email.imap import ImapConnection
from hub.simulators.email.letters import MailDraft
from hub.simulators.email.line import Command
from hub.simulators.email.mailbox import Mailbox
from hub.simulators.email.postbox import AcceptedMail, Postbox
from hub.simulators.email.reading import read

_AWAY = 60.0  # seconds of a delayed delivery, if the fault does not set them


class Email(Postbox):
    """A vendor that offers support by e-mail only; tests may use `desk`, `engineer`, `mailbox` and all of a host."""

    imap_port = 0
    """Where IMAP is, once it listens."""

    def _start(self) -> None:
        super()._start()
        self.desk = SupportDesk(self.options, self.seeds, self.clock, self.ledger, self.faults)
        self.staff = self.engineer = engineer.Engineer(self.desk)

    @property
    def mailbox(self) -> Mailbox:
        """Our own mailbox."""
        return self.desk.mailbox

    # --- for tests, demo and chaos runs ---

    def account(self, url: str) -> dict[str, object]:
        """The settings that reach mailbox and desk."""
        host = urlsplit(url).hostname
        more = {"imap_host": host, "imap_port": self.imap_port or 143, "vendor_address": self.seeds.vendor_address}
        return super().account(url) | more

    def fill(self, count: int, *, run: int = 1, first: str = "") -> list[str]:
        """Store many cases, each with one mail from the desk in our inbox, each `run` of them at the same time."""
        began, made = self.clock.now() - 3600, []
        for at in range(count):
            when = began + at // run
            key = f"[{first}] " if first and at == 0 else ""
            opening = MailDraft(self.desk.new_id(), f"{key}Case {at}", when, f"Opened by telephone, {at}.")
            case = self.desk.cases.open(read(letters.write(opening, self.options, self.seeds).as_bytes()))
            sheet = MailDraft(self.desk.new_id(), self.desk.subject(case), when, "", self.desk.lines(case, ("status",)))
            self.desk.cases.add_mail(case, sheet.message_id)
            raw = letters.write(sheet, self.options, self.seeds).as_bytes()
            raw = letters.received(raw, when, self.desk.checks(), self.seeds, self.seeds.vendor_address)
            self.mailbox.inbox.add(raw, when)
            made.append(case.number)
        self.mailbox.notify_listeners()
        return made

    def touch(self, number: str) -> None:
        """Send a mail about a case, so that there is news."""
        self.desk.write(self.desk.cases.get(number), "", changed=("status",))

    # --- for the servers ---

    def settle(self) -> None:
        """Deliver the mail that is due."""
        self.desk.settle()

    def kind_of(self, raw: bytes, recipients: list[str]) -> str:
        """The operation of a mail: what it does at the desk."""
        self.settle()
        return self.desk.kind_of(raw) if self._is_for_desk(recipients) else "other"

    def arrive(self, call: Command, mail: AcceptedMail) -> None:
        """Deliver a mail to the desk, late or twice if a fault says so; mail to others is only stored."""
        if not self._is_for_desk(list(mail.recipients)):
            super().arrive(call, mail)
            return
        slow = call.faults.get("slow_delivery") or call.faults.get("bounced_late")
        for _ in range(2 if "doubled" in call.faults else 1):
            self.desk.receive(mail.raw, after=(slow.seconds or _AWAY) if slow else 0.0)

    def accept(self, call: Command, sender: str, recipients: list[str]) -> Any:
        """Store a mail, copy it to our own mailbox if that is a recipient, and report failed deliveries."""
        reply = super().accept(call, sender, recipients)
        if (
            self.seeds.address.casefold() in {address.casefold() for address in recipients}
            and "vanished" not in call.faults
        ):
            raw = letters.received(call.body, self.clock.now(), (), self.seeds, sender)
            self.mailbox.send(raw, after=self.options.delivery_seconds)
        for kind in ("bounced", "bounced_late"):
            if kind in call.faults:
                engineer.report(self.desk, read(call.body), delayed=kind == "bounced_late")
        return reply

    def _is_for_desk(self, recipients: list[str]) -> bool:
        return self.seeds.vendor_address.casefold() in {address.casefold() for address in recipients}

    # --- the servers ---

    async def open(self, stack: AsyncExitStack, front: Any, host: str, port: int) -> tuple[str, ...]:
        """Open SMTP, and IMAP on a port that is free."""
        addresses = await super().open(stack, front, host, port)
        running: set[asyncio.Task[None]] = set()

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.ensure_future(ImapConnection(self, front, self._context, reader, writer).run())
            running.add(task)
            task.add_done_callback(running.discard)
            await asyncio.wait({task})

        server = await asyncio.start_server(connected, host, 0, ssl=self.implicit, limit=1 << 16, backlog=1024)
        stack.push_async_callback(_close, server, running)
        self.imap_port = server.sockets[0].getsockname()[1]
        return (*addresses, f"imap://{host}:{self.imap_port}")


async def _close(server: asyncio.Server, running: set[asyncio.Task[None]]) -> None:
    server.close()
    tasks = tuple(running)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
