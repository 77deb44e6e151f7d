"""Mail as the vendor's desk, its automation and other hosts write it. Pure."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, formataddr

from hub.simulators.email.options import Options, Seeds
from hub.simulators.email.phrases import PHRASES
from hub.simulators.email.reading import Letter

_POLICY = policy.SMTP.clone(max_line_length=78)


@dataclass(frozen=True, slots=True)
class MailDraft:
    """The content of a mail from the desk."""

    message_id: str
    subject: str
    at: float
    text: str = field(repr=False)
    lines: tuple[str, ...] = ()
    """Lines of the template below the text, such as `Status: Pending`."""
    answers: Letter | None = None
    """The mail that it answers and quotes."""
    files: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)
    automatic: str = ""
    """The value of Auto-Submitted for a machine's mail."""
    threaded: bool = True
    person: bool = False
    """Whether it is sent from the engineer's own address instead of the desk's."""
    headers: Mapping[str, str] = field(default_factory=dict)


def write(sheet: MailDraft, options: Options, seeds: Seeds) -> EmailMessage:
    """The mail for a draft, without the headers that mail hosts add."""
    mail = EmailMessage(policy=_POLICY)
    name, address = (
        (seeds.engineer_name, seeds.engineer_address) if sheet.person else (seeds.vendor_name, seeds.vendor_address)
    )
    mail["From"] = formataddr((name, address))
    mail["To"] = seeds.address
    mail["Subject"] = sheet.subject
    mail["Date"] = stamp(sheet.at)
    mail["Message-ID"] = sheet.message_id
    if sheet.answers is not None and sheet.threaded:
        mail["In-Reply-To"] = sheet.answers.message_id
        mail["References"] = " ".join((*sheet.answers.references, sheet.answers.message_id))
    if sheet.automatic:
        mail["Auto-Submitted"] = sheet.automatic
        mail["X-Auto-Response-Suppress"] = "All"
    for header, value in sheet.headers.items():
        mail[header] = value
    plain = _plain(sheet, options, seeds)
    # Only ASCII is sent: other characters are in quoted-printable or base64, as most hosts send them.
    mail.set_content(plain, cte="quoted-printable")
    if options.html and not sheet.automatic:
        mail.add_alternative(_html(sheet, options, seeds), subtype="html", cte="quoted-printable")
    for file, data in sheet.files:
        mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=file)
    return mail


def stamp(at: float) -> str:
    """A time as mail writes it."""
    return format_datetime(datetime.fromtimestamp(int(at), UTC))


def _signature(options: Options, seeds: Seeds) -> tuple[str, ...]:
    return (seeds.engineer_name, seeds.vendor_name) if options.signature else ()


def _plain(sheet: MailDraft, options: Options, seeds: Seeds) -> str:
    parts = [sheet.text] if sheet.text else []
    parts += ["\n".join(sheet.lines)] if sheet.lines else []
    if not sheet.automatic:
        signed = _signature(options, seeds)
        parts += ["-- \n" + "\n".join(signed)] if signed else []
        parts += [_quoted(sheet.answers, options, seeds)] if sheet.answers is not None else []
    return "\n\n".join(filter(None, parts)) + "\n"


def _quoted(answered: Letter, options: Options, seeds: Seeds) -> str:
    words = PHRASES[options.language]
    if options.quoting == "outlook":
        labels = zip(
            words.headers, (answered.sender, answered.date, seeds.vendor_address, answered.subject), strict=True
        )
        return "\n".join(
            (words.original, *(f"{label}: {value}" for label, value in labels), "", answered.text.rstrip())
        )
    if options.quoting == "attribution":
        lines = "\n".join(f"> {line}".rstrip() for line in answered.text.rstrip().splitlines())
        return words.wrote.format(when=answered.date, who=answered.sender) + "\n" + lines
    return ""


def _html(sheet: MailDraft, options: Options, seeds: Seeds) -> str:
    blocks = [f"<div>{_lines(sheet.text)}</div>" if sheet.text else ""]
    blocks += [f"<p>{_lines(chr(10).join(sheet.lines))}</p>"] if sheet.lines else []
    signed = _signature(options, seeds)
    blocks += [f'<div class="signature">{_lines(chr(10).join(signed))}</div>'] if signed else []
    if sheet.answers is not None and options.quoting != "none":
        blocks.append(f"<blockquote>{_lines(sheet.answers.text.rstrip())}</blockquote>")
    return f"<html><body>{''.join(blocks)}</body></html>\n"


def _lines(text: str) -> str:
    return html.escape(text, quote=False).replace("\n", "<br>\n")


def received(raw: bytes, at: float, results: Iterable[str], seeds: Seeds, sender: str) -> bytes:
    """A mail as stored in our mailbox, with the results of our host's checks on top."""
    checks = "; ".join(results)
    head = f"Return-Path: <{sender}>\r\n"
    head += f"Authentication-Results: {seeds.hostname};\r\n {checks}\r\n" if checks else ""
    head += f"Received: from mail.vendor.example by {seeds.hostname} with ESMTPS;\r\n {stamp(at)}\r\n"
    return head.encode() + raw


def report(sheet: MailDraft, lost: Letter, seeds: Seeds, *, action: str, status: str, reason: str) -> EmailMessage:
    """A report of delivery (RFC 3464) about a mail of ours: `action` is failed or delayed."""
    bound, host = "=report=of=delivery=", seeds.hostname
    machine = "\r\n".join(
        (
            f"Reporting-MTA: dns; {host}",
            "",
            f"Final-Recipient: rfc822; {seeds.vendor_address}",
            f"Action: {action}",
            f"Status: {status}",
            f"Diagnostic-Code: smtp; {reason}",
            "",
        )
    )
    parts = (
        ("text/plain; charset=utf-8", sheet.text),
        ("message/delivery-status", machine),
        ("text/rfc822-headers", lost.raw.partition(b"\r\n\r\n")[0].decode("ascii", "replace")),
    )
    head = (
        f"From: Mail Delivery System <MAILER-DAEMON@{host}>",
        f"To: {seeds.address}",
        f"Subject: {sheet.subject}",
        f"Date: {stamp(sheet.at)}",
        f"Message-ID: {sheet.message_id}",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type=delivery-status; boundary="{bound}"',
    )
    body = "".join(f"--{bound}\r\nContent-Type: {kind}\r\n\r\n{text}\r\n" for kind, text in parts)
    raw = "\r\n".join(head) + f"\r\n\r\n{body}--{bound}--\r\n"
    made = message_from_bytes(raw.encode(), EmailMessage, policy=_POLICY)
    assert isinstance(made, EmailMessage)
    return made
