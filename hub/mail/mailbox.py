"""Looks into a mailbox by IMAP: blocking, for a thread of its own, bounded in bytes, and it changes nothing there.

Source: RFC 9051. Folders are opened read-only (EXAMINE) and mails read with PEEK, so that what people see as unread
stays so. UIDs grow and are not used again while UIDVALIDITY stays the same (section 2.3.1.1).
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
from hub.mail.fate import failure, look_error

T = TypeVar("T")

CONNECT_SECONDS = 10.0
LINE = 10 * 1024 * 1024  # bytes of an answer outside of mails
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class RawMail(NamedTuple):
    """One mail as the mailbox keeps it."""

    uid: int
    size: int  # bytes
    received: datetime  # by the mailbox's clock
    content: bytes  # empty when it is larger than the connection's max_reply


class _Client(imaplib.IMAP4):
    """imaplib's client that never reads more into memory than it may."""

    def __init__(self, host: str, port: int, timeout: float, most: int) -> None:
        self._most = most
        super().__init__(host, port, timeout)

    def read(self, size: int) -> bytes:
        if size > self._most:
            raise self.abort("a literal beyond the limit")
        return super().read(size)


class _TlsClient(imaplib.IMAP4_SSL):
    def __init__(self, host: str, port: int, timeout: float, most: int, context: Any) -> None:
        self._most = most
        super().__init__(host, port, ssl_context=context, timeout=timeout)

    def read(self, size: int) -> bytes:
        if size > self._most:
            raise self.abort("a literal beyond the limit")
        return super().read(size)


class _MailBox(BaseMailBox):
    def __init__(self, connection: MailConnection) -> None:
        self._connection = connection
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        known, timeout = self._connection, min(CONNECT_SECONDS, self._connection.deadline)
        most = known.max_reply + LINE
        if known.imap_tls == "implicit":
            context = tls_context(known.ca_file)
            return _TlsClient(known.imap_host, known.imap_port, timeout, most, context)
        client = _Client(known.imap_host, known.imap_port, timeout, most)
        if known.imap_tls == "starttls":
            try:
                if "STARTTLS" not in client.capabilities:
                    raise NotPermitted("the mailbox offers no STARTTLS", next_step="check imap_tls and the port")
                _encrypt(client, known)
            except BaseException:
                client.shutdown()
                raise
        return client


def _encrypt(client: imaplib.IMAP4, known: MailConnection) -> None:
    try:
        client.starttls(tls_context(known.ca_file))
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise VendorUnavailable("the mailbox offers STARTTLS and refuses it now; nothing was written") from error


