"""Parses received mails: sender, references, text and attachments. Pure."""

from __future__ import annotations

import email
import hashlib
import re
from contextlib import suppress
from datetime import datetime
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage, Message
from email.policy import default
from email.utils import getaddresses
from functools import lru_cache
from typing import NamedTuple

from hub.mail import RawMail
from hub.markup.html import html_to_text
from hub.model import Attachment
from hub.platforms import texts
from hub.platforms.email.automatic import SENDER_HEADERS, is_notice
from hub.platforms.email.body import own_text, readable

# a header is parsed again at each access, which takes half of the time of a mail
_POLICY = default.clone(header_factory=lru_cache(maxsize=256)(HeaderRegistry()))
_FAILED = re.compile(r"(?mi)^Action:\s*(\w+)")
_STATUS = re.compile(r"(?mi)^Status:\s*([245]\.\d{1,3}\.\d{1,3})")
_ID = re.compile(r"<[^<>\s\"\\]{1,250}>")
_NOTICE_BYTES = 300_000  # bytes of a notice that are searched for our Message-IDs


class ReceivedMail(NamedTuple):
    """The parts of a mail."""

    uid: int
    received: datetime
    message_id: str  # or a fingerprint of the mail if it has none
    headers: dict[str, str]  # names in lower case; the first header of each name
    results: tuple[str, ...]  # Authentication-Results, topmost first
    media_type: str
    sender: str  # one address; empty if there is none or several
    author: str  # the name that people see
    references: str
    subject: str
    text: str  # without history and signature
    whole: str  # with history and signature
    attachments: tuple[Attachment, ...]
    notice: str = ""  # failed, delayed and so on, from a mail system
    detail: str = ""  # the code of a notice, such as 5.1.1
    about: str = ""  # text in which a notice names the mail it is about


def parse(raw: RawMail) -> ReceivedMail:
    """The parsed mail. Malformed parts are skipped; only a mail that can't be parsed at all raises."""
    message = email.message_from_bytes(raw.content, policy=_POLICY)
    assert isinstance(message, EmailMessage)
    headers: dict[str, str] = {}
    for name in {name.lower() for name, _ in message.raw_items()}:
        headers[name] = readable(_header(message, name))
    match = _ID.search(headers.get("message-id", ""))
    message_id = match[0] if match else hashlib.sha256(raw.content).hexdigest()[:32]
    people = [(name, address) for name, address in getaddresses([headers.get("from", "")]) if address]
    name, sender = people[0] if len(people) == 1 else ("", "")
    whole = readable(_text(message))
    media_type = message.get_content_type()
    notice, detail, about = _notice(message, raw.content) if is_notice(headers, media_type) else ("", "", "")
    return ReceivedMail(
        uid=raw.uid,
        received=raw.received,
        message_id=message_id,
        headers=headers,
        results=tuple(str(value) for value in message.get_all("Authentication-Results", [])),
        media_type=media_type,
        sender=sender.lower(),
        author=name or sender,
        references=f"{headers.get('references', '')} {headers.get('in-reply-to', '')}",
        subject=" ".join(headers.get("subject", "").split()),
        text=own_text(whole),
        whole=whole,
        attachments=tuple(_attachments(message, message_id)),
        notice=notice,
        detail=detail,
        about=about,
    )


def sender_headers(mail: ReceivedMail) -> dict[str, str]:
    """The headers that may show who wrote a mail."""
    return {name: mail.headers[name][:500] for name in SENDER_HEADERS if name in mail.headers}


def attachment_content(raw: bytes, part: int) -> bytes | None:
    """The bytes of an attachment by its place in `ReceivedMail.attachments`; None if there is no such attachment."""
    message = email.message_from_bytes(raw, policy=_POLICY)
    for number, attachment in enumerate(_attached(message)):
        if number == part:
            return _bytes(attachment)
    return None


def _header(message: EmailMessage, name: str) -> str:
    with suppress(Exception):  # the standard library's header parser fails on some headers
        return str(message.get(name, ""))
    return ""


def _text(message: EmailMessage) -> str:
    part = message.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    text = _decoded(part)
    return html_to_text(text) if part.get_content_subtype() == "html" else text


def _decoded(part: Message) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    charset = part.get_content_charset() or "utf-8"
    try:
        return content.decode(charset, "replace")
    except LookupError:
        return content.decode("utf-8", "replace")


def _attached(message: Message) -> list[Message]:
    """The parts that are files, in order; a mail inside a mail is one file."""
    body = message.get_body(preferencelist=("plain", "html")) if isinstance(message, EmailMessage) else None
    found: list[Message] = []
    waiting = [message]
    while waiting:
        part = waiting.pop(0)
        if part.get_content_type() == "message/rfc822":
            found.append(part)
        elif part.is_multipart():
            inner = part.get_payload()
            parts = inner if isinstance(inner, list) else []
            waiting[:0] = [inner_part for inner_part in parts if isinstance(inner_part, Message)]
        elif part is not body and (part.get_content_maintype() != "text" or _is_file(part)):
            found.append(part)
    return found


def _is_file(part: Message) -> bool:
    return bool(part.get_filename()) or part.get_content_disposition() == "attachment"


def _attachments(message: EmailMessage, message_id: str) -> list[Attachment]:
    if message.get_content_type() == "multipart/report":
        return []
    return [
        Attachment(
            name=texts.file_name(part.get_filename() or _default_name(part, number)),
            size=len(_bytes(part)),
            media_type=part.get_content_type(),
            reference=f"{message_id}#{number}",
            public=True,
        )
        for number, part in enumerate(_attached(message))
    ]


def _default_name(part: Message, number: int) -> str:
    return f"mail-{number}.eml" if part.get_content_type() == "message/rfc822" else f"part-{number}"


def _bytes(part: Message) -> bytes:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        message = inner[0] if isinstance(inner, list) and inner else None
        return message.as_bytes() if isinstance(message, Message) else b""
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _notice(message: EmailMessage, raw: bytes) -> tuple[str, str, str]:
    """A notice's action, its code, and the text in which it names the mail."""
    report = raw[:_NOTICE_BYTES].decode("utf-8", "replace")
    action = _FAILED.search(report) if message.get_content_type() == "multipart/report" else None
    status = _STATUS.search(report)
    return (action[1].lower() if action else "failed"), (status[1] if status else ""), report
