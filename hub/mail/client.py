"""The client of an account that is spoken to by mail: paced, bounded in time and size, honest about what was sent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Self, TypeVar

from hub.errors import CaseRefused, HubError, RateLimited, VendorError
from hub.http.pace import Pace
from hub.http.retry import BUDGET, repeat
from hub.http.writes import Captured, Outgoing, ask_guard, begin_write, capturing
from hub.mail.connection import MailConnection, is_address
from hub.mail.fate import MailDelivery, MailProgress, failure
from hub.mail.gate import LoginGate
from hub.mail.mailbox import MailboxVisit, OpenFolder
from hub.mail.message import POLICY
from hub.mail.outgoing import carry, logged_in
from hub.model.base import utc_now

T = TypeVar("T")

SLOWEST = 65536  # bytes a second that a large mail is given time for


class MailClient:
    """One account's mail, out and in. Every call raises only `HubError`s; `in_doubt` is True when a mail may have left.

    Lines are opened for one errand and hung up after it: mails are few, and servers end idle lines.
    """

    def __init__(
        self,
        connection: MailConnection,
        *,
        account: str,
        vendor: str,
        concurrency: int = 8,
        requests_per_minute: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.account, self.vendor, self.connection = account, vendor, connection
        self._clock, self._sleep = clock, sleep
        self._pace = Pace(concurrency, requests_per_minute, clock=clock, sleep=sleep)
        self._out, self._in = LoginGate(clock), LoginGate(clock)

    def __repr__(self) -> str:
        return f"MailClient(account={self.account!r}, vendor={self.vendor!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Nothing is open between two errands."""

    def set_pace(self, concurrency: int, requests_per_minute: float | None) -> None:
        """Change this client's share of the account's concurrency and budget, at any time."""
        self._pace.resize(concurrency, requests_per_minute)

    async def send(self, message: EmailMessage, to: str, *, copy: bool = False) -> None:
        """Hand a mail for one recipient to the outgoing server, once; `copy` sends it to our own address too.

        Its date is set when it leaves. Raises CaseRefused for a recipient that is no plain address.
        """
        if not is_address(to):
            raise self._named(CaseRefused("the recipient is no plain mail address", next_step="mend the setting"))
        if (capture := capturing()) is not None:
            capture.outgoing = _outgoing(message, to)
            raise Captured(capture.outgoing)
        write, course = begin_write(), MailDelivery()
        recipients = [to, *([self.connection.sender] if copy else [])]
        try:
            async with self._out.passed(), self._pace.seat():
                await self._pace.turn(self._clock())
                del message["Date"]
                message["Date"] = format_datetime(utc_now())
                content = message.as_bytes(policy=POLICY)
                async with asyncio.timeout(self.connection.deadline + len(content) / SLOWEST):
                    await carry(self.connection, course, content, recipients, ask_guard)
        except HubError as error:
            raise self._named(error) from None
        except TimeoutError as error:
            raise self._named(failure(error, course)) from None
        finally:
            write.stored_maybe = course.may_be_taken

    async def try_sending(self) -> None:
        """Log in to the outgoing server and offer our address as the sender; nothing is sent."""
        course = MailDelivery()

        async def attempt() -> None:
            async with logged_in(self.connection, course) as line:
                await line.noop()
                course.step = MailProgress.SENDER
                await line.mail(self.connection.sender)
                await line.rset()

        try:
            async with self._out.passed(), self._pace.seat(), asyncio.timeout(self.connection.deadline):
                await attempt()
        except HubError as error:
            raise self._named(error) from None
        except TimeoutError as error:
            raise self._named(failure(error)) from None

    async def look(self, work: Callable[[OpenFolder], T], *, folder: str = "") -> T:
        """What the work finds in the mailbox's folder; it runs in a thread, and again after trouble that passes."""

        async def attempt() -> T:
            await self._pace.turn(began)
            look = MailboxVisit(self.connection)
            running = asyncio.get_running_loop().run_in_executor(
                None, lambda: look.run(work, folder=folder or self.connection.folder)
            )
            try:
                return await asyncio.shield(running)
            except asyncio.CancelledError:
                look.cut()
                with suppress(BaseException):
                    await asyncio.wait([running], timeout=2.0)
                if running.done() and not running.cancelled():
                    running.exception()
                raise

        began = self._clock()
        try:
            async with self._in.passed(), self._pace.seat(), asyncio.timeout(self.connection.deadline):
                budget = min(BUDGET, self.connection.deadline)
                return await repeat(attempt, budget=budget, clock=self._clock, sleep=self._sleep)
        except HubError as error:
            raise self._named(error) from None
        except TimeoutError as error:
            raise self._named(failure(error)) from None

    def _named(self, error: HubError) -> HubError:
        if isinstance(error, RateLimited):
            self._pace.hold(error.wait or 0.0)
        if isinstance(error, VendorError):
            error.vendor, error.account = error.vendor or self.vendor, error.account or self.account
        return error


def _outgoing(message: EmailMessage, to: str) -> Outgoing:
    shown = {name.lower(): str(value) for name, value in message.items()}
    return Outgoing("MAIL", to, shown, message.as_bytes(policy=POLICY))
