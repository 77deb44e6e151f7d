"""Reads a mailbox over IMAP without changing it: blocking, for a thread of its own, limited in bytes.

Source: RFC 9051. Folders are opened read-only (EXAMINE) and mails read with PEEK, so that unread mails stay unread.
UIDs grow and are not reused while UIDVALIDITY stays the same (section 2.3.1.1).
"""

from __future__ import annotations

import contextlib
import imaplib
import re
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any, NamedTuple, TypeVar

from imap_tools import BaseMailBox, UnexpectedCommandStatusError

from hub.errors import HubError, NotPermitted, VendorMisbehaved, VendorUnavailable
from hub.http.transport import tls_context
from hub.mail.connection import MailConnection
from hub.mail.outcome import failure, mailbox_error

T = TypeVar("T")

CONNECT_SECONDS = 10.0
MAX_LINE = 10 * 1024 * 1024  # bytes of an answer besides the mail itself
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class RawMail(NamedTuple):
    """One mail as the mailbox stores it."""

    uid: int
    size: int  # bytes
    received: datetime  # by the mailbox's clock
    content: bytes  # empty when it is larger than the connection's max_reply


class _Client(imaplib.IMAP4):
    """imaplib's client with a limit on what it reads into memory."""

    def __init__(self, host: str, port: int, timeout: float, limit: int) -> None:
        self._limit = limit
        super().__init__(host, port, timeout)

    def read(self, size: int) -> bytes:
        if size > self._limit:
            raise self.abort("a literal is longer than the limit")
        return super().read(size)


class _TlsClient(imaplib.IMAP4_SSL):
    def __init__(self, host: str, port: int, timeout: float, limit: int, context: Any) -> None:
        self._limit = limit
        super().__init__(host, port, ssl_context=context, timeout=timeout)

    def read(self, size: int) -> bytes:
        if size > self._limit:
            raise self.abort("a literal is longer than the limit")
        return super().read(size)


class _MailBox(BaseMailBox):
    def __init__(self, connection: MailConnection) -> None:
        self._connection = connection
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        connection = self._connection
        timeout = min(CONNECT_SECONDS, connection.deadline)
        limit = connection.max_reply + MAX_LINE
        if connection.imap_tls == "implicit":
            context = tls_context(connection.ca_file)
            return _TlsClient(connection.imap_host, connection.imap_port, timeout, limit, context)
        client = _Client(connection.imap_host, connection.imap_port, timeout, limit)
        if connection.imap_tls == "starttls":
            try:
                if "STARTTLS" not in client.capabilities:
                    raise NotPermitted("the mailbox offers no STARTTLS", next_step="check imap_tls and the port")
                _encrypt(client, connection)
            except BaseException:
                client.shutdown()
                raise
        return client


def _encrypt(client: imaplib.IMAP4, connection: MailConnection) -> None:
    try:
        client.starttls(tls_context(connection.ca_file))
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise VendorUnavailable("the mailbox offers STARTTLS but refused it; nothing was written") from error


