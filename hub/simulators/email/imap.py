"""The IMAP4rev1 server (RFC 3501; UIDPLUS, MOVE, IDLE, LITERAL+, SASL-IR): one connection, command by command."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
import ssl
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

from hub.simulators.email import imap_work as work
from hub.simulators.email.drift import ON_IMAP, striking
from hub.simulators.email.imap_words import Malformed, TooBig, Word, name, read_command, string, words
from hub.simulators.email.imap_work import FolderView
from hub.simulators.email.line import IMAP, Command, Hangup, attend, command, hang_up, send
from hub.simulators.email.mailbox import Mailbox
from hub.simulators.email.options import Options, Seeds
from hub.simulators.kit import Reply, Simulator

_TAGGED = re.compile(rb"[A-Za-z0-9.$#]+ [A-Za-z]")
_TICK = 0.05  # seconds between checks for due mail during IDLE
_ANYTIME: Final = {"CAPABILITY", "NOOP", "LOGOUT", "ID"}
_BEFORE: Final = {"LOGIN", "AUTHENTICATE", "STARTTLS"}
_OPTIONAL: Final = ("IDLE", "MOVE", "UIDPLUS", "SASL-IR", "LITERAL+")


class ImapHost(Protocol):
    """The mail host as the server uses it."""

    options: Options
    seeds: Seeds
    lines: set[asyncio.StreamWriter]

    @property
    def mailbox(self) -> Mailbox:
        """Our mailbox."""

    def settle(self) -> None:
        """Deliver the mail that is due."""


class ImapConnection:
    """One connection, until it ends."""

    def __init__(
        self,
        host: ImapHost,
        front: Simulator,
        context: ssl.SSLContext | None,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self.host, self.front, self.reader, self.writer = host, front, reader, writer
        self._context = context if host.options.tls == "starttls" else None
        self._encrypted = host.options.tls == "implicit"
        self._user = ""
        self._view: FolderView | None = None
        self._over = False

    async def run(self) -> None:
        """Greet the client, and answer until the connection ends."""
        self.host.lines.add(self.writer)
        try:
            await self._do(b"*", "CONNECT", "connect", lambda _: work.ok(f"[CAPABILITY {self._capability()}] ready"))
            while not self._over:
                await self._next()
        except Hangup:
            hang_up(self.writer)
        except (ConnectionError, EOFError, ssl.SSLError):
            pass
        finally:
            self.host.lines.discard(self.writer)
            self.writer.close()

    async def _next(self) -> None:
        tag = b"*"
        plus = self._has("LITERAL+")
        try:
            text, literals = await read_command(self.reader, self._proceed, self.host.options.max_size, plus=plus)
            if not _TAGGED.match(text):
                raise Malformed("a tag and a command were expected")
            tag = text.partition(b" ")[0]
            given = words(text, literals)
            await self._command(tag, name(given[1]), given[2:])
        except Malformed as error:
            self.writer.write(tag + b" BAD " + str(error).encode("ascii", "replace") + b"\r\n")
        except TooBig:
            self.writer.write(b"* BYE [TOOBIG] Literal is larger than this host takes\r\n")
            self._over = True
        await self.writer.drain()

    async def _proceed(self) -> None:
        self.writer.write(b"+ go ahead\r\n")
        await self.writer.drain()

    def _has(self, capability: str) -> bool:
        return capability not in self.host.options.lacks

    def _capability(self) -> str:
        capabilities = ["IMAP4rev1", *(capability for capability in _OPTIONAL if self._has(capability))]
        if not self._user:
            safe = self._context is None or self._encrypted
            capabilities += ["AUTH=PLAIN"] if safe else ["STARTTLS", "LOGINDISABLED"]
        return " ".join(capabilities)

    async def _command(self, tag: bytes, verb: str, given: list[Word]) -> None:
        self.host.settle()
        if self._rebuilt():
            return
        if verb not in _ANYTIME:
            if not self._user and verb not in _BEFORE:
                raise Malformed(f"{verb[:20]} needs a login first")
            if self._user and verb in _BEFORE:
                raise Malformed("already logged in")
        own = {
            "CAPABILITY": self._capability_command,
            "NOOP": self._noop,
            "CHECK": self._noop,
            "LOGOUT": self._logout,
            "LOGIN": self._login,
            "AUTHENTICATE": self._authenticate,
            "STARTTLS": self._starttls,
            "IDLE": self._idle,
            "ID": self._id,
        }
        if verb in own and (verb != "IDLE" or self._has("IDLE")):
            await own[verb](tag, given)
            return
        by_uid = verb == "UID"
        if by_uid:
            if not given:
                raise Malformed("UID needs a command")
            verb, given = name(given[0]), given[1:]
        await self._work(tag, verb, given, by_uid=by_uid)

    def _rebuilt(self) -> bool:
        """Whether the ids that the client knows have become invalid; then the connection is ended with BYE."""
        if self._view is not None and self._view.stale:
            self.writer.write(b"* BYE The mailbox was rebuilt\r\n")
            self._over = True
        return self._over

    async def _work(self, tag: bytes, verb: str, given: list[Word], *, by_uid: bool) -> None:
        if verb in {"SELECT", "EXAMINE"}:
            self._view = None

            def select(call: Command) -> Reply:
                reply, self._view = work.select(self.host.mailbox, given, call.faults, read_only=verb == "EXAMINE")
                return reply

            await self._do(tag, verb, "select", select)
            return
        if verb in work.ON_MAILBOX and not by_uid:
            ask = work.ON_MAILBOX[verb]
            await self._do(tag, verb, work.operation(verb, given), lambda _: ask(self.host.mailbox, given))
            return
        if (
            verb not in work.ON_FOLDER
            or (by_uid and verb not in work.BY_UID)
            or (verb == "MOVE" and not self._has("MOVE"))
        ):
            raise Malformed(f"unknown command {verb[:20]}")
        view = self._view
        if view is None:
            raise Malformed("select a folder first")

        def act(call: Command) -> Reply:
            return work.ON_FOLDER[verb](self.host.mailbox, view, given, call.faults, by_uid)

        await self._do(tag, verb, work.operation(verb, given), act)
        if verb in {"CLOSE", "UNSELECT"}:
            self._view = None

    async def _do(
        self, tag: bytes, method: str, operation: str, do: Callable[[Command], Reply], *, said: str = ""
    ) -> bool:
        """Carry out a command and reply; returns whether it succeeded."""
        call = command("imap", method, operation, do, user=self._user, said=said)
        reply, rules = await attend(self.front, call, striking(ON_IMAP, method))
        status = reply.headers.get(IMAP) or _rewritten_status(reply)
        news = b"" if self._view is None else self._view.news(gone=method not in {"FETCH", "STORE", "SEARCH"})
        untagged = reply.body if status.startswith("OK") and IMAP in reply.headers else b""
        if "short_literal" in call.faults and b"{" in untagged:
            self.writer.write(untagged)
            await self.writer.drain()
            self.writer.close()
            raise Hangup
        if "chatter" in call.faults:
            untagged = (
                b"* OK [ALERT] The host will be serviced on Sunday\r\n" + untagged + b"* 1 FETCH (FLAGS (\\Seen))\r\n"
            )
        bye = status.startswith("BYE")
        tag = b"XX99" if "other_tag" in call.faults else tag
        last = b"* " + status.encode() if bye else tag + b" " + status.encode()
        await send(self.writer, untagged + news + last + b"\r\n", rules)
        if bye:
            self._over = True
        return status.startswith("OK")

    # --- commands of more than one line ---

    async def _capability_command(self, tag: bytes, _: list[Word]) -> None:
        await self._do(tag, "CAPABILITY", "capability", lambda _: work.ok("done", f"* CAPABILITY {self._capability()}"))

    async def _id(self, tag: bytes, _: list[Word]) -> None:
        await self._do(tag, "ID", "capability", lambda _: work.ok("done", "* ID NIL"))

    async def _noop(self, tag: bytes, _: list[Word]) -> None:
        await self._do(tag, "NOOP", "noop", lambda _: work.ok("done"))

    async def _logout(self, tag: bytes, _: list[Word]) -> None:
        await self._do(tag, "LOGOUT", "logout", lambda _: work.ok("done", "* BYE Logging out"))
        self._over = True

    async def _starttls(self, tag: bytes, _: list[Word]) -> None:
        if self._context is None or self._encrypted:
            raise Malformed("STARTTLS is not to be had")
        if await self._do(tag, "STARTTLS", "starttls", lambda _: work.ok("begin now")):
            await self.writer.start_tls(self._context)
            self._encrypted = True

    async def _login(self, tag: bytes, given: list[Word]) -> None:
        if len(given) != 2:
            raise Malformed("LOGIN takes a name and a password")
        await self._prove(tag, "LOGIN", string(given[0]), string(given[1]))

    async def _authenticate(self, tag: bytes, given: list[Word]) -> None:
        if not given or name(given[0]) != "PLAIN":
            self.writer.write(tag + b" NO Unsupported authentication mechanism\r\n")
            return
        if len(given) > 1:
            coded = string(given[1]).encode()
        else:
            self.writer.write(b"+ \r\n")
            await self.writer.drain()
            coded = (await self.reader.readline()).strip()
        try:
            _, user, password = base64.b64decode(coded, validate=True).decode().split("\0")
        except (binascii.Error, UnicodeDecodeError, ValueError):
            raise Malformed("no such form of AUTHENTICATE PLAIN") from None
        await self._prove(tag, "AUTHENTICATE", user, password)

    async def _prove(self, tag: bytes, method: str, user: str, password: str) -> None:
        if self._context is not None and not self._encrypted:
            self.writer.write(tag + b" NO [PRIVACYREQUIRED] Use STARTTLS first\r\n")
            return

        def prove(_: Command) -> Reply:
            if (user, password) != (self.host.seeds.username, self.host.seeds.password):
                return work.no("[AUTHENTICATIONFAILED] Invalid credentials")
            return work.ok("Logged in")

        if await self._do(tag, method, "login", prove, said=f"{user} {password}"):
            self._user = user

    async def _idle(self, tag: bytes, _: list[Word]) -> None:
        if self._view is None:
            raise Malformed("select a folder first")
        news = asyncio.Event()
        self.host.mailbox.listeners.add(news.set)
        done = asyncio.ensure_future(self.reader.readline())
        try:
            self.writer.write(b"+ idling\r\n")
            await self.writer.drain()
            while not done.done():
                await _first(done, news.wait())
                news.clear()
                self.host.settle()
                if self._rebuilt():
                    return
                self.writer.write(self._view.news(gone=True))
                await self.writer.drain()
            if not done.result():
                raise EOFError
        finally:
            self.host.mailbox.listeners.discard(news.set)
            done.cancel()
        await self._do(tag, "IDLE", "idle", lambda _: work.ok("done"))


async def _first(done: asyncio.Future[bytes], news: Awaitable[object]) -> None:
    waiting = asyncio.ensure_future(news)
    both: set[asyncio.Future[Any]] = {done, waiting}
    await asyncio.wait(both, timeout=_TICK, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()


def _rewritten_status(reply: Reply) -> str:
    """The status line for a reply that was replaced by a test."""
    said = " ".join(reply.body.decode("utf-8", "replace").split())[:400]
    where = f"[REFERRAL {reply.headers['Location']}] " if "Location" in reply.headers else ""
    return f"{'OK' if reply.status < 300 else 'NO'} {where}{said}"
