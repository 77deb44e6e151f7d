"""Delivers one mail to the outgoing server by SMTP, and records how far it got."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import cast

import aiosmtplib

from hub.errors import FieldRefused, HubError
from hub.http.transport import tls_context
from hub.mail.connection import MailConnection
from hub.mail.outcome import MailDelivery, MailProgress, failure, not_offered, refusal

_PIECE = 65536
_DOTS = re.compile(rb"(?m)^\.")
_ACCEPTED = range(200, 300)


@asynccontextmanager
async def logged_in(connection: MailConnection, delivery: MailDelivery) -> AsyncIterator[aiosmtplib.SMTP]:
    """A logged-in connection to the server, closed after the block."""
    encrypted = connection.smtp_tls != "none"
    smtp = aiosmtplib.SMTP(
        hostname=connection.smtp_host,
        port=connection.smtp_port,
        use_tls=connection.smtp_tls == "implicit",
        start_tls=connection.smtp_tls == "starttls",
        timeout=connection.deadline,
        local_hostname=connection.domain,
        tls_context=tls_context(connection.ca_file) if encrypted else None,
    )
    try:
        delivery.step = MailProgress.CONNECT
        await smtp.connect()
        if smtp.last_ehlo_response is None:  # answers from before STARTTLS do not count
            await smtp.ehlo()
        delivery.step = MailProgress.LOGIN
        if connection.username:
            await _log_in(smtp, connection.username, connection.password.get_secret_value())
        yield smtp
        with contextlib.suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
            await smtp.quit(timeout=2.0)
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        raise _error(error, delivery) from error
    finally:
        smtp.close()


async def deliver(
    connection: MailConnection, delivery: MailDelivery, content: bytes, to: Sequence[str], may_send: Callable[[], None]
) -> None:
    """Deliver a mail; raises HubErrors. `may_send` is called just before the final dot, which completes it."""
    async with logged_in(connection, delivery) as smtp:
        limit = smtp.esmtp_extensions.get("size", "")
        if limit.isdigit() and 0 < int(limit) < len(content):
            raise FieldRefused(
                f"the mail has {len(content)} bytes, but the server accepts {limit} at most; nothing was sent",
                field="attachment",
                next_step="send the file another way",
            )
        delivery.step = MailProgress.SENDER
        await smtp.mail(connection.sender)
        delivery.step = MailProgress.RECIPIENT
        for address in to:
            await smtp.rcpt(address)
        delivery.step = MailProgress.CONTENT
        await _send_content(smtp, delivery, content, may_send, connection.deadline)


async def _log_in(smtp: aiosmtplib.SMTP, user: str, password: str) -> None:
    """Log in with one method only: the server counts each refused method as a wrong password."""
    methods = {"plain": smtp.auth_plain, "login": smtp.auth_login, "cram-md5": smtp.auth_crammd5}
    offered = [name for name in methods if name in smtp.server_auth_methods]
    if not offered:
        raise aiosmtplib.SMTPNotSupported("no login")
    await methods[offered[0]](user, password)


async def _send_content(
    smtp: aiosmtplib.SMTP, delivery: MailDelivery, content: bytes, may_send: Callable[[], None], seconds: float
) -> None:
    """Send DATA, the lines and, as a separate step, the final dot: before it the server has accepted nothing."""
    started = await smtp.execute_command(b"DATA")
    if started.code != 354:
        raise aiosmtplib.SMTPDataError(started.code, started.message)
    protocol, transport = smtp.protocol, smtp.transport
    if protocol is None or transport is None:
        raise aiosmtplib.SMTPServerDisconnected("gone")
    cast("asyncio.WriteTransport", transport).set_write_buffer_limits(high=0)  # uvloop's transport is not of this class
    lines = _DOTS.sub(b"..", content)
    for at in range(0, len(lines), _PIECE):
        protocol.write(lines[at : at + _PIECE])
        await protocol._drain_helper()  # noqa: SLF001 - like StreamWriter.drain, but without closing the connection later
    may_send()
    delivery.step = MailProgress.END
    protocol.write(b"" if lines.endswith(b"\r\n") else b"\r\n")
    protocol.write(b".\r\n")
    answer = await protocol.read_response(timeout=seconds)
    delivery.accepted = answer.code in _ACCEPTED
    delivery.refused = 400 <= answer.code < 600
    if not delivery.accepted:
        raise aiosmtplib.SMTPDataError(answer.code, answer.message)


def _error(error: Exception, delivery: MailDelivery) -> HubError:
    if type(error) in {aiosmtplib.SMTPException, aiosmtplib.SMTPNotSupported}:
        return not_offered(delivery.step)
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        first = error.recipients[0]
        return refusal(first.code, first.message, delivery.step)
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return refusal(error.code, error.message, delivery.step)
    return failure(error, delivery)
