"""A mail host that accepts mail over SMTP and stores it, for accounts that only send mail."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, ClassVar
from urllib.parse import urlsplit

from hub.simulators.email import drift
from hub.simulators.email.line import Command, hang_up
from hub.simulators.email.options import Options, Seeds
from hub.simulators.email.reading import Letter, read
from hub.simulators.email.smtp import ACCEPTED, Submission
from hub.simulators.email.tls import make_certificate
from hub.simulators.kit import BaseSimulator, Call, Reply


@dataclass(frozen=True, slots=True)
class AcceptedMail:
    """One accepted mail."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes = field(repr=False)

    @property
    def letter(self) -> Letter:
        """The mail accepted apart."""
        return read(self.raw)


class Postbox(BaseSimulator[Options, Seeds]):
    """One mail host in memory; tests may use `accepted`, `ledger`, `faults` and `clock`."""

    scheme: ClassVar = "smtp"

    options_type, seeds_type = Options, Seeds
    own_faults = drift
    common_faults = ()

    def __init__(self, *, seed: int = 0, seeds: Seeds | None = None, options: Options | None = None) -> None:
        super().__init__(seed=seed, seeds=seeds, options=options)
        self.lines: set[asyncio.StreamWriter] = set()
        """The connections that are open."""
        self.certificate, self._context = "", None  # type: tuple[str, ssl.SSLContext | None]
        if self.options.tls != "none":
            self.certificate, self._context = make_certificate()

    def _start(self) -> None:
        self.staff = None
        self.accepted: list[AcceptedMail] = []
        self.greylist: dict[tuple[str, str], float] = {}

    def reset(self) -> None:
        """Forget everything except the seeds, and end all connections."""
        self.expire_logins()
        super().reset()

    # --- for tests ---

    def account(self, url: str) -> dict[str, object]:
        """The settings that reach this host."""
        where = urlsplit(url)
        return {
            "smtp_host": where.hostname,
            "smtp_port": where.port,
            "username": self.seeds.username,
            "password": self.seeds.password,
            "address": self.seeds.address,
            "tls": self.options.tls,
        }

    def expire_logins(self) -> None:
        """End all connections, and with them the logins."""
        for line in tuple(self.lines):
            hang_up(line)

    # --- for the servers ---

    def classify(self, call: Call) -> None:
        """Do nothing: a command already has its operation."""

    def answer(self, call: Call) -> Reply:
        """Carry out the command."""
        assert isinstance(call, Command)
        return call.work(call)

    def kind_of(self, raw: bytes, recipients: list[str]) -> str:
        """The operation of a mail: it is only stored."""
        return "other"

    def accept(self, call: Command, sender: str, recipients: list[str]) -> Reply:
        """Store a mail."""
        made = AcceptedMail(sender, tuple(recipients), call.body)
        self.accepted.append(made)
        if not {"vanished", "bounced"} & set(call.faults):
            self.arrive(call, made)
        return ACCEPTED

    def arrive(self, call: Command, mail: AcceptedMail) -> None:
        """Write a mail that arrived into the ledger."""
        letter = mail.letter
        self.ledger.store(
            "mail",
            letter.message_id,
            at=self.clock.now(),
            by=mail.sender,
            size=len(mail.raw),
            sha256=sha256(mail.raw).hexdigest(),
            text=letter.text,
            values={"subject": letter.subject, "to": list(mail.recipients)},
        )

    # --- the server ---

    @asynccontextmanager
    async def listen(self, front: Any, host: str, port: int) -> AsyncIterator[tuple[str, ...]]:
        """Listen until the block ends, with `front` producing every answer; yields the addresses, SMTP's first."""
        log = logging.getLogger("mail.log")
        log.addFilter(_nothing)  # the library logs every line of every mail
        async with AsyncExitStack() as stack:
            stack.callback(log.removeFilter, _nothing)
            yield await self.open(stack, front, host, port)

    async def open(self, stack: AsyncExitStack, front: Any, host: str, port: int) -> tuple[str, ...]:
        """Start the servers; they are closed with the stack."""
        loop = asyncio.get_running_loop()
        made: list[Submission] = []

        def connected() -> Submission:
            made.append(Submission(self, front, self._context))
            return made[-1]

        server = await loop.create_server(connected, host, port, ssl=self.implicit, backlog=1024)
        stack.push_async_callback(_close, self, server, lambda: [submission.task for submission in made])
        return (f"{self.scheme}://{host}:{server.sockets[0].getsockname()[1]}",)

    @property
    def implicit(self) -> ssl.SSLContext | None:
        """The context of a server that is encrypted from the first byte."""
        return self._context if self.options.tls == "implicit" else None


def _nothing(_: logging.LogRecord) -> bool:
    return False


async def _close(host: Postbox, server: asyncio.Server, tasks: Any) -> None:
    server.close()
    host.expire_logins()
    running = [task for task in tasks() if task is not None]
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
