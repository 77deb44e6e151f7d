"""The submission server: aiosmtpd with logins, greylisting, refusals, and faults at every command."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Any, Protocol

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from hub.simulators.email.drift import ON_SMTP, striking
from hub.simulators.email.line import Command, Hangup, attend, command, hang_up, send
from hub.simulators.email.options import Options, Seeds
from hub.simulators.kit import Clock, Reply, Simulator

ACCEPTED = Reply(250, b"2.0.0 OK")
_CLOSING = 421


class SmtpHost(Protocol):
    """The mail host as the server uses it."""

    options: Options
    seeds: Seeds
    clock: Clock
    greylist: dict[tuple[str, str], float]
    lines: set[asyncio.StreamWriter]

    def kind_of(self, raw: bytes, recipients: list[str]) -> str:
        """The operation of a mail: its effect."""

    def accept(self, call: Command, sender: str, recipients: list[str]) -> Reply:
        """Accept a mail, whose bytes are the call's body, or refuse it."""


class Submission(SMTP):
    """One connection."""

    def __init__(self, host: SmtpHost, front: Simulator, context: ssl.SSLContext | None) -> None:
        self.host, self.front = host, front
        starttls = context if host.options.tls == "starttls" else None
        super().__init__(
            _SmtpHandler(self),
            data_size_limit=host.options.max_size,
            enable_SMTPUTF8=True,
            hostname=host.seeds.hostname,
            ident="ESMTP",
            tls_context=starttls,
            auth_require_tls=starttls is not None,
            authenticator=_authenticate,
            loop=asyncio.get_running_loop(),
        )
        self.user = ""

    @property
    def task(self) -> asyncio.Task[None] | None:
        """The task that serves the connection, once it has started."""
        return self._handler_coroutine

    async def ask(
        self, method: str, operation: str, work: Callable[[Command], Reply], *, said: str = "", body: bytes = b""
    ) -> str:
        """The host's reply to a command; the connection ends here where a fault or the host ends it."""
        call = command("smtp", method, operation, work, user=self.user, body=body, said=said)
        try:
            reply, rules = await attend(self.front, call, striking(ON_SMTP, method))
            text = _written(reply)
            if rules or reply.status == _CLOSING:
                delays = [rule for rule in rules if rule.kind == "delay_after"]
                others = [rule for rule in rules if rule.kind != "delay_after"]
                await send(self._writer, b"", delays)
                if reply.status == _CLOSING or any(self.front.faults.phase(rule) == "after" for rule in others):
                    await send(self._writer, text.encode("utf-8", "replace") + b"\r\n", others)
                    self._writer.close()
                    raise Hangup
            return text
        except (Hangup, ConnectionError):
            hang_up(self._writer)
            raise asyncio.CancelledError from None  # ends the connection's own task silently

    async def _handle_client(self) -> None:
        self.host.lines.add(self._writer)
        try:
            said = await self.ask("CONNECT", "connect", lambda _: Reply(220, b""))
            if not said.startswith("220"):
                await self.push(said)
                self._writer.close()
                return
            await super()._handle_client()
        finally:
            self.host.lines.discard(self._writer)

    async def smtp_STARTTLS(self, arg: str) -> None:
        """Encrypt, unless a fault forbids it."""
        said = await self.ask("STARTTLS", "starttls", lambda _: ACCEPTED)
        if not said.startswith("250"):
            await self.push(said)
            return
        await super().smtp_STARTTLS(arg)

    async def smtp_DATA(self, arg: str) -> None:
        """Accept a mail's text, unless a fault prevents it."""
        said = await self.ask("BEGIN", "data", lambda _: ACCEPTED)
        if not said.startswith("250"):
            await self.push(said)
            return
        await super().smtp_DATA(arg)


class _SmtpHandler:
    """The handler that aiosmtpd calls at each command, with aiosmtpd's names."""

    def __init__(self, line: Submission) -> None:
        self._line, self._host = line, line.host

    async def auth_PLAIN(self, server: SMTP, args: list[str]) -> AuthResult:
        return await self._prove(await server.auth_PLAIN(server, args))

    async def auth_LOGIN(self, server: SMTP, args: list[str]) -> AuthResult:
        return await self._prove(await server.auth_LOGIN(server, args))

    async def _prove(self, login: AuthResult) -> AuthResult:
        if not isinstance(login.auth_data, LoginPassword):
            return login
        user, password = (part.decode("utf-8", "replace") for part in login.auth_data)
        seeds = self._host.seeds
        right = (user, password) == (seeds.username, seeds.password)
        reply = Reply(235, b"2.7.0 Authentication successful") if right else Reply(535, b"5.7.8 Invalid credentials")
        said = await self._line.ask("AUTH", "login", lambda _: reply, said=f"{user} {password}")
        if said.startswith("235"):
            self._line.user = user
            return AuthResult(success=True, message=said)
        return AuthResult(success=False, handled=False, message=said)

    async def handle_MAIL(
        self, _s: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        def work(_: Command) -> Reply:
            if self._host.options.requires_login and not session.authenticated:
                return Reply(530, b"5.7.0 Authentication required")
            if address.casefold() != self._host.seeds.address.casefold():
                return Reply(553, b"5.7.1 Sender address rejected: not owned by user")
            return ACCEPTED

        said = await self._line.ask("MAIL", "sender", work, said=address)
        if said.startswith("250"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return said

    async def handle_RCPT(self, _s: SMTP, _n: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        said = await self._line.ask(
            "RCPT", "recipient", lambda _: self._greeted(envelope.mail_from or "", address), said=address
        )
        if said.startswith("250"):
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return said

    async def handle_DATA(self, _s: SMTP, _n: Session, envelope: Envelope) -> str:
        raw = envelope.original_content or b""
        operation = self._host.kind_of(raw, envelope.rcpt_tos)

        def work(call: Command) -> Reply:
            return self._host.accept(call, envelope.mail_from or "", envelope.rcpt_tos)

        return await self._line.ask("DATA", operation, work, body=raw)

    def _greeted(self, sender: str, recipient: str) -> Reply:
        wait, now = self._host.options.greylist_seconds, self._host.clock.now()
        first = self._host.greylist.setdefault((sender, recipient), now)
        if wait and now < first + wait:
            return Reply(451, f"4.7.1 Greylisted, please try again in {first + wait - now:.0f} seconds".encode())
        return ACCEPTED


def _authenticate(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=True, auth_data=data)


def _written(reply: Reply) -> str:
    lines = [line for line in reply.body.decode("utf-8", "replace").splitlines() if line.strip()] or [""]
    *first, last = (line[:400] for line in lines[:20])
    return "\r\n".join((*(f"{reply.status}-{line}" for line in first), f"{reply.status} {last}"))
