"""A mail host that takes mail in over SMTP and keeps it: all that is needed where mail only goes out."""

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
from hub.simulators.kit import Call, Clock, Faults, Ledger, Reply, Rule


@dataclass(frozen=True, slots=True)
class Taken:
    """One mail that was taken in."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes = field(repr=False)

    @property
    def letter(self) -> Letter:
        """The mail taken apart."""
        return read(self.raw)


class Postbox:
    """One mail host in memory; `taken`, `ledger`, `faults` and `clock` are open to tests."""

    scheme: ClassVar = "smtp"

    def __init__(self, *, seed: int = 0, seeds: Seeds | None = None, options: Options | None = None) -> None:
        self.options, self.seeds = options or Options(), seeds or Seeds()
        self.clock, self.latency = Clock(), self.options.latency
        self.ledger = Ledger(lean=self.options.lean_ledger)
        self.faults = Faults(drift.KINDS, common=(), seed=seed)
        self.lines: set[asyncio.StreamWriter] = set()
        """The connections that are open."""
        self.certificate, self._context = "", None  # type: tuple[str, ssl.SSLContext | None]
        if self.options.tls != "none":
            self.certificate, self._context = make_certificate()
        self._start()

    def _start(self) -> None:
        self.taken: list[Taken] = []
        self.greylist: dict[tuple[str, str], float] = {}

    def reset(self) -> None:
        """Forget all but the seeds; whoever is connected has to come again."""
        self.expire_logins()
        self.clock.reset()
        self.ledger.reset()
        self.faults.reset()
        self._start()

    # --- what tests ask ---

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

    def tell(self, action: str, arguments: dict[str, Any]) -> object:
        """ValueError: nobody is behind this host."""
        raise ValueError(f"unknown action {action!r}; this host only takes mail in")

    # --- what a line asks ---

    def classify(self, call: Call) -> None:
        """Nothing: a command knows its operation."""

    def admit(self, call: Call) -> Reply | None:
        """Let each command pass."""
        return None

    def answer(self, call: Call) -> Reply:
        """Do what the command asks."""
        assert isinstance(call, Command)
        return call.work(call)

    def refuse(self, rule: Rule) -> Reply:
        """The refusal that a fault calls for."""
        return drift.refuse(rule)

    def reshape(self, rule: Rule, reply: Reply) -> Reply:
        """The reply with statuses in mail changed."""
        if rule.kind != "unknown_status":
            return reply
        return Reply(reply.status, drift.unknown_status(rule, reply.body), reply.headers)

    def kind_of(self, raw: bytes, recipients: list[str]) -> str:
        """The operation of a mail's call: it is only kept."""
        return "other"

    def take_in(self, call: Command, sender: str, recipients: list[str]) -> Reply:
        """Keep a mail."""
        made = Taken(sender, tuple(recipients), call.body)
        self.taken.append(made)
        if not {"vanished", "bounced"} & set(call.faults):
            self.arrive(call, made)
        return ACCEPTED

    def arrive(self, call: Command, mail: Taken) -> None:
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
        """Listen until the block ends, with `front` asked for every answer; gives the addresses, SMTP's first."""
        log = logging.getLogger("mail.log")
        log.addFilter(_nothing)  # the library logs every line of every mail
        async with AsyncExitStack() as stack:
            stack.callback(log.removeFilter, _nothing)
            yield await self.open(stack, front, host, port)

    async def open(self, stack: AsyncExitStack, front: Any, host: str, port: int) -> tuple[str, ...]:
        """Open the doors; they are closed with the stack."""
        loop = asyncio.get_running_loop()
        made: list[Submission] = []

        def connected() -> Submission:
            made.append(Submission(self, front, self._context))
            return made[-1]

        server = await loop.create_server(connected, host, port, ssl=self.implicit, backlog=1024)
        stack.push_async_callback(_close, self, server, lambda: [one.task for one in made])
        return (f"{self.scheme}://{host}:{server.sockets[0].getsockname()[1]}",)

    @property
    def implicit(self) -> ssl.SSLContext | None:
        """The context of a door that is encrypted from the first byte."""
        return self._context if self.options.tls == "implicit" else None


def _nothing(_: logging.LogRecord) -> bool:
    return False


async def _close(host: Postbox, server: asyncio.Server, tasks: Any) -> None:
    server.close()
    host.expire_logins()
    running = [one for one in tasks() if one is not None]
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
