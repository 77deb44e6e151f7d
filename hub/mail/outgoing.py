"""Carries one mail to the outgoing server by SMTP, and keeps account of how far it got."""

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
from hub.mail.fate import MailDelivery, MailProgress, answer_error, failure, not_offered

_PIECE = 65536
_DOTS = re.compile(rb"(?m)^\.")
_TAKEN = range(200, 300)


@asynccontextmanager
async def logged_in(connection: MailConnection, course: MailDelivery) -> AsyncIterator[aiosmtplib.SMTP]:
    """A line to the server on which we are logged in; it is hung up after the block."""
    known = connection
    encrypted = known.smtp_tls != "none"
    line = aiosmtplib.SMTP(
        hostname=known.smtp_host,
        port=known.smtp_port,
        use_tls=known.smtp_tls == "implicit",
        start_tls=known.smtp_tls == "starttls",
        timeout=known.deadline,
        local_hostname=known.domain,
        tls_context=tls_context(known.ca_file) if encrypted else None,
    )
    try:
        course.step = MailProgress.CONNECT
        await line.connect()
        if line.last_ehlo_response is None:  # after STARTTLS what was told before it does not count
            await line.ehlo()
        course.step = MailProgress.LOGIN
        if known.username:
            await _log_in(line, known.username, known.password.get_secret_value())
        yield line
        with contextlib.suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
            await line.quit(timeout=2.0)
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        raise _judged(error, course) from error
    finally:
        line.close()


async def carry(
    connection: MailConnection, course: MailDelivery, content: bytes, to: Sequence[str], may_leave: Callable[[], None]
) -> None:
    """Hand a mail over; raises HubErrors. `may_leave` is asked when only the dot that makes it count is missing."""
    async with logged_in(connection, course) as line:
        room = line.esmtp_extensions.get("size", "")
        if room.isdigit() and 0 < int(room) < len(content):
            raise FieldRefused(
                f"the mail is {len(content)} bytes, the server takes {room}; nothing was sent",
                field="attachment",
                next_step="send the file another way",
            )
        course.step = MailProgress.SENDER
        await line.mail(connection.sender)
        course.step = MailProgress.RECIPIENT
        for address in to:
            await line.rcpt(address)
        course.step = MailProgress.CONTENT
        await _content(line, course, content, may_leave, connection.deadline)


async def _log_in(line: aiosmtplib.SMTP, user: str, password: str) -> None:
    """By one way only: each that a server refuses counts as a wrong password there."""
    ways = {"plain": line.auth_plain, "login": line.auth_login, "cram-md5": line.auth_crammd5}
    offered = [way for way in ways if way in line.server_auth_methods]
    if not offered:
        raise aiosmtplib.SMTPNotSupported("no login")
    await ways[offered[0]](user, password)


async def _content(
    line: aiosmtplib.SMTP, course: MailDelivery, content: bytes, may_leave: Callable[[], None], seconds: float
) -> None:
    """DATA, the lines, and then, as a step of its own, the dot: until it leaves, the server has nothing."""
    started = await line.execute_command(b"DATA")
    if started.code != 354:
        raise aiosmtplib.SMTPDataError(started.code, started.message)
    protocol, transport = line.protocol, line.transport
    if protocol is None or transport is None:
        raise aiosmtplib.SMTPServerDisconnected("gone")
    cast("asyncio.WriteTransport", transport).set_write_buffer_limits(high=0)  # uvloop's is not of the class
    lines = _DOTS.sub(b"..", content)
    for at in range(0, len(lines), _PIECE):
        protocol.write(lines[at : at + _PIECE])
        await protocol._drain_helper()  # noqa: SLF001 - what StreamWriter.drain does, without closing the line after
    may_leave()
    course.step = MailProgress.END
    protocol.write(b"" if lines.endswith(b"\r\n") else b"\r\n")
    protocol.write(b".\r\n")
    answer = await protocol.read_response(timeout=seconds)
    course.taken = answer.code in _TAKEN
    course.refused = 400 <= answer.code < 600
    if not course.taken:
        raise aiosmtplib.SMTPDataError(answer.code, answer.message)


def _judged(error: Exception, course: MailDelivery) -> HubError:
    if type(error) in {aiosmtplib.SMTPException, aiosmtplib.SMTPNotSupported}:
        return not_offered(course.step)
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        first = error.recipients[0]
        return answer_error(first.code, first.message, course.step)
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return answer_error(error.code, error.message, course.step)
    return failure(error, course)
