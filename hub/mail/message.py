"""Composes outgoing mails from plain values; no value can start another header. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from hub.errors import FieldRefused

POLICY = SMTP.clone(cte_type="7bit")
"""Lines end with CR LF, and mails are ASCII only: every server on the way accepts them."""


def compose(
    *,
    sender: str,
    to: str,
    subject: str,
    message_id: str,
    body: str,
    name: str = "",
    references: str = "",
    headers: Mapping[str, str] | None = None,
    file: tuple[str, str, bytes] | None = None,
) -> EmailMessage:
    """A mail without a Date header; `file` is (name, media type, content). Equal values give equal bytes.

    Raises FieldRefused for a value that would break out of its header.
    """
    message = EmailMessage(policy=POLICY)
    values = {
        "From": Address(name, addr_spec=sender),
        "To": to,
        "Subject": subject,
        "Message-ID": message_id,
        **({"In-Reply-To": references.rsplit(maxsplit=1)[-1], "References": references} if references else {}),
        **(headers or {}),
    }
    for header, value in values.items():
        try:
            message[header] = value
        except ValueError:
            raise FieldRefused(
                f"{header} contains a line break or a character that is not allowed in a header", field=header.lower()
            ) from None
    message.set_content(body)
    if file is not None:
        file_name, media_type, content = file
        kind, _, subtype = media_type.partition("/")
        if not subtype or kind in {"message", "multipart"}:
            kind, subtype = "application", "octet-stream"
        message.add_attachment(content, maintype=kind, subtype=subtype, filename=file_name)
        # From the Message-ID, so that a preview shows the bytes that will be sent; base 64 never contains "=_".
        message.set_boundary("=_" + hashlib.sha256(message_id.encode()).hexdigest()[:40])
    return message
