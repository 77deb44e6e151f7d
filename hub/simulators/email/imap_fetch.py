"""The data that FETCH returns for a mail (RFC 3501, section 7.4.2). Pure, except that reading a body sets \\Seen."""

from __future__ import annotations

import re
from collections.abc import Container
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import getaddresses
from typing import NamedTuple

from hub.simulators.email.imap_search import parsed
from hub.simulators.email.imap_words import Malformed, Word, name, quoted
from hub.simulators.email.mailbox import Mail

_MACROS = {
    "ALL": ("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"),
    "FAST": ("FLAGS", "INTERNALDATE", "RFC822.SIZE"),
    "FULL": ("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"),
}
_PLAIN = {"FLAGS", "UID", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "RFC822", "RFC822.HEADER", "RFC822.TEXT"}
_BODY = re.compile(
    r"BODY(?P<peek>\.PEEK)?\[(?P<section>|HEADER|TEXT|HEADER\.FIELDS(?:\.NOT)? \([^)]*\)|[\d.]+(?:\.MIME)?)\]"
    r"(?:<(?P<first>\d+)\.(?P<most>\d+)>)?"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class FetchItem(NamedTuple):
    """One requested item: its name, and for a part of the body its section and range."""

    name: str
    section: str = ""
    peek: bool = True
    first: int | None = None
    most: int = 0

    @property
    def is_body(self) -> bool:
        """Whether it returns text, in a literal."""
        return self.name in {"BODY", "RFC822", "RFC822.HEADER", "RFC822.TEXT"}


def items(asked: Word) -> list[FetchItem]:
    """The items that a FETCH requests; raises Malformed."""
    given = asked if isinstance(asked, list) else [asked]
    if len(given) == 1 and (macro := _MACROS.get(name(given[0]))) is not None:
        return [FetchItem(item) for item in macro]
    return [_item(name(word)) for word in given]


def _item(text: str) -> FetchItem:
    if text in _PLAIN:
        return FetchItem(text, peek=text not in {"RFC822", "RFC822.TEXT"})
    match = _BODY.fullmatch(text)
    if match is None:
        raise Malformed(f"can't fetch {text[:30]}")
    first = match["first"]
    return FetchItem(
        "BODY", match["section"], bool(match["peek"]), None if first is None else int(first), int(match["most"] or 0)
    )


def fetched(at: int, mail: Mail, wanted: list[FetchItem], odd: Container[str] = ()) -> bytes:
    """The line for one mail, with its literals; `odd` are the faults that change it."""
    if any(not item.peek for item in wanted):
        mail.flags.add("\\Seen")
    parts = [_fetched_item(mail, item, odd) for item in wanted if not (item.is_body and "body_missing" in odd)]
    return b"* %d FETCH (" % at + b" ".join(parts) + b")\r\n"


def flags(mail: Mail) -> bytes:
    """A mail's flags as a list."""
    return b"(" + " ".join(sorted(mail.flags)).encode() + b")"


def _fetched_item(mail: Mail, item: FetchItem, odd: Container[str]) -> bytes:
    match item.name:
        case "FLAGS":
            return b"FLAGS " + flags(mail)
        case "UID":
            return b"UID %d" % mail.uid
        case "INTERNALDATE":
            return b'INTERNALDATE "' + internal_date(mail.at).encode() + b'"'
        case "RFC822.SIZE":
            return b"RFC822.SIZE %d" % (len(mail.raw) // 2 if "size_wrong" in odd else len(mail.raw))
        case "ENVELOPE":
            return b"ENVELOPE " + _envelope(parsed(mail))
        case "RFC822.HEADER":
            return b"RFC822.HEADER " + _literal(_section(mail, "HEADER"), odd)
        case "RFC822.TEXT":
            return b"RFC822.TEXT " + _literal(_section(mail, "TEXT"), odd)
        case "RFC822":
            return b"RFC822 " + _literal(mail.raw, odd)
    data = _section(mail, item.section)
    label = f"BODY[{item.section}]"
    if item.first is not None:
        data, label = data[item.first : item.first + item.most], f"{label}<{item.first}>"
    return label.encode() + b" " + _literal(data, odd)


def _literal(data: bytes, odd: Container[str]) -> bytes:
    return b"{%d}\r\n" % (len(data) + (64 if "short_literal" in odd else 0)) + data


def _section(mail: Mail, section: str) -> bytes:
    head, gap, text = mail.raw.partition(b"\r\n\r\n")
    if section == "":
        return mail.raw
    if section == "HEADER":
        return head + gap
    if section == "TEXT":
        return text
    if section.startswith("HEADER.FIELDS"):
        wanted = set(section.partition("(")[2].rstrip(")").upper().split())
        fields = re.split(rb"\r\n(?![ \t])", head)
        leave_out = ".NOT " in section
        chosen = [
            line
            for line in fields
            if (line.partition(b":")[0].decode("latin-1").strip().upper() in wanted) is not leave_out
        ]
        return b"".join(line + b"\r\n" for line in chosen) + b"\r\n"
    return _part(parsed(mail), section)


def _part(whole: EmailMessage, section: str) -> bytes:
    part: EmailMessage = whole
    for number in section.removesuffix(".MIME").split("."):
        inner = list(part.iter_parts()) if part.is_multipart() else [part]
        if not number.isdigit() or not 0 < int(number) <= len(inner):
            return b""
        child = inner[int(number) - 1]
        assert isinstance(child, EmailMessage)
        part = child
    head, _, text = part.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n").partition(b"\r\n\r\n")
    return head + b"\r\n\r\n" if section.endswith(".MIME") else text


def internal_date(at: float) -> str:
    """A time as IMAP writes it."""
    moment = datetime.fromtimestamp(int(at), UTC)
    return f"{moment.day:02d}-{_MONTHS[moment.month - 1]}-{moment:%Y %H:%M:%S} +0000"


def _envelope(mail: EmailMessage) -> bytes:
    sender = _people(mail, "From")
    fields = [
        _text(mail, "Date"),
        _text(mail, "Subject"),
        sender,
        _people(mail, "Sender", sender),
        _people(mail, "Reply-To", sender),
        _people(mail, "To"),
        _people(mail, "Cc"),
        _people(mail, "Bcc"),
        _text(mail, "In-Reply-To"),
        _text(mail, "Message-ID"),
    ]
    return b"(" + b" ".join(fields) + b")"


def _text(mail: EmailMessage, header: str) -> bytes:
    value = next((content for label, content in mail.raw_items() if label.lower() == header.lower()), None)
    return b"NIL" if value is None else quoted(" ".join(str(value).split()))


def _people(mail: EmailMessage, header: str, otherwise: bytes = b"NIL") -> bytes:
    addresses = getaddresses([str(value) for value in mail.get_all(header, [])])
    people = []
    for person, address in addresses:
        local, _, domain = address.partition("@")
        people.append(b"(%s NIL %s %s)" % (quoted(person) if person else b"NIL", quoted(local), quoted(domain)))
    return b"(" + b"".join(people) + b")" if people else otherwise