class OpenFolder:
    """An open mailbox with one folder chosen."""

    def __init__(self, inner: BaseMailBox, limit: int) -> None:
        self._inner, self._limit = inner, limit
        self.validity = 0
        """UIDVALIDITY: UIDs of another one mean nothing any more."""

    def open(self, folder: str) -> None:
        """Choose a folder, for reading only; raises NotPermitted."""
        with _judged("folder"):
            self._inner.folder.set(folder, readonly=True)
        told = self._inner.client.untagged_responses.get("UIDVALIDITY") or [b""]
        validity = told[0]
        if not isinstance(validity, bytes) or not validity.isdigit():
            raise VendorMisbehaved("the mailbox tells no UIDVALIDITY for its folder")
        self.validity = int(validity)

    def uids(self, criteria: str) -> list[int]:
        """The UIDs that meet IMAP's criteria, in order; nothing from outside may stand in them unquoted."""
        with _judged("search"):
            return sorted({int(uid) for uid in self._inner.uids(criteria, charset=None)})

    def after(self, uid: int) -> list[int]:
        """The UIDs behind this one; `n:*` always names the last mail, even one before n."""
        return [one for one in self.uids(f"UID {uid + 1}:*") if one > uid]

    def since(self, day: date) -> list[int]:
        """The UIDs of mails that came in on that day or later."""
        return self.uids(f"SINCE {day.day}-{_MONTHS[day.month - 1]}-{day.year}")

    def fetch(self, uids: Iterable[int]) -> Iterator[RawMail]:
        """The mails with these UIDs, one after the other; those that are gone are left out."""
        for uid in uids:
            head = self._ask(uid, "(UID RFC822.SIZE INTERNALDATE)")
            if head is None:
                continue
            line = b" ".join(part if isinstance(part, bytes) else part[0] for part in head)
            named, size, when = _UID.search(line), _SIZE.search(line), imaplib.Internaldate2tuple(line)
            if not named or int(named[1]) != uid or not size or when is None:
                raise VendorMisbehaved("the mailbox tells no size or time of a mail")
            received = datetime.fromtimestamp(time.mktime(when), UTC)  # imaplib gives local time
            content = b""
            if int(size[1]) <= self._limit:
                body = self._ask(uid, "(UID BODY.PEEK[])")
                if body is None:
                    continue
                content = next((bytes(part[1]) for part in body if isinstance(part, tuple)), b"")
            yield RawMail(uid, int(size[1]), received, content)

    def _ask(self, uid: int, parts: str) -> list[Any] | None:
        with _judged("mails"):
            status, told = self._inner.client.uid("FETCH", str(uid), parts)
        if status != "OK":
            raise look_error("mails", status, _words(told))
        found = [part for part in told or () if part]
        ours = [part for part in found if _names(part, uid)]
        return found if ours else None


def _names(part: Any, uid: int) -> bool:
    named = _UID.search(part[0] if isinstance(part, tuple) else part)
    return int(named[1]) == uid if named else part == b")"


class MailboxVisit:
    """One look into the mailbox, which another thread may cut short."""

    def __init__(self, connection: MailConnection) -> None:
        self._connection = connection
        self._socket: socket.socket | None = None
        self._over = False

    def run(self, work: Callable[[OpenFolder], T], *, folder: str) -> T:
        """What the work finds in the folder; raises HubErrors only, and what the work itself raises."""
        known = self._connection
        try:
            inner = _MailBox(known)
        except (OSError, imaplib.IMAP4.error) as error:
            raise _translated("greeting", error) from error
        try:
            self._socket = inner.client.sock
            if self._over:
                raise failure(TimeoutError())
            inner.client.sock.settimeout(known.deadline)
            with _judged("login"):
                if known.username.isascii() and known.password.get_secret_value().isascii():
                    inner.login(known.username, known.password.get_secret_value(), initial_folder=None)
                else:
                    inner.login_utf8(known.username, known.password.get_secret_value(), initial_folder=None)
            box = OpenFolder(inner, known.max_reply)
            box.open(folder)
            return work(box)
        finally:
            _leave(inner.client, polite=not self._over)

    def cut(self) -> None:
        """End the look from another thread."""
        self._over = True
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


def _leave(client: imaplib.IMAP4, *, polite: bool) -> None:
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
def _judged(what: str) -> Iterator[None]:
    try:
        yield
    except HubError:
        raise
    except (OSError, imaplib.IMAP4.error, UnexpectedCommandStatusError, ValueError) as error:
        raise _translated(what, error) from error


def _translated(what: str, error: Exception) -> HubError:
    if isinstance(error, UnexpectedCommandStatusError):
        status, told = error.command_result[0], error.command_result[1]
        return look_error(what, str(status), _words(told))
    if isinstance(error, imaplib.IMAP4.abort):
        return failure(ConnectionError())
    if isinstance(error, imaplib.IMAP4.error):
        words = str(error)
        if "BYE" in words:
            return look_error(what, "BYE", words)
        return look_error(what, "BAD", words)
    return failure(error)


def _words(told: Any) -> str:
    parts = told if isinstance(told, list | tuple) else [told]
    return " ".join(bytes(part).decode("ascii", "replace") for part in parts if isinstance(part, bytes))
