"""A mail as the desk reads it: sender, subject, text and files. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email import policy
from email.errors import MessageError
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parseaddr
from functools import lru_cache
from hashlib import sha256

POLICY = policy.default.clone(header_factory=lru_cache(maxsize=256)(HeaderRegistry()))
"""Headers are parsed at each access, and many mails share the same headers, so parsing is cached."""

_ID = re.compile(r"<[^<>\s]+>")
_TAG = re.compile(r"<[^>]*>")


@dataclass(slots=True)
class Letter:
    """A parsed mail."""

    message_id: str
    subject: str
    sender: str
    text: str = field(repr=False)
    automatic: bool = False
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    date: str = ""
    files: list[tuple[str, bytes]] = field(default_factory=list, repr=False)
    raw: bytes = field(default=b"", repr=False)


def read(raw: bytes) -> Letter:
    """Parse a mail; a mail without Message-ID is identified by its digest."""
    mail = BytesParser(EmailMessage, policy=POLICY).parsebytes(raw)
    assert isinstance(mail, EmailMessage)
    match = _ID.search(_header(mail, "Message-ID"))
    return Letter(
        message_id=match[0] if match else f"<{sha256(raw).hexdigest()[:32]}@no-message-id.invalid>",
        subject=" ".join(_header(mail, "Subject").split()),
        sender=parseaddr(_header(mail, "From"))[1],
        text=_text(mail),
        automatic=_header(mail, "Auto-Submitted").strip().lower() not in {"", "no"},
        in_reply_to=tuple(_ID.findall(_header(mail, "In-Reply-To"))),
        references=tuple(_ID.findall(_header(mail, "References"))),
        date=_header(mail, "Date"),
        files=[_file(part) for part in _files(mail)],
        raw=raw,
    )


def _header(mail: EmailMessage, name: str) -> str:
    try:
        return str(mail.get(name, ""))
    except (MessageError, ValueError, LookupError, AttributeError, TypeError):
        return ""  # the standard library trips over some broken headers


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain", "html"))
    if body is None:
        return ""
    data = body.get_payload(decode=True)
    raw = data if isinstance(data, bytes) else b""
    try:
        text = raw.decode(body.get_content_charset("utf-8"), "replace")
    except LookupError:
        text = raw.decode("latin-1")
    text = text.replace("\r\n", "\n")
    return text if body.get_content_subtype() == "plain" else _TAG.sub("", text)


def _files(mail: EmailMessage) -> list[EmailMessage]:
    if not mail.is_multipart():
        return [mail] if mail.get_content_disposition() == "attachment" else []
    return [
        part
        for part in mail.walk()
        if isinstance(part, EmailMessage)
        and not part.is_multipart()
        and (part.get_content_disposition() == "attachment" or part.get_filename())
    ]


def _file(part: EmailMessage) -> tuple[str, bytes]:
    data = part.get_payload(decode=True)
    return part.get_filename() or "unnamed", data if isinstance(data, bytes) else b""