class OpenFolder:
    """An open mailbox with one selected folder."""

    def __init__(self, inner: BaseMailBox, limit: int) -> None:
        self._inner, self._limit = inner, limit
        self.validity = 0
        """UIDVALIDITY: when it changes, earlier UIDs are no longer valid."""

    def open(self, folder: str) -> None:
        """Select a folder, read-only; raises NotPermitted."""
        with _translating("folder"):
            self._inner.folder.set(folder, readonly=True)
        responses = self._inner.client.untagged_responses.get("UIDVALIDITY") or [b""]
        validity = responses[0]
        if not isinstance(validity, bytes) or not validity.isdigit():
            raise VendorMisbehaved("the mailbox gives no UIDVALIDITY for its folder")
        self.validity = int(validity)

    def uids(self, criteria: str) -> list[int]:
        """The UIDs that meet IMAP criteria, in order; values from outside must be quoted in them."""
        with _translating("search"):
            return sorted({int(uid) for uid in self._inner.uids(criteria, charset=None)})

    def after(self, uid: int) -> list[int]:
        """The UIDs greater than this one; `n:*` always includes the last mail, even one before n."""
        return [later for later in self.uids(f"UID {uid + 1}:*") if later > uid]

    def since(self, day: date) -> list[int]:
        """The UIDs of mails received on that day or later."""
        return self.uids(f"SINCE {day.day}-{_MONTHS[day.month - 1]}-{day.year}")

    def fetch(self, uids: Iterable[int]) -> Iterator[RawMail]:
        """The mails with these UIDs, in order; mails that are gone are left out."""
        for uid in uids:
            metadata = self._ask(uid, "(UID RFC822.SIZE INTERNALDATE)")
            if metadata is None:
                continue
            line = b" ".join(part if isinstance(part, bytes) else part[0] for part in metadata)
            number, size, received_at = _UID.search(line), _SIZE.search(line), imaplib.Internaldate2tuple(line)
            if not number or int(number[1]) != uid or not size or received_at is None:
                raise VendorMisbehaved("the mailbox gives no size or time for a mail")
            received = datetime.fromtimestamp(time.mktime(received_at), UTC)  # imaplib returns local time
            content = b""
            if int(size[1]) <= self._limit:
                body = self._ask(uid, "(UID BODY.PEEK[])")
                if body is None:
                    continue
                content = next((bytes(part[1]) for part in body if isinstance(part, tuple)), b"")
            yield RawMail(uid, int(size[1]), received, content)

    def _ask(self, uid: int, parts: str) -> list[Any] | None:
        with _translating("mails"):
            status, response = self._inner.client.uid("FETCH", str(uid), parts)
        if status != "OK":
            raise mailbox_error("mails", status, _text(response))
        given = [part for part in response or () if part]
        return given if any(_is_about(part, uid) for part in given) else None


def _is_about(part: Any, uid: int) -> bool:
    number = _UID.search(part[0] if isinstance(part, tuple) else part)
    return int(number[1]) == uid if number else part == b")"


class MailboxSession:
    """One IMAP session, which another thread may abort."""

    def __init__(self, connection: MailConnection) -> None:
        self._connection = connection
        self._socket: socket.socket | None = None
        self._aborted = False

    def run(self, read: Callable[[OpenFolder], T], *, folder: str) -> T:
        """The result of `read` on the folder; raises only HubErrors, and whatever `read` raises."""
        connection = self._connection
        try:
            inner = _MailBox(connection)
        except (OSError, imaplib.IMAP4.error) as error:
            raise _translated("greeting", error) from error
        try:
            self._socket = inner.client.sock
            if self._aborted:
                raise failure(TimeoutError())
            inner.client.sock.settimeout(connection.deadline)
            with _translating("login"):
                if connection.username.isascii() and connection.password.get_secret_value().isascii():
                    inner.login(connection.username, connection.password.get_secret_value(), initial_folder=None)
                else:
                    inner.login_utf8(connection.username, connection.password.get_secret_value(), initial_folder=None)
            box = OpenFolder(inner, connection.max_reply)
            box.open(folder)
            return read(box)
        finally:
            _log_out(inner.client, polite=not self._aborted)

    def abort(self) -> None:
        """End the session from another thread."""
        self._aborted = True
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


def _log_out(client: imaplib.IMAP4, *, polite: bool) -> None:
    try:
        if polite:
            client.sock.settimeout(2.0)
            client.logout()
    except (OSError, imaplib.IMAP4.error):
        pass
    finally:
        with contextlib.suppress(OSError):
            client.shutdown()


@contextmanager
def _translating(what: str) -> Iterator[None]:
    try:
        yield
    except HubError:
        raise
    except (OSError, imaplib.IMAP4.error, UnexpectedCommandStatusError, ValueError) as error:
        raise _translated(what, error) from error


def _translated(what: str, error: Exception) -> HubError:
    if isinstance(error, UnexpectedCommandStatusError):
        status, response = error.command_result[0], error.command_result[1]
        return mailbox_error(what, str(status), _text(response))
    if isinstance(error, imaplib.IMAP4.abort):
        return failure(ConnectionError())
    if isinstance(error, imaplib.IMAP4.error):
        words = str(error)
        if "BYE" in words:
            return mailbox_error(what, "BYE", words)
        return mailbox_error(what, "BAD", words)
    return failure(error)


def _text(response: Any) -> str:
    parts = response if isinstance(response, list | tuple) else [response]
    return " ".join(bytes(part).decode("ascii", "replace") for part in parts if isinstance(part, bytes))
