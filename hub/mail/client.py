"""The mail client of an account: sends mails and reads the mailbox."""

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
from hub.http.retry import BUDGET, retry
from hub.http.writes import Captured, Outgoing, ask_guard, begin_write, capturing
from hub.mail.connection import MailConnection, is_address
from hub.mail.gate import LoginGate
from hub.mail.mailbox import MailboxSession, OpenFolder
from hub.mail.message import POLICY
from hub.mail.outcome import MailDelivery, MailProgress, failure
from hub.mail.outgoing import deliver, logged_in
from hub.model.base import utc_now

T = TypeVar("T")

SLOWEST = 65536  # bytes a second: a large mail gets more time at this rate


class MailClient:
    """One account's mail, with pace, retries, and limits on time and size.

    Every call raises only `HubError`s; `in_doubt` is True when a mail may have been accepted. Each call opens a
    connection of its own: mails are few, and servers close idle connections.
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
        self._smtp_gate, self._imap_gate = LoginGate(clock), LoginGate(clock)

    def __repr__(self) -> str:
        return f"MailClient(account={self.account!r}, vendor={self.vendor!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Do nothing: no connection stays open between calls."""

    def set_pace(self, concurrency: int, requests_per_minute: float | None) -> None:
        """Change this client's share of the account's concurrency and call budget, at any time."""
        self._pace.resize(concurrency, requests_per_minute)

    async def send(self, message: EmailMessage, to: str, *, copy: bool = False) -> None:
        """Send a mail to one recipient through the outgoing server, once; `copy` also sends it to our own address.

        The Date header is set at sending. Raises CaseRefused for a recipient that is not a plain address.
        """
        if not is_address(to):
            raise self._complete(
                CaseRefused("the recipient is not a plain mail address", next_step="correct the setting")
            )
        if (capture := capturing()) is not None:
            capture.outgoing = _outgoing(message, to)
            raise Captured(capture.outgoing)
        write, delivery = begin_write(), MailDelivery()
        recipients = [to, *([self.connection.sender] if copy else [])]
        try:
            async with self._smtp_gate.login(), self._pace.seat():
                await self._pace.turn(self._clock())
                del message["Date"]
                message["Date"] = format_datetime(utc_now())
                content = message.as_bytes(policy=POLICY)
                async with asyncio.timeout(self.connection.deadline + len(content) / SLOWEST):
                    await deliver(self.connection, delivery, content, recipients, ask_guard)
        except HubError as error:
            raise self._complete(error) from None
        except TimeoutError as error:
            raise self._complete(failure(error, delivery)) from None
        finally:
            write.stored_maybe = delivery.may_be_accepted

    async def check_sending(self) -> None:
        """Log in to the outgoing server and offer our address as the sender; no mail is sent."""
        delivery = MailDelivery()

        async def attempt() -> None:
            async with logged_in(self.connection, delivery) as smtp:
                await smtp.noop()
                delivery.step = MailProgress.SENDER
                await smtp.mail(self.connection.sender)
                await smtp.rset()

        try:
            async with self._smtp_gate.login(), self._pace.seat(), asyncio.timeout(self.connection.deadline):
                await attempt()
        except HubError as error:
            raise self._complete(error) from None
        except TimeoutError as error:
            raise self._complete(failure(error)) from None

    async def read_folder(self, read: Callable[[OpenFolder], T], *, folder: str = "") -> T:
        """The result of `read` on the mailbox's folder; it runs in a thread, and again after a temporary failure."""

        async def attempt() -> T:
            await self._pace.turn(began)
            session = MailboxSession(self.connection)
            running = asyncio.get_running_loop().run_in_executor(
                None, lambda: session.run(read, folder=folder or self.connection.folder)
            )
            try:
                return await asyncio.shield(running)
            except asyncio.CancelledError:
                session.abort()
                with suppress(BaseException):
                    await asyncio.wait([running], timeout=2.0)
                if running.done() and not running.cancelled():
                    running.exception()
                raise

        began = self._clock()
        try:
            async with self._imap_gate.login(), self._pace.seat(), asyncio.timeout(self.connection.deadline):
                budget = min(BUDGET, self.connection.deadline)
                return await retry(attempt, budget=budget, clock=self._clock, sleep=self._sleep)
        except HubError as error:
            raise self._complete(error) from None
        except TimeoutError as error:
            raise self._complete(failure(error)) from None

    def _complete(self, error: HubError) -> HubError:
        if isinstance(error, RateLimited):
            self._pace.hold(error.wait or 0.0)
        if isinstance(error, VendorError):
            error.vendor, error.account = error.vendor or self.vendor, error.account or self.account
        return error


def _outgoing(message: EmailMessage, to: str) -> Outgoing:
    headers = {name.lower(): str(value) for name, value in message.items()}
    return Outgoing("MAIL", to, headers, message.as_bytes(policy=POLICY))
